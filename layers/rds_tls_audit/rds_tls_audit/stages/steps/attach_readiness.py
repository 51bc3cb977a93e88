"""Attach to failed findings whether it is safe to force TLS.

Only the end of a full run does: it has just assessed the readiness of these databases.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
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
from rds_tls_audit.fleet.configuration import GroupKey, Target, deciding_group
from rds_tls_audit.fleet.database import Database
from rds_tls_audit.pipeline.run import Run
from rds_tls_audit.ports.state_store import FindingStates
from rds_tls_audit.readiness.status import ReadinessSummary
from rds_tls_audit.results.batch_result import NamedVerdict
from rds_tls_audit.settings import Settings
from rds_tls_audit.stages.steps.deliver_findings import (
    DeliveryPorts,
    FindingUpdate,
    deliver_updates,
)
from rds_tls_audit.stages.steps.report_full_run import FullRun


@dataclass(frozen=True, slots=True, kw_only=True)
class _Candidate:
    """A finding that reports the readiness if it fails."""

    database: Database
    check: Check
    resource: FindingResource
    readiness: ReadinessSummary
    verdict: NamedVerdict | None
    """The verdict of this run; None if the database has no result."""

    @property
    def key(self) -> StateKey:
        """The key of its stored state."""
        return (self.resource.resource_id or "", self.check.id)

    @property
    def failure(self) -> NamedVerdict | None:
        """The verdict if it is FAILED."""
        return self.verdict if self.verdict and self.verdict.status is Status.FAILED else None

    @property
    def passes(self) -> bool:
        """Whether the check passes in this run."""
        return self.verdict is not None and self.verdict.status is Status.PASSED


def attach_readiness_to_findings(
    run: Run,
    full_run: FullRun,
    readiness: Mapping[GroupKey, ReadinessSummary],
    settings: Settings,
    ports: DeliveryPorts,
) -> ImportResult:
    """Send the failed findings whose readiness changed or is a week old."""
    updates: dict[StateKey, FindingUpdate] = {}
    for candidate in _candidates(full_run, readiness):
        if candidate.key not in updates and not candidate.passes:
            updates[candidate.key] = _update(candidate, run, settings, ports.states)
    # An update that is not sent is not resolved either: a pass of an earlier run may fail by now.
    to_send = [update for update in updates.values() if update.decision.send]
    return deliver_updates(to_send, settings, ports)


def _candidates(
    full_run: FullRun, readiness: Mapping[GroupKey, ReadinessSummary]
) -> list[_Candidate]:
    verdicts = {
        (result.arn, verdict.check): verdict
        for result in full_run.results
        for verdict in result.verdicts
    }
    candidates = [
        candidate
        for target in full_run.targets
        for candidate in _candidates_of(target, readiness, verdicts)
    ]
    # The members of a cluster share the finding of a check that is evaluated per cluster: a member
    # that failed is preferred to one without a verdict.
    return sorted(candidates, key=lambda candidate: candidate.failure is None)


def _candidates_of(
    target: Target,
    readiness: Mapping[GroupKey, ReadinessSummary],
    verdicts: Mapping[tuple[str, str], NamedVerdict],
) -> Iterable[_Candidate]:
    database = target.database
    group = deciding_group(database)
    summary = readiness.get(group) if group is not None else None
    if summary is None:
        return
    for check in all_checks():
        resource = resource_for(check, database)
        if check.reports_readiness and resource.resource_id is not None:
            yield _Candidate(
                database=database,
                check=check,
                resource=resource,
                readiness=summary,
                verdict=verdicts.get((database.arn, check.id)),
            )


def _update(
    candidate: _Candidate, run: Run, settings: Settings, states: FindingStates
) -> FindingUpdate:
    check, failure = candidate.check, candidate.failure
    remedy = (failure.advice if failure else None) or check.remedy
    because = failure.because if failure else None
    return FindingUpdate.of(
        check,
        candidate.resource,
        _read_state(candidate.key, states),
        partial(attach_readiness, run=run, readiness=candidate.readiness, because=because),
        context_for_check(check, remedy, candidate.database, run, settings),
    )


def _read_state(key: StateKey, states: FindingStates) -> FindingState | None:
    try:
        return states.read([key[0]]).get(key)
    except MalformedError:
        return None  # publish cannot read it either: its batch is reported as without a result
