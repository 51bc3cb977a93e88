"""The result of sampling one database for a day."""

from dataclasses import dataclass
from datetime import date

from rds_tls_audit.evidence.observation import SessionView

PROXY_ROLE = "rdsproxyadmin"
"""The role that RDS Proxy itself uses, in every database that it targets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DailySamples:
    """How often one database was sampled on one day (UTC). Field names are the stored format."""

    day: date
    samples: int
    """How many sample runs probed the database."""
    partial: int
    """How many probes of any run did not show every session; see `is_partial`."""
    opened: int | None
    """Client sessions opened between the samples, by `pg_stat_database.sessions`; None if the
    server does not count them (before PostgreSQL 14)."""
    seen: int
    """How many of the opened sessions a sample showed."""
    resets: int = 0
    """How often the statistics were reset: `opened` is then a lower bound."""
    proxied: int = 0
    """How many probes of any run found an RDS Proxy connected."""


def is_partial(view: SessionView) -> bool:
    """Whether a client that this view does not name may have been connected."""
    nameless = any(group.role is None for group in view.groups)
    return view.why_partial is not None or view.groups_cut > 0 or nameless


def is_proxied(view: SessionView) -> bool:
    """Whether an RDS Proxy is connected: this view does not show the proxy's own clients."""
    return any(group.role == PROXY_ROLE for group in view.rds_own)
