"""Everything that is known about one database when its parameter group is assessed."""

from dataclasses import dataclass

from rds_tls_audit.fleet.database import Database
from rds_tls_audit.readiness.sampling.daily_samples import DailySamples
from rds_tls_audit.readiness.sampling.observed_client import ObservedClient


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseHistory:
    """The samples of a database, and its current configuration."""

    database: Database
    not_sampled: str | None
    """Why the database can't be sampled; None if it can."""
    days: tuple[DailySamples, ...] = ()
    clients: tuple[ObservedClient, ...] = ()
    clients_not_retained: int = 0
    """How many clients were not stored; see `retain_most_relevant`."""
    force_ssl: str | None
    """The value in the deciding parameter group; None if it could not be read."""
    plaintext_refused: bool | None
    """Whether the server refuses plaintext on the wire; None if the probe could not tell."""
    log_connections: bool | None = None
    """None if the setting was not read."""
    proxied: bool = False
    """Whether an RDS Proxy targets the database: the proxy's own clients can't be observed."""
