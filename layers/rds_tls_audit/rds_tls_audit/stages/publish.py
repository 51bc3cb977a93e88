"""Publish: judge the evidence of a batch and send what changed to Security Hub."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from rds_tls_audit.checks.acceptance import apply_acceptance
from rds_tls_audit.checks.check import Check
from rds_tls_audit.checks.evaluation import Evaluation, evaluate_database
from rds_tls_audit.findings.context import context_for_evaluation, owner_of
from rds_tls_audit.findings.resource import FindingResource, resource_for
from rds_tls_audit.findings.state import FindingState, StateKey
from rds_tls_audit.findings.transition import decide_update
from rds_tls_audit.pipeline.messages import ProbedTarget, ProbeResult
from rds_tls_audit.pipeline.run import Run
from rds_tls_audit.ports.run_store import ResultWriter
from rds_tls_audit.ports.security_hub import Hub
from rds_tls_audit.ports.state_store import ClientHistoryWriter, States
from rds_tls_audit.results.batch_result import BatchResult, DatabaseResult
from rds_tls_audit.settings import Settings
from rds_tls_audit.stages.steps.deliver_findings import FindingUpdate, deliver_updates
from rds_tls_audit.stages.steps.record_clients import record_clients


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishPorts:
    """What publish reaches."""

    hub: Hub
    states: States
    results: ResultWriter
    sightings: ClientHistoryWriter


def publish_batch(evidence: ProbeResult, settings: Settings, ports: PublishPorts) -> BatchResult:
    """Judge, compare with what was told before, send what changed, remember what was taken."""
    this_run = evidence.run
    known = ports.states.read(_resource_ids(evidence))
    judged = [(seen, _judge(this_run, seen, known, settings)) for seen in evidence.witnessed]
    updates = _decide(this_run, judged, settings, known)
    imported = deliver_updates(updates, settings, ports)
    not_remembered = _remember(evidence, ports.sightings)
    result = BatchResult(
        batch=evidence.batch,
        part=evidence.part,
        databases=tuple(
            DatabaseResult.of(
                this_run, seen, evaluations, owner=owner_of(seen.target.database, settings)
            )
            for seen, evaluations in judged
        ),
        imported=len(imported.ids),
        rejected=imported.rejected,
        hub_off=imported.hub_disabled,
        held_back=tuple(
            it.change
            for it in updates
            if imported.hub_disabled and it.change and it.id not in imported.ids
        ),
        not_remembered=not_remembered,
    )
    ports.results.write_result(this_run, result)
    return result


def _remember(evidence: ProbeResult, sightings: ClientHistoryWriter) -> str | None:
    """Remember who was seen; what fails keeps no verdict from the report, which tells it."""
    try:
        record_clients(evidence.run, evidence.witnessed, sightings)
    except Exception as error:  # noqa: BLE001 - whatever it is, report raises it at the end
        return f"{type(error).__name__}: {error}"
    return None


def _resource_ids(evidence: ProbeResult) -> list[str]:
    databases = [seen.target.database for seen in evidence.witnessed]
    clusters = [it.cluster.resource_id for it in databases if it.cluster is not None]
    return sorted({*(it.resource_id for it in databases), *filter(None, clusters)})


def _judge(
    this_run: Run,
    seen: ProbedTarget,
    known: Mapping[StateKey, FindingState | None],
    settings: Settings,
) -> tuple[Evaluation, ...]:
    database = seen.target.database

    def since(check: Check) -> datetime | None:
        state = known.get((resource_for(check, database).resource_id or "", check.id))
        return state.accepted_at if state else None

    return tuple(
        apply_acceptance(
            evaluation,
            database,
            observed_at=this_run.observed_at,
            since=since(evaluation.check),
        )
        for evaluation in evaluate_database(seen, this_run, settings)
    )


type _Judged = Sequence[tuple[ProbedTarget, Sequence[Evaluation]]]


def _decide(
    this_run: Run,
    judged: _Judged,
    settings: Settings,
    known: Mapping[StateKey, FindingState | None],
) -> list[FindingUpdate]:
    # The members of a cluster share the finding of a check that is per cluster.
    updates: dict[StateKey, FindingUpdate] = {}
    for seen, evaluations in judged:
        for evaluation in evaluations:
            subject = resource_for(evaluation.check, seen.target.database)
            key = (subject.resource_id or "", evaluation.check.id)
            previous = known.get(key)
            # Without an id there is no finding; and a newer version's is its own to tell.
            if subject.resource_id is None or key in updates or (key in known and not previous):
                continue
            withheld = _why_withheld(evaluation, subject, settings)
            updates[key] = FindingUpdate.of(
                evaluation.check,
                subject,
                previous,
                partial(
                    decide_update,
                    evaluation=evaluation,
                    run=this_run,
                    settings=settings,
                    withheld=withheld,
                ),
                context_for_evaluation(evaluation, seen.target.database, this_run, settings),
            )
    return list(updates.values())


def _why_withheld(
    evaluation: Evaluation, subject: FindingResource, settings: Settings
) -> str | None:
    check = evaluation.check
    if check.id in settings.disabled_checks:
        return "the check is disabled (DISABLED_CHECKS)"
    if settings.defer_to_rds38 and check.covered_by_rds38 and not subject.is_cluster:
        return "left to Security Hub's control RDS.38 (DEFER_TO_RDS38)"
    return evaluation.accepted
