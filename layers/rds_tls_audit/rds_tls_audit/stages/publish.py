"""Evaluate the probe result of a batch, and send changed findings to Security Hub."""

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
from rds_tls_audit.ports.state_store import ClientHistoryWriter, FindingStates
from rds_tls_audit.results.batch_result import BatchResult, DatabaseResult
from rds_tls_audit.settings import Settings
from rds_tls_audit.stages.steps.deliver_findings import FindingUpdate, deliver_updates
from rds_tls_audit.stages.steps.record_clients import record_clients


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishPorts:
    """Everything outside the process that publish uses."""

    hub: Hub
    states: FindingStates
    results: ResultWriter
    client_history: ClientHistoryWriter


def publish_batch(
    probe_result: ProbeResult, settings: Settings, ports: PublishPorts
) -> BatchResult:
    """Evaluate the databases, send the findings that changed, and store the result.

    Publishing the same probe result again changes nothing.
    """
    run = probe_result.run
    known = ports.states.read(_resource_ids(probe_result))
    evaluated = [
        (probed, _evaluate(run, probed, known, settings)) for probed in probe_result.witnessed
    ]
    updates = _decide_updates(run, evaluated, settings, known)
    imported = deliver_updates(updates, settings, ports)
    not_remembered = _record_clients(probe_result, ports.client_history)
    result = BatchResult(
        batch=probe_result.batch,
        part=probe_result.part,
        databases=tuple(
            DatabaseResult.of(
                run, probed, evaluations, owner=owner_of(probed.target.database, settings)
            )
            for probed, evaluations in evaluated
        ),
        imported=len(imported.ids),
        rejected=imported.rejected,
        hub_off=imported.hub_disabled,
        held_back=tuple(
            update.change
            for update in updates
            if imported.hub_disabled and update.change and update.id not in imported.ids
        ),
        not_remembered=not_remembered,
    )
    ports.results.write_result(run, result)
    return result


def _record_clients(probe_result: ProbeResult, history: ClientHistoryWriter) -> str | None:
    """Store the observed clients; return the error instead of raising it.

    An error must not keep the verdicts from the report. The report stage fails with it at the end.
    """
    try:
        record_clients(probe_result.run, probe_result.witnessed, history)
    except Exception as error:  # noqa: BLE001 - the report stage raises it at the end
        return f"{type(error).__name__}: {error}"
    return None


def _resource_ids(probe_result: ProbeResult) -> list[str]:
    databases = [probed.target.database for probed in probe_result.witnessed]
    clusters = [database.cluster.resource_id for database in databases if database.cluster]
    return sorted({*(database.resource_id for database in databases), *filter(None, clusters)})


def _evaluate(
    run: Run,
    probed: ProbedTarget,
    known: Mapping[StateKey, FindingState | None],
    settings: Settings,
) -> tuple[Evaluation, ...]:
    database = probed.target.database

    def since(check: Check) -> datetime | None:
        state = known.get((resource_for(check, database).resource_id or "", check.id))
        return state.accepted_at if state else None

    return tuple(
        apply_acceptance(
            evaluation,
            database,
            observed_at=run.observed_at,
            since=since(evaluation.check),
        )
        for evaluation in evaluate_database(probed, run, settings)
    )


type _Evaluated = Sequence[tuple[ProbedTarget, Sequence[Evaluation]]]


def _decide_updates(
    run: Run,
    evaluated: _Evaluated,
    settings: Settings,
    known: Mapping[StateKey, FindingState | None],
) -> list[FindingUpdate]:
    # The members of a cluster share the findings of checks that are evaluated per cluster.
    updates: dict[StateKey, FindingUpdate] = {}
    for probed, evaluations in evaluated:
        database = probed.target.database
        for evaluation in evaluations:
            resource = resource_for(evaluation.check, database)
            key = (resource.resource_id or "", evaluation.check.id)
            previous = known.get(key)
            # A finding needs a resource id, and a newer version's state must not be changed.
            if resource.resource_id is None or key in updates or (key in known and not previous):
                continue
            withheld = _reason_withheld(evaluation, resource, settings)
            updates[key] = FindingUpdate.of(
                evaluation.check,
                resource,
                previous,
                partial(
                    decide_update,
                    evaluation=evaluation,
                    run=run,
                    settings=settings,
                    withheld=withheld,
                ),
                context_for_evaluation(evaluation, database, run, settings),
            )
    return list(updates.values())


def _reason_withheld(
    evaluation: Evaluation, resource: FindingResource, settings: Settings
) -> str | None:
    check = evaluation.check
    if check.id in settings.disabled_checks:
        return "the check is disabled (DISABLED_CHECKS)"
    if settings.defer_to_rds38 and check.covered_by_rds38 and not resource.is_cluster:
        return "the Security Hub control RDS.38 covers it (DEFER_TO_RDS38)"
    return evaluation.accepted
