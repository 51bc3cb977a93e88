"""How these tests discover: in memory, from a few databases."""

from collections.abc import Sequence

from rds_tls_audit.pipeline.requests import DiscoverRequest
from rds_tls_audit.pipeline.run import Run
from rds_tls_audit.settings import Settings
from rds_tls_audit.stages import discover
from rds_tls_audit.stages.discover import DiscoverPorts, DiscoveryResult
from tests.support.builders import cluster, database, settings
from tests.support.in_memory_stores import Lock, Rds, Runs

ORDERS = database("orders-prod")
BILLING = database("billing", parameter_group="pg14")
MEMBERS = [database(f"ledger-{number}", cluster=cluster()) for number in (1, 2)]


def ports(
    rds: Rds | None = None, *, runs: Runs | None = None, lock: Lock | None = None
) -> DiscoverPorts:
    """What discover reaches; nothing of it is there unless it is given."""
    return DiscoverPorts(rds=rds or Rds(), manifests=runs or Runs(), lock=lock)


def asking(this_run: Run, names: Sequence[str] = ()) -> DiscoverRequest:
    """What is asked for in such a run."""
    return DiscoverRequest(kind=this_run.kind, databases=tuple(names))


def probing(probe_function: str | None) -> Settings:
    """The settings of a stack with this probe."""
    return settings(**({"PROBE_FUNCTION": probe_function} if probe_function else {}))


def discovered(
    this_run: Run, names: Sequence[str], probe_function: str | None, to: DiscoverPorts
) -> DiscoveryResult:
    found = discover.discover_databases(
        this_run, asking(this_run, names), probing(probe_function), to
    )
    assert isinstance(found, DiscoveryResult)
    return found
