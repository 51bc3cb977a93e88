"""The cost of discovery in an account that is ten times as large."""

from collections.abc import Iterator

from tests.integration.rds_api.cost import cost
from tests.integration.rds_api.rds_fleets import plain_fleet
from tests.integration.rds_api.rds_server import Fleet

_RESOURCES = {"cpu_seconds": "CPU", "seconds": "time", "peak_mib": "memory"}


def lines() -> Iterator[str]:
    """Measure, and return a line for each ratio."""
    empty, thousand, ten_thousand = (
        cost(fleet) for fleet in (Fleet(), plain_fleet(1_000, 20), plain_fleet(10_000, 100))
    )
    for name, what in _RESOURCES.items():
        ratio = (ten_thousand[name] - empty[name]) / (thousand[name] - empty[name])
        yield (
            f"10,000 instances take {ratio:.1f} times the {what} of 1,000, beyond that of an empty "
            f"account ({empty[name]:.2f}, {thousand[name]:.2f} and {ten_thousand[name]:.2f})"
        )
