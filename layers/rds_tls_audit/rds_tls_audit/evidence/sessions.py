"""How client sessions are named in texts for people."""

from collections.abc import Iterable

from rds_tls_audit.evidence.observation import SessionGroup
from rds_tls_audit.text import pluralize

MAX_NAMED = 3


def describe_client(group: SessionGroup) -> str:
    """Describe a client as far as it is known: `orders_app (web) at 10.0.1.7`."""
    role = group.role or "a role that is not shown"
    application = f" ({group.application})" if group.application else ""
    network = f" at {group.network}" if group.network else ""
    return f"{role}{application}{network}"


def list_clients(groups: Iterable[SessionGroup]) -> str:
    """List the clients, most sessions first: at most `MAX_NAMED`, and a count of the others."""
    counts: dict[str, int] = {}
    for group in groups:
        counts[describe_client(group)] = counts.get(describe_client(group), 0) + group.count
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    listed = [f"{count} from {client}" for client, count in ranked[:MAX_NAMED]]
    rest = len(ranked) - MAX_NAMED
    return ", ".join([*listed, *([f"and {pluralize(rest, 'more client')}"] if rest > 0 else [])])
