"""The changes that a burst of events reports."""

from dataclasses import dataclass

from rds_tls_audit.fleet.configuration import GroupKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """The changes that a burst of events reports."""

    names: frozenset[str] = frozenset()
    """The identifiers of DB instances, and of DB clusters for all their members."""
    groups: frozenset[GroupKey] = frozenset()
    """The parameter groups whose values changed."""
    messages: tuple[str, ...] = ()
    """The ids of the messages that reported the changes."""
