"""Publish: judge the evidence of a batch and send what changed to Security Hub."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from rds_tls_audit.acceptance import accepted
from rds_tls_audit.change import Change
from rds_tls_audit.check import Check
from rds_tls_audit.database import Database
from rds_tls_audit.finding import Finding, finding, finding_id
from rds_tls_audit.finding_state import ChangeKind, FindingState
from rds_tls_audit.judgement import Judgement, judge
from rds_tls_audit.messages import Evidence, Witnessed
from rds_tls_audit.result import BatchResult, DatabaseResult, Rejection
from rds_tls_audit.run import Run
from rds_tls_audit.settings import Settings
from rds_tls_audit.subject import Subject, subject_of
from rds_tls_audit.transition import decide

type StateKey = tuple[str, str]
"""Resource id and check id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What Security Hub said to findings."""

    ids: frozenset[str] = frozenset()
    rejected: tuple[Rejection, ...] = ()


class Hub(Protocol):
    """Security Hub, as far as it is needed."""

    def import_findings(self, findings: Sequence[Finding]) -> Imported:
        """Send findings; a failure is an entry of `rejected`, never an exception."""


class States(Protocol):
    """What Security Hub was told last."""

    def read(self, resource_ids: Sequence[str]) -> Mapping[StateKey, FindingState | None]:
        """Read the states of these resources; None is one that a newer version of us wrote."""

    def write(self, key: StateKey, state: FindingState, previous: FindingState | None) -> None:
        """Store a state, unless somebody else has changed it since `previous` was read."""


class Results(Protocol):
    """Where results are kept."""

    def write_result(self, run: Run, result: BatchResult) -> None:
        """Write what became of a batch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishPorts:
    """What publish reaches."""

    hub: Hub
    states: States
    results: Results


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """One finding: what it is about, and what becomes of it."""

    database: Database
    subject: Subject
    check: Check
    previous: FindingState | None
    state: FindingState | None
    send: bool
    change: ChangeKind | None

    @property
    def key(self) -> StateKey:
        return (self.subject.resource_id or "", self.check.id)

    @property
    def id(self) -> str:
        return finding_id(self.check, self.database)


def run(evidence: Evidence, settings: Settings, ports: PublishPorts) -> BatchResult:
    """Judge, compare with what was told before, send what changed, remember what was taken."""
    this_run = evidence.run
    known = ports.states.read(_resource_ids(evidence))
    judged = [(seen, _judge(this_run, seen, known, settings)) for seen in evidence.witnessed]
    decided = _decide(this_run, judged, settings, known)
    imported = ports.hub.import_findings(
        [
            finding(told.database, told.check, told.state, owner=_owner(told.database, settings))
            for told in decided
            if told.send and told.state
        ]
    )
    taken = [told for told in decided if not told.send or told.id in imported.ids]
    for told in taken:
        if told.state:
            ports.states.write(told.key, told.state, told.previous)
    result = BatchResult(
        batch=evidence.batch,
        part=evidence.part,
        databases=tuple(
            DatabaseResult.of(this_run, seen, judgements) for seen, judgements in judged
        ),
        changes=tuple(
            Change(
                kind=told.change,
                check=told.check.id,
                database=told.subject.id,
                status=told.state.status,
                because=told.state.because,
                owner=_owner(told.database, settings),
            )
            for told in taken
            if told.change and told.state
        ),
        imported=len(imported.ids),
        rejected=imported.rejected,
    )
    ports.results.write_result(this_run, result)
    return result


def _resource_ids(evidence: Evidence) -> list[str]:
    databases = [seen.target.database for seen in evidence.witnessed]
    clusters = [it.cluster.resource_id for it in databases if it.cluster is not None]
    return sorted({*(it.resource_id for it in databases), *filter(None, clusters)})


def _judge(
    this_run: Run,
    seen: Witnessed,
    known: Mapping[StateKey, FindingState | None],
    settings: Settings,
) -> tuple[Judgement, ...]:
    database = seen.target.database

    def since(check: Check) -> datetime | None:
        state = known.get((subject_of(check, database).resource_id or "", check.id))
        return state.accepted_at if state else None

    return tuple(
        accepted(
            judgement,
            database,
            observed_at=this_run.observed_at,
            since=since(judgement.check),
        )
        for judgement in judge(seen, this_run, settings)
    )


def _decide(
    this_run: Run,
    judged: Sequence[tuple[Witnessed, Sequence[Judgement]]],
    settings: Settings,
    known: Mapping[StateKey, FindingState | None],
) -> list[_Told]:
    # The members of a cluster share the finding of a check that is per cluster.
    subjects: dict[StateKey, tuple[Database, Subject, Judgement]] = {}
    for seen, judgements in judged:
        database = seen.target.database
        for judgement in judgements:
            subject = subject_of(judgement.check, database)
            if subject.resource_id is not None:
                key = (subject.resource_id, judgement.check.id)
                subjects.setdefault(key, (database, subject, judgement))
    decided = []
    for key, (database, subject, judgement) in subjects.items():
        previous = known.get(key)
        if key in known and previous is None:
            continue  # a newer version's to tell
        decision = decide(
            previous,
            judgement,
            this_run,
            settings,
            withheld=_why_withheld(judgement, subject, settings),
        )
        decided.append(
            _Told(
                database=database,
                subject=subject,
                check=judgement.check,
                previous=previous,
                state=decision.state,
                send=decision.send,
                change=decision.change,
            )
        )
    return decided


def _why_withheld(judgement: Judgement, subject: Subject, settings: Settings) -> str | None:
    check = judgement.check
    if check.id in settings.disabled_checks:
        return "the check is disabled (DISABLED_CHECKS)"
    if settings.defer_to_rds38 and check.told_by_rds38 and not subject.is_cluster:
        return "left to Security Hub's control RDS.38 (DEFER_TO_RDS38)"
    return judgement.accepted


def _owner(database: Database, settings: Settings) -> str | None:
    return database.tags.get(settings.owner_tag, "").strip() or None
