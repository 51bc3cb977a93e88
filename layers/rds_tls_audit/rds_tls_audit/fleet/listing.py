"""What RDS lists: the databases of the account and Region."""

from dataclasses import dataclass

from rds_tls_audit.fleet.database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What RDS lists."""

    databases: tuple[Database, ...]
    complete: bool
    """Whether every call succeeded."""
