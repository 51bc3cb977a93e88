"""Security Hub."""

from collections.abc import Sequence
from typing import Protocol

from rds_tls_audit.findings.asff import Finding
from rds_tls_audit.findings.import_result import ImportResult


class Hub(Protocol):
    """Security Hub, as far as the audit uses it."""

    def import_findings(self, findings: Sequence[Finding]) -> ImportResult:
        """Import findings. A failure is reported in `rejected` and never raised."""

    def resolve(self, findings: Sequence[Finding]) -> frozenset[str]:
        """Set the workflow status of findings to RESOLVED, unless they are suppressed.

        Returns:
            The ids that need no further attempt. A failure leaves an id out and is never raised.
        """
