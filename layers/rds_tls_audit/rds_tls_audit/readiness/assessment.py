"""Whether it is safe to force TLS in a parameter group, and which clients must change first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from rds_tls_audit.evidence.redaction import ClientDetail
from rds_tls_audit.fleet.configuration import GroupKey
from rds_tls_audit.readiness.client_advice import ClientAdvice, advise_clients
from rds_tls_audit.readiness.database_history import DatabaseHistory
from rds_tls_audit.readiness.database_readiness import (
    DatabaseReadiness,
    not_yet_enforced,
    share_seen,
)
from rds_tls_audit.readiness.explanation import explain
from rds_tls_audit.readiness.logs_query import LogsQuery, build_logs_query
from rds_tls_audit.readiness.major_upgrade import describe_major_upgrade
from rds_tls_audit.readiness.out_of_scope_users import OutOfScopeUsers
from rds_tls_audit.readiness.rollout import RolloutPlan, plan_rollout
from rds_tls_audit.readiness.sampling.lookback import LookbackWindow
from rds_tls_audit.readiness.sampling.miss_probability import MissProbability, miss_probabilities
from rds_tls_audit.readiness.status import MOST_URGENT_FIRST, ReadinessStatus
from rds_tls_audit.readiness.truncated import Truncated

MAX_CLIENTS = 20
MAX_LIMITATIONS = 20
NO_OTHER_USERS = OutOfScopeUsers()


@dataclass(frozen=True, slots=True, kw_only=True)
class SamplingConfidence:
    """How likely the samples show every client."""

    share_seen: float | None
    """The share of the opened sessions that was observed; None if it is unknown."""
    miss_probabilities: tuple[MissProbability, ...]
    """For the database with the fewest samples."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadinessAssessment:
    """The readiness of one deciding parameter group: that of its least ready database."""

    group: GroupKey
    status: ReadinessStatus
    because: str
    """A lower-case clause with the numbers that explain the status."""
    limitations: Truncated[str]
    """The evidence that is missing, by database."""
    databases: Truncated[str]
    """The databases that the setting applies to; those out of scope are named by cluster."""
    clients: Truncated[ClientAdvice]
    """The clients that connected without TLS."""
    clients_not_retained: int
    """How many clients were not stored; see `retain_most_relevant`."""
    confidence: SamplingConfidence
    rollout: RolloutPlan
    major_upgrade: str | None
    """What a major version upgrade changes; None if it changes nothing."""
    logs_query: LogsQuery | None
    """None if no database is known to log connections."""


def assess_readiness(  # noqa: PLR0913 - all that an assessment depends on
    group: GroupKey,
    histories: Sequence[DatabaseHistory],
    *,
    now: datetime,
    samples_per_day: int,
    detail: ClientDetail,
    out_of_scope: OutOfScopeUsers = NO_OTHER_USERS,
) -> ReadinessAssessment:
    """Assess a parameter group from the histories of every database that it decides for.

    A default group can't be edited, so its other users are not affected.
    """
    if group.is_default:
        out_of_scope = out_of_scope.for_default_group()
    window = LookbackWindow.before(now, samples_per_day)
    databases = [DatabaseReadiness.of(history, window) for history in histories]
    status = _worst_status(databases, out_of_scope)
    limitations = (*out_of_scope.limitations, *_limitations(databases))
    return ReadinessAssessment(
        group=group,
        status=status,
        because=explain(status, group, databases, limitations, out_of_scope),
        limitations=Truncated.of(limitations, MAX_LIMITATIONS),
        databases=Truncated(
            shown=(*(database.id for database in databases), *out_of_scope.printable_names),
            more=out_of_scope.more,
        ),
        clients=Truncated.of(advise_clients(databases, detail), MAX_CLIENTS),
        clients_not_retained=sum(history.clients_not_retained for history in histories),
        confidence=_confidence(not_yet_enforced(databases), samples_per_day),
        rollout=plan_rollout(status, group, databases),
        major_upgrade=describe_major_upgrade(group, histories),
        logs_query=build_logs_query(histories),
    )


def _worst_status(
    databases: Sequence[DatabaseReadiness], out_of_scope: OutOfScopeUsers
) -> ReadinessStatus:
    statuses = [database.status for database in databases]
    if out_of_scope.limitations or not statuses:
        statuses.append(ReadinessStatus.NOT_KNOWN)
    return min(statuses, key=MOST_URGENT_FIRST.index)


def _limitations(databases: Sequence[DatabaseReadiness]) -> tuple[str, ...]:
    """List blocking limitations first; a database that already forces TLS has none."""
    found = [
        (not limitation.blocking, f"{database.id}: {limitation.text}")
        for database in databases
        if not database.enforced
        for limitation in database.limitations
    ]
    return tuple(text for _, text in sorted(found, key=lambda pair: pair[0]))


def _confidence(databases: Sequence[DatabaseReadiness], samples_per_day: int) -> SamplingConfidence:
    coverages = [database.coverage for database in databases]
    return SamplingConfidence(
        share_seen=share_seen(databases),
        miss_probabilities=miss_probabilities(
            days=min((coverage.days for coverage in coverages), default=0),
            collected=min((coverage.share_collected for coverage in coverages), default=0.0),
            samples_per_day=samples_per_day,
        ),
    )
