"""How client sessions are judged alike, and how they are told to people."""

from collections.abc import Iterable

from rds_tls_audit.evidence.observation import SessionGroup
from rds_tls_audit.text import pluralize

MAX_NAMED = 3


def label(group: SessionGroup) -> str:
    """Name who is connecting, as far as it may be told: `orders_app (web) at 10.0.1.7`."""
    role = group.role or "a role not shown"
    application = f" ({group.application})" if group.application else ""
    network = f" at {group.network}" if group.network else ""
    return f"{role}{application}{network}"


def named(groups: Iterable[SessionGroup]) -> str:
    """List who is connecting, most sessions first, at most three with a count of the rest."""
    counts: dict[str, int] = {}
    for group in groups:
        counts[label(group)] = counts.get(label(group), 0) + group.count
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    listed = [f"{count} by {who}" for who, count in ranked[:MAX_NAMED]]
    rest = len(ranked) - MAX_NAMED
    return ", ".join([*listed, *([f"and {pluralize(rest, 'more client')}"] if rest > 0 else [])])
