"""Run the whole pipeline in one invocation, on demand, for named databases or for all."""

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
from rds_tls_audit.pipeline.manifest import Batch, divide_into_batches
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
    """Everything outside the process that publishing needs."""

    manifests: ManifestStore
    publish: PublishPorts
    report: ReportPorts


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditPorts:
    """Everything outside the process that audit uses."""

    rds: Rds
    probe: ProbePorts
    publishing: PublishingPorts | None
    """None if nothing is to be published: then no store is needed."""


def audit_databases(
    run: Run, request: AuditRequest, settings: Settings, ports: AuditPorts
) -> dict[str, Any]:
    """Audit databases, and return the response of `audit`.

    Raises:
        InvalidEventError: There are too many databases, or `connect_to` names a database that is
            not audited.
    """
    scope = Scope() if request.databases else settings.scope
    discovery = find_targets(request.databases, ports.rds, scope)
    targets = _with_dial_addresses(discovery.targets, request)
    probed_targets = probe.probe_databases(run, targets, settings, ports.probe)
    if ports.publishing is None:
        results = [_evaluate(run, probed, settings) for probed in probed_targets]
        return _response(results, run, published=None)
    batch_results = _publish(run, discovery, probed_targets, settings, ports.publishing)
    by_arn = {result.arn: result for batch in batch_results for result in batch.databases}
    return _response(
        [by_arn[target.database.arn] for target in targets],
        run,
        published={
            "imported": sum(batch.imported for batch in batch_results),
            "rejected": [
                encode(rejection) for batch in batch_results for rejection in batch.rejected
            ],
        },
    )


def _with_dial_addresses(targets: Sequence[Target], request: AuditRequest) -> tuple[Target, ...]:
    if len(targets) > MAX_DATABASES:
        raise InvalidEventError(
            f"audit accepts at most {MAX_DATABASES} databases; found {len(targets)}. Name some of "
            "them in `databases`, or start an execution of the state machine."
        )
    if unknown := sorted(request.connect_to.keys() - {target.database.id for target in targets}):
        raise InvalidEventError(
            f"`connect_to` must name only audited databases; got {', '.join(unknown)}"
        )
    return tuple(
        replace(target, dial=request.connect_to.get(target.database.id)) for target in targets
    )


def _evaluate(run: Run, probed: ProbedTarget, settings: Settings) -> DatabaseResult:
    # Without stored state, the acceptance of a risk starts now.
    evaluations = [
        apply_acceptance(
            evaluation, probed.target.database, observed_at=run.observed_at, since=None
        )
        for evaluation in evaluate_database(probed, run, settings)
    ]
    return DatabaseResult.of(run, probed, evaluations)


def _publish(
    run: Run,
    discovery: DiscoveredTargets,
    probed_targets: Sequence[ProbedTarget],
    settings: Settings,
    ports: PublishingPorts,
) -> list[BatchResult]:
    by_arn = {probed.target.database.arn: probed for probed in probed_targets}
    batches = divide_into_batches(
        (probed.target for probed in probed_targets),
        run_id=run.id,
        probe_function=settings.probe_function,
    )
    # Sample runs read the manifest, and they have no tunnel.
    ports.manifests.write_manifest(run, [_without_dial_addresses(batch) for batch in batches])
    if run.kind is RunKind.FULL:
        ports.manifests.write_left_out(run, sorted(resources_by_id(discovery.left_out)))
    results = [
        publish.publish_batch(
            ProbeResult(
                run=run,
                batch=batch.batch,
                witnessed=tuple(by_arn[target.database.arn] for target in batch.targets),
            ),
            settings,
            ports.publish,
        )
        for batch in batches
    ]
    report_request = ReportRequest(
        run_id=run.id,
        kind=run.kind,
        databases=len(probed_targets),
        complete=discovery.complete,
        left_out=len(discovery.left_out),
    )
    report.close_run(run, report_request, settings, ports.report)
    return results


def _without_dial_addresses(batch: Batch) -> Batch:
    return replace(batch, targets=tuple(replace(target, dial=None) for target in batch.targets))


def _response(
    results: Sequence[DatabaseResult], run: Run, *, published: dict[str, Any] | None
) -> dict[str, Any]:
    location = Arn.parse(results[0].arn) if results else None
    counts = Counter(verdict.status for result in results for verdict in result.verdicts)
    return {
        "account": location and location.account,
        "region": location and location.region,
        "observed_at": timestamp(run.observed_at),
        "databases": [_database_response(result) for result in results],
        "totals": {status.value: counts[status] for status in Status},
        "published": published,
    }


def _database_response(result: DatabaseResult) -> dict[str, Any]:
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
