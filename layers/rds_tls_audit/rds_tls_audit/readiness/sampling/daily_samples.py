"""What a day of sampling one database came to."""

from dataclasses import dataclass
from datetime import date

from rds_tls_audit.evidence.observation import SessionView

PROXY = "rdsproxyadmin"
"""Whom RDS Proxy itself connects as, to every database that it targets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DailySamples:
    """How often one database was looked at on one day, by UTC."""

    day: date
    samples: int
    """Looks of sample runs."""
    partial: int
    """Looks of whichever run that did not show every session; see `is_partial`."""
    opened: int | None
    """Client sessions opened between the samples, by `pg_stat_database.sessions`; None where the
    server does not count them (before PostgreSQL 14)."""
    seen: int
    """Of the opened sessions, how many were seen in a sample."""
    resets: int = 0
    """How often the statistics were reset: `opened` is then a lower bound."""
    proxied: int = 0
    """Looks of whichever run in which an RDS Proxy was connected."""


def is_partial(view: SessionView) -> bool:
    """Whether a client may have been connected whom this view does not name."""
    nameless = any(group.role is None for group in view.groups)
    return view.why_partial is not None or view.groups_cut > 0 or nameless


def is_proxied(view: SessionView) -> bool:
    """Whether an RDS Proxy is connected: its own clients are not in this view."""
    return any(group.role == PROXY for group in view.rds_own)
