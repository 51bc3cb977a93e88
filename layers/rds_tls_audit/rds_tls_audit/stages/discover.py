"""Write the manifest of a run; only one full run at a time."""

import random
from dataclasses import dataclass
from typing import Any

from rds_tls_audit.findings.inventory import resources_by_id
from rds_tls_audit.fleet.scope import Scope
from rds_tls_audit.pipeline.manifest import divide_into_batches
from rds_tls_audit.pipeline.requests import DiscoverRequest
from rds_tls_audit.pipeline.run import Run, RunKind
from rds_tls_audit.ports.rds import Rds
from rds_tls_audit.ports.run_lock import Lock
from rds_tls_audit.ports.run_store import ManifestStore
from rds_tls_audit.settings import Settings
from rds_tls_audit.stages.steps.find_targets import DiscoveredTargets, find_targets


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscoverPorts:
    """Everything outside the process that discover uses."""

    rds: Rds
    manifests: ManifestStore
    lock: Lock | None
    """None if the state machine did not start this run: nothing would release the lock."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscoveryResult:
    """Where the manifest of a run is stored, and what it contains."""

    key: str
    """The S3 key of the manifest."""
    databases: int
    batches: int
    complete: bool
    """Whether this is a full run whose listing calls all succeeded."""
    left_out: int = 0
    """The number of databases that are out of scope."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """Another full run is in progress, so this one has nothing to do."""

    held_by: str
    """The id of the other run."""


def discover_databases(
    run: Run, request: DiscoverRequest, settings: Settings, ports: DiscoverPorts
) -> DiscoveryResult | Skipped:
    """Write the manifest of a run, unless another full run is in progress."""

    def discover() -> DiscoveryResult:
        found = _find_targets(run, request, settings, ports)
        return _write_manifest(run, found, settings, ports.manifests)

    if ports.lock is None or run.kind is not RunKind.FULL:
        return discover()
    if holder := ports.lock.acquire(run):
        return Skipped(held_by=holder)
    try:
        return discover()
    except BaseException:
        ports.lock.release(run.id)
        raise


def response(
    run: Run,
    found: DiscoveryResult | Skipped,
    request: DiscoverRequest,
    settings: Settings,
) -> dict[str, Any]:
    """Return the response of `discover`, with more fields for the state machine."""
    head = {"run_id": run.id, "kind": run.kind.value}
    if isinstance(found, Skipped):
        return head | {"skipped": True, "held_by": found.held_by}
    fields = head | {
        "bucket": settings.run_bucket,
        "key": found.key,
        "databases": found.databases,
        "batches": found.batches,
        "complete": found.complete,
    }
    if not request.in_execution:
        return fields
    return fields | {
        "left_out": found.left_out,
        "wait_seconds": _delay_seconds(run, settings) if request.spread else 0,
    }


def _delay_seconds(run: Run, settings: Settings) -> int:
    """Draw a random delay within the interval between two samples.

    A retried state draws the same delay, because the run id is the seed.
    """
    interval = settings.sample_minutes * 60
    return random.Random(run.id).randrange(interval) if interval else 0  # noqa: S311 - not a secret


def _find_targets(
    run: Run, request: DiscoverRequest, settings: Settings, ports: DiscoverPorts
) -> DiscoveredTargets:
    if run.kind is RunKind.SAMPLE:
        return _targets_to_sample(ports.manifests)
    # A person who names a database wants it audited, in scope or not. An event names any database.
    scope = Scope() if request.databases and not request.ignore_missing else settings.scope
    return find_targets(request.databases, ports.rds, scope, ignore_missing=request.ignore_missing)


def _write_manifest(
    run: Run, found: DiscoveredTargets, settings: Settings, manifests: ManifestStore
) -> DiscoveryResult:
    batches = divide_into_batches(
        found.targets, run_id=run.id, probe_function=settings.probe_function
    )
    if run.kind is RunKind.FULL:
        manifests.write_left_out(run, sorted(resources_by_id(found.left_out)))
    return DiscoveryResult(
        key=manifests.write_manifest(run, batches),
        databases=len(found.targets),
        batches=len(batches),
        complete=found.complete and run.kind is RunKind.FULL,
        left_out=len(found.left_out),
    )


def _targets_to_sample(manifests: ManifestStore) -> DiscoveredTargets:
    """Return the targets that the latest full run could log in to, without a call to RDS."""
    run_id = manifests.latest_full_run_id()
    if run_id is None:
        return DiscoveredTargets(targets=(), complete=False)
    logged_in = {
        database.arn
        for result in manifests.read_results(run_id)
        for database in result.databases
        if database.logged_in
    }
    batches = manifests.read_manifest(run_id) or ()
    targets = (target for batch in batches for target in batch.targets)
    return DiscoveredTargets(
        targets=tuple(target for target in targets if target.database.arn in logged_in),
        complete=False,
    )
