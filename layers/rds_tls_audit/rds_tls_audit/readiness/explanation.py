"""The sentence that explains the answer, with the numbers in it and no client's name."""

from collections.abc import Sequence
from datetime import UTC

from rds_tls_audit.fleet.configuration import FORCE_SSL, GroupKey
from rds_tls_audit.readiness.database_readiness import DatabaseReadiness, not_yet_enforced
from rds_tls_audit.readiness.out_of_scope_users import OutOfScopeUsers
from rds_tls_audit.readiness.rollout import name_of
from rds_tls_audit.readiness.sampling.lookback import WINDOW_DAYS
from rds_tls_audit.readiness.status import ReadinessStatus
from rds_tls_audit.text import pluralize, truncate

MAX_SENTENCE = 700
MAX_NAMED = 3
"""Databases of which too little is known, each with what is missing first of all."""


def explain(
    form: ReadinessStatus,
    group: GroupKey,
    standings: Sequence[DatabaseReadiness],
    missing: Sequence[str],
    outside: OutOfScopeUsers,
) -> str:
    """Say why the answer has this form."""
    if form is ReadinessStatus.ALREADY_FORCED:
        return truncate(_already(group, standings), MAX_SENTENCE)
    every = len(standings) + outside.count
    said = _in_effect(group, standings, every)
    if form is ReadinessStatus.CHECK_FIRST:
        said += _check_first(standings, every)
    elif form is ReadinessStatus.SAFE:
        said += _safe(not_yet_enforced(standings))
    else:
        said += _not_known(standings, missing, outside)
    return truncate(said, MAX_SENTENCE)


def share_seen(standings: Sequence[DatabaseReadiness]) -> float | None:
    """Which part of the opened sessions was seen, of the database with the least; None: unknown."""
    shares = [one.coverage.share_seen for one in standings]
    known = [share for share in shares if share is not None]
    return min(known) if known and len(known) == len(shares) else None


def _already(group: GroupKey, standings: Sequence[DatabaseReadiness]) -> str:
    said = (
        f"{FORCE_SSL} is 1 in {name_of(group)}, and plaintext is refused by "
        f"{_of(len(standings), len(standings))}"
    )
    clients = sum(len(one.recent_plaintext) for one in standings)
    if not clients:
        return said
    return (
        f"{said}; {pluralize(clients, 'client')} seen in clear in the last {WINDOW_DAYS} days, and "
        "a session opened before the change goes on until its client connects anew"
    )


def _in_effect(group: GroupKey, standings: Sequence[DatabaseReadiness], every: int) -> str:
    if not all(one.configured for one in standings):
        return ""
    said = f"{FORCE_SSL} is 1 in {name_of(group)}"
    open_ones = sum(one.history.plaintext_refused is False for one in standings)
    if open_ones:
        return f"set, not in effect: {said}, but plaintext is accepted by {_of(open_ones, every)}; "
    return f"configured so, not confirmed: {said}; "


def _check_first(standings: Sequence[DatabaseReadiness], every: int) -> str:
    held = [one for one in standings if one.status is ReadinessStatus.CHECK_FIRST]
    clients = [client for one in held for client in one.recent_plaintext]
    last = max(client.last_seen for client in clients).astimezone(UTC)
    return (
        f"{pluralize(len(clients), 'client')} seen in clear on {_of(len(held), every)} in "
        f"the last {WINDOW_DAYS} days, last on {last:%Y-%m-%d}: each breaks "
        "unless its own setting is allow"
    )


def _safe(standings: Sequence[DatabaseReadiness]) -> str:
    coverage = min((one.coverage for one in standings), key=lambda one: one.collected)
    least = "on each at least " if len(standings) > 1 else ""
    share = share_seen(standings)
    opened = sum(one.coverage.opened for one in standings)
    if share is None:
        part = "which part of the opened sessions was seen is not known"
    elif not opened:
        part = "no session was opened meanwhile"
    else:
        part = f"{least}{_percent(share)} of the opened sessions seen"
    return (
        f"no client in clear on {pluralize(len(standings), 'database')} in {WINDOW_DAYS} days: "
        f"{least}{coverage.collected} of {coverage.planned} planned samples, every view "
        f"complete, {part}"
    )


def _percent(share: float) -> str:
    return "less than 1 %" if share < 0.01 else f"{int(share * 100)} %"  # noqa: PLR2004


def _not_known(
    standings: Sequence[DatabaseReadiness], missing: Sequence[str], outside: OutOfScopeUsers
) -> str:
    held = [one for one in standings if one.status is ReadinessStatus.NOT_KNOWN]
    first = [*(f"{one.id}: {one.blocking[0].text}" for one in held), *outside.gaps][:MAX_NAMED]
    if more := len(missing) - len(first):
        first.append(f"and {more} more")
    unknown = len(held) + outside.count
    whom = _of(unknown, len(standings) + outside.count) if unknown else "who else uses the group"
    return f"too little is known of {whom}: {'; '.join(first)}"


def _of(some: int, every: int) -> str:
    if every == 1:
        return "its one database"
    return f"all its {every} databases" if some == every else f"{some} of its {every} databases"
