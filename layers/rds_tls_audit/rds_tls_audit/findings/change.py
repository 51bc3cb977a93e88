"""A change: one finding that is told differently from now on."""

from dataclasses import dataclass

from rds_tls_audit.checks.verdict import Severity, Status
from rds_tls_audit.findings.state import ChangeKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What changed, for the digest."""

    kind: ChangeKind
    check: str
    database: str
    """The database, or the cluster."""
    status: Status
    severity: Severity
    """Of the finding, as Security Hub shows it."""
    because: str
    owner: str | None
    cause: str
    """Where the fault lies, the same for all of one fault: `force-ssl in parameter group x`."""
