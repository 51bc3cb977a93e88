"""The databases of the account and Region, as RDS lists them."""

from dataclasses import dataclass

from rds_tls_audit.fleet.database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """The result of listing the databases."""

    databases: tuple[Database, ...]
    complete: bool
    """Whether every call succeeded."""
