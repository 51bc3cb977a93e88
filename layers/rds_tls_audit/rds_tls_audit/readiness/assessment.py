"""Whether it is safe to force TLS in a parameter group, and who has to change first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from rds_tls_audit.evidence.redaction import ClientDetail
from rds_tls_audit.fleet.configuration import GroupKey
from rds_tls_audit.readiness.client_advice import ClientAdvice, advise_clients
from rds_tls_audit.readiness.database_history import DatabaseHistory
from rds_tls_audit.readiness.database_readiness import DatabaseReadiness, not_yet_enforced
from rds_tls_audit.readiness.explanation import explain, share_seen
from rds_tls_audit.readiness.logs_query import LogsQuery, build_logs_query
from rds_tls_audit.readiness.major_upgrade import describe_major_upgrade
from rds_tls_audit.readiness.out_of_scope_users import OutOfScopeUsers
from rds_tls_audit.readiness.rollout import rollback_instructions, rollout_steps
from rds_tls_audit.readiness.sampling.lookback import LookbackWindow
from rds_tls_audit.readiness.sampling.miss_probability import MissProbability, miss_probabilities
from rds_tls_audit.readiness.status import MOST_URGENT_FIRST, ReadinessStatus

MAX_ADVISED = 20
MAX_MISSING = 20
NO_OTHER_USERS = OutOfScopeUsers()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadinessAssessment:
    """The answer for one deciding parameter group; it is as good as its worst database."""

    group: GroupKey
    status: ReadinessStatus
    because: str
    """One sentence, with the numbers in it."""
    missing: tuple[str, ...]
    """What is missing for a better answer, by database."""
    missing_more: int
    databases: tuple[str, ...]
    """Every database that the setting would touch; of those out of scope, clusters as a whole."""
    databases_more: int
    """Out of scope, and not named."""
    clients: tuple[ClientAdvice, ...]
    """Clients seen in clear."""
    clients_more: int
    clients_not_retained: int
    """No worse than those that are: see `remembered`."""
    share_seen: float | None
    """Of the opened sessions, which part was seen; None where that is not known."""
    miss_probabilities: tuple[MissProbability, ...]
    """How likely a client was missed on the database that was sampled least."""
    how: tuple[str, ...]
    """How to turn it on, step by step."""
    rollback: str
    upgrade: str | None
    """What a major upgrade does of itself; None where it changes nothing."""
    logs: LogsQuery | None
    """How to ask the servers' logs; None where none is known to log connections."""


def assess_readiness(  # noqa: PLR0913 - all that an answer depends on
    group: GroupKey,
    histories: Sequence[DatabaseHistory],
    *,
    now: datetime,
    samples_per_day: int,
    detail: ClientDetail,
    outside: OutOfScopeUsers = NO_OTHER_USERS,
) -> ReadinessAssessment:
    """Answer for a parameter group from the histories of every database that it decides for.

    A default group is never changed, so whoever else is known to use it is not touched.
    """
    if group.is_default:
        outside = outside.of_default_group()
    window = LookbackWindow.before(now, samples_per_day)
    standings = [DatabaseReadiness.of(history, window) for history in histories]
    form = _worst_status(standings, outside)
    missing = (*outside.gaps, *_missing(standings))
    clients = advise_clients(standings, detail)
    coverages = [one.coverage for one in not_yet_enforced(standings)]
    return ReadinessAssessment(
        group=group,
        status=form,
        because=explain(form, group, standings, missing, outside),
        missing=missing[:MAX_MISSING],
        missing_more=max(len(missing) - MAX_MISSING, 0),
        databases=(*(one.id for one in standings), *outside.printable_names),
        databases_more=outside.more,
        clients=clients[:MAX_ADVISED],
        clients_more=max(len(clients) - MAX_ADVISED, 0),
        clients_not_retained=sum(history.overflow for history in histories),
        share_seen=share_seen(not_yet_enforced(standings)),
        miss_probabilities=miss_probabilities(
            days=min((one.days for one in coverages), default=0),
            taken=min((one.share_collected for one in coverages), default=0.0),
            samples_per_day=samples_per_day,
        ),
        how=rollout_steps(form, group, standings),
        rollback=rollback_instructions(group, standings),
        upgrade=describe_major_upgrade(group, histories),
        logs=build_logs_query(histories),
    )


def _worst_status(
    standings: Sequence[DatabaseReadiness], outside: OutOfScopeUsers
) -> ReadinessStatus:
    forms = [one.status for one in standings]
    if outside.gaps or not forms:
        forms.append(ReadinessStatus.NOT_KNOWN)
    return min(forms, key=MOST_URGENT_FIRST.index)


def _missing(standings: Sequence[DatabaseReadiness]) -> tuple[str, ...]:
    """What blocks the answer comes first; a database where it is forced already lacks nothing."""
    every = [
        (not lack.blocking, f"{one.id}: {lack.text}")
        for one in standings
        if not one.forced
        for lack in one.limitations
    ]
    return tuple(text for _, text in sorted(every, key=lambda pair: pair[0]))
