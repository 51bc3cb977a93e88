"""A change: a finding that is reported differently from now on."""

from dataclasses import dataclass

from rds_tls_audit.checks.verdict import Severity, Status
from rds_tls_audit.findings.state import ChangeKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change of a finding, as the digest reports it.

    Field names are the stored format.
    """

    kind: ChangeKind
    check: str
    database: str
    """The name of the DB instance or the DB cluster."""
    status: Status
    severity: Severity
    """The severity of the finding, as Security Hub shows it."""
    because: str
    owner: str | None
    cause: str
    """The cause, the same for all findings of one fault: `force-ssl in parameter group x`."""
