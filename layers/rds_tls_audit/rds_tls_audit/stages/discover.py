"""Discover: write the manifest of a run, one full run at a time."""

import random
from dataclasses import dataclass
from typing import Any

from rds_tls_audit.findings.inventory import resources_by_id
from rds_tls_audit.fleet.scope import Scope
from rds_tls_audit.pipeline.manifest import divide_into_batches
from rds_tls_audit.pipeline.requests import DiscoverRequest
from rds_tls_audit.pipeline.run import Run, RunKind
from rds_tls_audit.ports.rds import Rds
from rds_tls_audit.ports.run_store import ManifestStore
from rds_tls_audit.ports.state_store import Lock
from rds_tls_audit.settings import Settings
from rds_tls_audit.stages.steps.find_targets import DiscoveredTargets, find_targets


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscoverPorts:
    """What discover reaches: RDS, the run bucket and the lock."""

    rds: Rds
    manifests: ManifestStore
    lock: Lock | None
    """None: this run is nobody's execution, so nobody would release it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscoveryResult:
    """Where the manifest of a run lies, and how much it holds."""

    key: str
    databases: int
    batches: int
    complete: bool
    left_out: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """Another full run is under way; this one has nothing to do."""

    held_by: str


def discover_databases(
    this_run: Run, request: DiscoverRequest, settings: Settings, ports: DiscoverPorts
) -> DiscoveryResult | Skipped:
    """Write the manifest of a run, but for a second full run at once."""

    def discover() -> DiscoveryResult:
        found = _find(this_run, request, settings, ports)
        return _write(this_run, found, settings, ports.manifests)

    if ports.lock is None or this_run.kind is not RunKind.FULL:
        return discover()
    if holder := ports.lock.take(this_run):
        return Skipped(held_by=holder)
    try:
        return discover()
    except BaseException:
        ports.lock.release(this_run.id)
        raise


def response(
    this_run: Run,
    found: DiscoveryResult | Skipped,
    request: DiscoverRequest,
    settings: Settings,
) -> dict[str, Any]:
    """Answer as the contract says; the state machine is told a little more."""
    run = {"run_id": this_run.id, "kind": this_run.kind.value}
    if isinstance(found, Skipped):
        return run | {"skipped": True, "held_by": found.held_by}
    told = run | {
        "bucket": settings.run_bucket,
        "key": found.key,
        "databases": found.databases,
        "batches": found.batches,
        "complete": found.complete,
    }
    if not request.in_execution:
        return told
    return told | {
        "left_out": found.left_out,
        "wait_seconds": _wait(this_run, settings) if request.spread else 0,
    }


def _wait(this_run: Run, settings: Settings) -> int:
    """Draw a moment of the interval between two samples; the same for a state that is retried."""
    interval = settings.sample_minutes * 60
    return random.Random(this_run.id).randrange(interval) if interval else 0  # noqa: S311 - no secret


def _find(
    this_run: Run, request: DiscoverRequest, settings: Settings, ports: DiscoverPorts
) -> DiscoveredTargets:
    if this_run.kind is RunKind.SAMPLE:
        return _sampled(ports.manifests)
    # Who names a database wants to know about it; an event names it by chance.
    scope = Scope() if request.databases and not request.ignore_missing else settings.scope
    return find_targets(request.databases, ports.rds, scope, ignore_missing=request.ignore_missing)


def _write(
    this_run: Run, found: DiscoveredTargets, settings: Settings, manifests: ManifestStore
) -> DiscoveryResult:
    divided = divide_into_batches(
        found.targets, run_id=this_run.id, probe_function=settings.probe_function
    )
    if this_run.kind is RunKind.FULL:
        manifests.write_left_out(this_run, sorted(resources_by_id(found.left_out)))
    return DiscoveryResult(
        key=manifests.write_manifest(this_run, divided),
        databases=len(found.targets),
        batches=len(divided),
        complete=found.complete and this_run.kind is RunKind.FULL,
        left_out=len(found.left_out),
    )


def _sampled(manifests: ManifestStore) -> DiscoveredTargets:
    """The databases that the last full run could log in to; costs no call to RDS."""
    last = manifests.latest_full_run_id()
    if last is None:
        return DiscoveredTargets(targets=(), complete=False)
    logged_in = {
        database.arn
        for result in manifests.read_results(last)
        for database in result.databases
        if database.logged_in
    }
    batches_then = manifests.read_manifest(last) or ()
    targets = (target for batch in batches_then for target in batch.targets)
    return DiscoveredTargets(
        targets=tuple(target for target in targets if target.database.arn in logged_in),
        complete=False,
    )
