"""Security Hub, as far as the audit needs it."""

from collections.abc import Sequence
from typing import Protocol

from rds_tls_audit.findings.asff import Finding
from rds_tls_audit.findings.import_result import ImportResult


class Hub(Protocol):
    """Security Hub, as far as it is needed."""

    def import_findings(self, findings: Sequence[Finding]) -> ImportResult:
        """Send findings; a failure is an entry of `rejected`, never an exception."""

    def resolve(self, findings: Sequence[Finding]) -> frozenset[str]:
        """Set the workflow of these to RESOLVED, and leave what is suppressed as it is.

        Returns the ids that need no further attempt.
        """
