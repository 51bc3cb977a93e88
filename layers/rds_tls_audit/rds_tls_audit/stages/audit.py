"""Audit: the whole pipeline in one invocation, for named databases or all; on demand."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from rds_tls_audit.checks.acceptance import apply_acceptance
from rds_tls_audit.checks.evaluation import evaluate_database
from rds_tls_audit.checks.verdict import Status
from rds_tls_audit.codec import encode
from rds_tls_audit.findings.asff import timestamp
from rds_tls_audit.findings.inventory import resources_by_id
from rds_tls_audit.fleet.arn import Arn
from rds_tls_audit.fleet.configuration import Target
from rds_tls_audit.fleet.scope import Scope
from rds_tls_audit.pipeline.manifest import divide_into_batches
from rds_tls_audit.pipeline.messages import ProbedTarget, ProbeResult, ReportRequest
from rds_tls_audit.pipeline.requests import MAX_DATABASES, AuditRequest, InvalidEventError
from rds_tls_audit.pipeline.run import Run, RunKind
from rds_tls_audit.ports.rds import Rds
from rds_tls_audit.ports.run_store import ManifestStore
from rds_tls_audit.results.batch_result import BatchResult, DatabaseResult
from rds_tls_audit.settings import Settings
from rds_tls_audit.stages import probe, publish, report
from rds_tls_audit.stages.publish import PublishPorts
from rds_tls_audit.stages.report import ReportPorts
from rds_tls_audit.stages.steps.find_targets import DiscoveredTargets, find_targets
from rds_tls_audit.stages.steps.probe_database import ProbePorts


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishingPorts:
    """What it takes to publish as well."""

    manifests: ManifestStore
    publish: PublishPorts
    report: ReportPorts


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditPorts:
    """What audit reaches."""

    rds: Rds
    probe: ProbePorts
    publishing: PublishingPorts | None
    """None: nothing is published, and no store is needed."""


def audit_databases(
    this_run: Run, request: AuditRequest, settings: Settings, ports: AuditPorts
) -> dict[str, Any]:
    """Audit, and answer as the contract says.

    Raises:
        InvalidEventError: too many databases, or `connect_to` for one that is not audited.
    """
    scope = Scope() if request.databases else settings.scope
    discovery = find_targets(request.databases, ports.rds, scope)
    targets = _dialled(discovery.targets, request)
    witnessed = probe.probe_databases(this_run, targets, settings, ports.probe)
    if ports.publishing is None:
        results = [_judged(this_run, seen, settings) for seen in witnessed]
        return _response(results, this_run, published=None)
    batch_results = _publish(this_run, discovery, witnessed, settings, ports.publishing)
    by_arn = {result.arn: result for batch in batch_results for result in batch.databases}
    return _response(
        [by_arn[target.database.arn] for target in targets],
        this_run,
        published={
            "imported": sum(batch.imported for batch in batch_results),
            "rejected": [encode(it) for batch in batch_results for it in batch.rejected],
        },
    )


def _dialled(targets: Sequence[Target], request: AuditRequest) -> tuple[Target, ...]:
    if len(targets) > MAX_DATABASES:
        raise InvalidEventError(
            f"{len(targets)} databases: audit takes at most {MAX_DATABASES}; name some of them, or "
            "start the pipeline"
        )
    if strange := sorted(request.connect_to.keys() - {it.database.id for it in targets}):
        raise InvalidEventError(
            f"connect_to names databases that are not audited: {', '.join(strange)}"
        )
    return tuple(
        replace(target, dial=request.connect_to.get(target.database.id)) for target in targets
    )


def _judged(this_run: Run, seen: ProbedTarget, settings: Settings) -> DatabaseResult:
    # Without a state nobody knows since when a risk is accepted: since now.
    evaluations = [
        apply_acceptance(it, seen.target.database, observed_at=this_run.observed_at, since=None)
        for it in evaluate_database(seen, this_run, settings)
    ]
    return DatabaseResult.of(this_run, seen, evaluations)


def _publish(
    this_run: Run,
    discovery: DiscoveredTargets,
    witnessed: Sequence[ProbedTarget],
    settings: Settings,
    ports: PublishingPorts,
) -> list[BatchResult]:
    by_arn = {seen.target.database.arn: seen for seen in witnessed}
    divided = divide_into_batches(
        (seen.target for seen in witnessed),
        run_id=this_run.id,
        probe_function=settings.probe_function,
    )
    # Sample runs read it: they have no tunnel.
    undialled = [replace(it, targets=tuple(map(_undialled, it.targets))) for it in divided]
    ports.manifests.write_manifest(this_run, undialled)
    if this_run.kind is RunKind.FULL:
        ports.manifests.write_left_out(this_run, sorted(resources_by_id(discovery.left_out)))
    results = [
        publish.publish_batch(
            ProbeResult(
                run=this_run,
                batch=batch.batch,
                witnessed=tuple(by_arn[target.database.arn] for target in batch.targets),
            ),
            settings,
            ports.publish,
        )
        for batch in divided
    ]
    order = ReportRequest(
        run_id=this_run.id,
        kind=this_run.kind,
        databases=len(witnessed),
        complete=discovery.complete,
        left_out=len(discovery.left_out),
    )
    report.close_run(this_run, order, settings, ports.report)
    return results


def _undialled(target: Target) -> Target:
    return replace(target, dial=None)


def _response(
    results: Sequence[DatabaseResult], this_run: Run, *, published: dict[str, Any] | None
) -> dict[str, Any]:
    place = Arn.parse(results[0].arn) if results else None
    counts = Counter(verdict.status for result in results for verdict in result.verdicts)
    return {
        "account": place and place.account,
        "region": place and place.region,
        "observed_at": timestamp(this_run.observed_at),
        "databases": [_answer(result) for result in results],
        "totals": {status.value: counts[status] for status in Status},
        "published": published,
    }


def _answer(result: DatabaseResult) -> dict[str, Any]:
    return {
        "id": result.id,
        "arn": result.arn,
        "engine": result.engine,
        "engine_version": result.engine_version,
        "cluster": result.cluster,
        "verdicts": [
            {
                "check": verdict.check,
                "status": verdict.status.value,
                "severity": verdict.severity.value,
                "because": verdict.because,
            }
            for verdict in result.verdicts
        ],
    }
