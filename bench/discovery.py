"""What discovery costs in an account ten times as large."""

from collections.abc import Iterator

from tests.integration.rds_api.cost import cost
from tests.integration.rds_api.rds_fleets import plain_fleet
from tests.integration.rds_api.rds_server import Fleet

_SPENT = {"cpu_seconds": "CPU", "seconds": "time", "peak_mib": "memory"}


def lines() -> Iterator[str]:
    """Measure, and give a line for each ratio."""
    nothing, thousand, more = (
        cost(fleet) for fleet in (Fleet(), plain_fleet(1_000, 20), plain_fleet(10_000, 100))
    )
    for name, what in _SPENT.items():
        ratio = (more[name] - nothing[name]) / (thousand[name] - nothing[name])
        yield (
            f"10,000 instances cost {ratio:.1f} times the {what} of 1,000, each beside an empty "
            f"account's ({nothing[name]:.2f}, {thousand[name]:.2f} and {more[name]:.2f})"
        )
