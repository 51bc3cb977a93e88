"""What a burst of messages says has changed."""

from dataclasses import dataclass

from rds_tls_audit.fleet.configuration import GroupKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What a burst of messages says has changed."""

    names: frozenset[str] = frozenset()
    """Ids of instances, and of clusters for all their members."""
    groups: frozenset[GroupKey] = frozenset()
    messages: tuple[str, ...] = ()
    """Ids of the messages that said so."""
