"""All that is known of one database when the answer is given."""

from dataclasses import dataclass

from rds_tls_audit.fleet.database import Database
from rds_tls_audit.readiness.sampling.daily_samples import DailySamples
from rds_tls_audit.readiness.sampling.observed_client import ObservedClient


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseHistory:
    """What was sampled of a database, and how it stands now."""

    database: Database
    not_connected: str | None
    """Why it cannot be sampled at all; None where it can."""
    days: tuple[DailySamples, ...] = ()
    sightings: tuple[ObservedClient, ...] = ()
    overflow: int = 0
    """Clients that were not remembered: no worse than those that are; see `remembered`."""
    force_ssl: str | None
    """The value in the deciding group; None where it could not be read."""
    plaintext_refused: bool | None
    """On the wire; None where it was not seen."""
    log_connections: bool | None = None
    """None where it was not read."""
    proxied: bool = False
    """Whether an RDS Proxy targets it: the clients of the proxy are not seen here."""
