"""A change: one finding that is told differently from now on."""

from dataclasses import dataclass

from rds_tls_audit.finding_state import ChangeKind
from rds_tls_audit.verdict import Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What changed, for the digest."""

    kind: ChangeKind
    check: str
    database: str
    """The database, or the cluster."""
    status: Status
    because: str
    owner: str | None
