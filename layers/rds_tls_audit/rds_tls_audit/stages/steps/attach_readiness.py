"""Carry answers: let the findings that ask for forcing TLS say whether that is safe.

Only the end of a full run may: it has just answered for these very databases.
"""

from collections.abc import Iterable, Mapping
from functools import partial

from rds_tls_audit.checks.check import Check
from rds_tls_audit.checks.registry import all_checks
from rds_tls_audit.checks.verdict import Status
from rds_tls_audit.codec import MalformedError
from rds_tls_audit.findings.context import context_for_check
from rds_tls_audit.findings.import_result import ImportResult
from rds_tls_audit.findings.readiness_note import attach_readiness
from rds_tls_audit.findings.resource import FindingResource, resource_for
from rds_tls_audit.findings.state import FindingState, StateKey
from rds_tls_audit.fleet.configuration import GroupKey, deciding_group
from rds_tls_audit.fleet.database import Database
from rds_tls_audit.pipeline.run import Run
from rds_tls_audit.ports.state_store import States
from rds_tls_audit.readiness.status import ReadinessSummary
from rds_tls_audit.results.batch_result import NamedVerdict
from rds_tls_audit.settings import Settings
from rds_tls_audit.stages.steps.deliver_findings import (
    DeliveryPorts,
    FindingUpdate,
    deliver_updates,
)
from rds_tls_audit.stages.steps.report_full_run import FullRun


def attach_readiness_to_findings(
    this_run: Run,
    whole: FullRun,
    answers: Mapping[GroupKey, ReadinessSummary],
    settings: Settings,
    ports: DeliveryPorts,
) -> ImportResult:
    """Send the failures anew whose answer is another than they say."""
    verdicts = {
        (result.arn, verdict.check): verdict
        for result in whole.results
        for verdict in result.verdicts
    }
    asking = [it for target in whole.targets for it in _asking(target.database, answers)]
    # The members of a cluster share the finding of a check that is per cluster: one that failed
    # speaks for it before one without a verdict.
    asking.sort(key=lambda it: not _is_failure(verdicts.get((it[0].arn, it[1].id))))
    updates: dict[StateKey, FindingUpdate] = {}
    for database, check, subject, answer in asking:
        key = (subject.resource_id or "", check.id)
        verdict = verdicts.get((database.arn, check.id))
        if key in updates or (verdict and verdict.status is Status.PASSED):
            continue
        failure = verdict if _is_failure(verdict) else None
        because, advice = (failure.because, failure.advice) if failure else (None, None)
        updates[key] = FindingUpdate.of(
            check,
            subject,
            _known(key, ports.states),
            partial(attach_readiness, run=this_run, answer=answer, because=because),
            context_for_check(check, advice or check.remedy, database, this_run, settings),
        )
    # What is not sent is not resolved either: a pass of before may fail by now.
    return deliver_updates([it for it in updates.values() if it.decision.send], settings, ports)


def _known(key: StateKey, states: States) -> FindingState | None:
    try:
        return states.read([key[0]]).get(key)
    except MalformedError:
        return None  # publish cannot read it either: its batch is told as lost


def _asking(
    database: Database, answers: Mapping[GroupKey, ReadinessSummary]
) -> Iterable[tuple[Database, Check, FindingResource, ReadinessSummary]]:
    group = deciding_group(database)
    answer = answers.get(group) if group is not None else None
    if answer is None:
        return
    for check in all_checks():
        subject = resource_for(check, database)
        if check.reports_readiness and subject.resource_id is not None:
            yield database, check, subject, answer


def _is_failure(verdict: NamedVerdict | None) -> bool:
    return verdict is not None and verdict.status is Status.FAILED
