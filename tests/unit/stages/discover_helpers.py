"""Discover a few databases with in-memory ports."""

from collections.abc import Sequence

from rds_tls_audit.pipeline.requests import DiscoverRequest
from rds_tls_audit.pipeline.run import Run
from rds_tls_audit.settings import Settings
from rds_tls_audit.stages import discover
from rds_tls_audit.stages.discover import DiscoverPorts, DiscoveryResult
from tests.support.builders import cluster, database, settings
from tests.support.in_memory_stores import Lock, Rds, RunStore

ORDERS = database("orders-prod")
BILLING = database("billing", parameter_group="pg14")
MEMBERS = [database(f"ledger-{number}", cluster=cluster()) for number in (1, 2)]


def ports(
    rds: Rds | None = None, *, runs: RunStore | None = None, lock: Lock | None = None
) -> DiscoverPorts:
    """Return the ports of discover; everything that is not given is empty."""
    return DiscoverPorts(rds=rds or Rds(), manifests=runs or RunStore(), lock=lock)


def request_for(run: Run, names: Sequence[str] = ()) -> DiscoverRequest:
    """Return the request that starts this run."""
    return DiscoverRequest(kind=run.kind, databases=tuple(names))


def settings_with(probe_function: str | None) -> Settings:
    """Return the settings of a stack with this probe function."""
    return settings(**({"PROBE_FUNCTION": probe_function} if probe_function else {}))


def discovered(
    run: Run, names: Sequence[str], probe_function: str | None, to: DiscoverPorts
) -> DiscoveryResult:
    found = discover.discover_databases(
        run, request_for(run, names), settings_with(probe_function), to
    )
    assert isinstance(found, DiscoveryResult)
    return found
