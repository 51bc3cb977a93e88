"""The clause that explains an assessment, with the numbers in it and without names of clients."""

from collections.abc import Sequence
from datetime import UTC

from rds_tls_audit.fleet.configuration import FORCE_SSL, GroupKey
from rds_tls_audit.readiness.database_readiness import (
    DatabaseReadiness,
    not_yet_enforced,
    share_seen,
)
from rds_tls_audit.readiness.out_of_scope_users import OutOfScopeUsers
from rds_tls_audit.readiness.rollout import group_name
from rds_tls_audit.readiness.sampling.lookback import WINDOW_DAYS
from rds_tls_audit.readiness.status import ReadinessStatus
from rds_tls_audit.text import pluralize, truncate

MAX_EXPLANATION = 700
MAX_NAMED = 3
"""How many databases are named, each with its most important limitation."""


def explain(
    status: ReadinessStatus,
    group: GroupKey,
    databases: Sequence[DatabaseReadiness],
    limitations: Sequence[str],
    out_of_scope: OutOfScopeUsers,
) -> str:
    """Explain why the assessment has this status."""
    if status is ReadinessStatus.ALREADY_FORCED:
        return truncate(_already_forced(group, databases), MAX_EXPLANATION)
    total = len(databases) + out_of_scope.count
    text = _not_in_effect(group, databases, total)
    if status is ReadinessStatus.CHECK_FIRST:
        text += _check_first(databases, total)
    elif status is ReadinessStatus.SAFE:
        text += _safe(not_yet_enforced(databases))
    else:
        text += _not_known(databases, limitations, out_of_scope)
    return truncate(text, MAX_EXPLANATION)


def _already_forced(group: GroupKey, databases: Sequence[DatabaseReadiness]) -> str:
    refuse = "refuses" if len(databases) == 1 else "refuse"
    forced = (
        f"{FORCE_SSL} is 1 in {group_name(group)}, and "
        f"{_part(len(databases), len(databases))} {refuse} plaintext"
    )
    clients = sum(len(database.recent_plaintext) for database in databases)
    if not clients:
        return forced
    return (
        f"{forced}; {pluralize(clients, 'client')} connected without TLS in the last "
        f"{WINDOW_DAYS} days, and a session opened before the change continues until its client "
        "reconnects"
    )


def _not_in_effect(group: GroupKey, databases: Sequence[DatabaseReadiness], total: int) -> str:
    if not all(database.enforcement_configured for database in databases):
        return ""
    accepting = sum(database.history.plaintext_refused is False for database in databases)
    if not accepting:
        return f"{FORCE_SSL} is 1 in {group_name(group)}, but not confirmed to be in effect; "
    accept = "accepts" if accepting == 1 else "accept"
    return (
        f"{FORCE_SSL} is 1 in {group_name(group)}, but not in effect: {_part(accepting, total)} "
        f"still {accept} plaintext; "
    )


def _check_first(databases: Sequence[DatabaseReadiness], total: int) -> str:
    affected = [
        database for database in databases if database.status is ReadinessStatus.CHECK_FIRST
    ]
    clients = [client for database in affected for client in database.recent_plaintext]
    last = max(client.last_seen for client in clients).astimezone(UTC)
    fails = "it fails on its" if len(clients) == 1 else "each fails on its"
    return (
        f"{pluralize(len(clients), 'client')} connected without TLS to "
        f"{_part(len(affected), total)} in the last {WINDOW_DAYS} days, last on {last:%Y-%m-%d}; "
        f"{fails} next connection after TLS is forced, unless it uses sslmode=allow"
    )


def _safe(databases: Sequence[DatabaseReadiness]) -> str:
    coverage = min(
        (database.coverage for database in databases), key=lambda coverage: coverage.collected
    )
    several = len(databases) > 1
    return (
        f"no client was observed without TLS in the last {WINDOW_DAYS} days "
        f"({pluralize(len(databases), 'database')}{', each' if several else ''} with "
        f"{'at least ' if several else ''}{coverage.collected} of {coverage.planned} planned "
        f"samples, all sessions visible in every sample, and {_share_observed(databases)})"
    )


def _share_observed(databases: Sequence[DatabaseReadiness]) -> str:
    share = share_seen(databases)
    if share is None:
        return "an unknown share of the opened sessions observed"
    if not sum(database.coverage.opened for database in databases):
        return "no session opened in that time"
    least = "at least " if len(databases) > 1 else ""
    return f"{least}{_percent(share)} of the opened sessions observed"


def _percent(share: float) -> str:
    return "less than 1%" if share < 0.01 else f"{int(share * 100)}%"  # noqa: PLR2004


def _not_known(
    databases: Sequence[DatabaseReadiness],
    limitations: Sequence[str],
    out_of_scope: OutOfScopeUsers,
) -> str:
    affected = [database for database in databases if database.status is ReadinessStatus.NOT_KNOWN]
    own = (f"{database.id}: {database.blocking_limitations[0].text}" for database in affected)
    first = [*own, *out_of_scope.limitations][:MAX_NAMED]
    if more := len(limitations) - len(first):
        first.append(f"and {pluralize(more, 'more limitation')}")
    unknown = len(affected) + out_of_scope.count
    total = len(databases) + out_of_scope.count
    part = _part(unknown, total) if unknown else "other users of the parameter group"
    return f"there is not enough evidence for {part} ({'; '.join(first)})"


def _part(some: int, total: int) -> str:
    if total == 1:
        return "its only database"
    if some < total:
        return f"{some} of its {total} databases"
    both = total == 2  # noqa: PLR2004 - English has a word for two
    return "both of its databases" if both else f"all {total} of its databases"
