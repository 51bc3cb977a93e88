"""Security Hub: BatchImportFindings, with every failure that it tells."""

from collections.abc import Sequence
from itertools import batched
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

from rds_tls_audit.finding import Finding
from rds_tls_audit.ports.api_errors import API_ERRORS, code
from rds_tls_audit.result import Rejection
from rds_tls_audit.stages.publish import Imported
from rds_tls_audit.text import printable

if TYPE_CHECKING:
    from mypy_boto3_securityhub import SecurityHubClient

MAX_FINDINGS = 100
"""A call takes 100 findings and 6 MB; a finding of ours is below 10 KB."""

# BatchImportFindings: 10 calls/s, burst 30.
_PATIENT = Config(retries={"mode": "standard", "total_max_attempts": 6})


class SecurityHub:
    """Sends findings to the hub of the account and Region that we run in."""

    def __init__(self) -> None:
        """Ask in the Region of the environment."""
        self._client: SecurityHubClient = boto3.client("securityhub", config=_PATIENT)

    def import_findings(self, findings: Sequence[Finding]) -> Imported:
        """Send findings; what was not taken comes back with the hub's own words."""
        rejected: list[Rejection] = []
        for part in batched(findings, MAX_FINDINGS, strict=False):
            rejected += self._import(part)
        refused = {rejection.id for rejection in rejected}
        return Imported(
            ids=frozenset(finding["Id"] for finding in findings) - refused,
            rejected=tuple(rejected),
        )

    def _import(self, part: Sequence[Finding]) -> list[Rejection]:
        try:
            answer = self._client.batch_import_findings(
                Findings=list(part)  # type: ignore[arg-type]  # ASFF is built as plain dicts
            )
        except API_ERRORS as error:
            return [
                Rejection(id=finding["Id"], code=code(error), message=printable(str(error)))
                for finding in part
            ]
        if "FailedCount" not in answer:  # a page of a proxy, with status 200
            said = "the answer is not Security Hub's"
            return [Rejection(id=it["Id"], code="Unconfirmed", message=said) for it in part]
        # A 200 may hold failures.
        return [
            Rejection(id=it["Id"], code=it["ErrorCode"], message=printable(it["ErrorMessage"]))
            for it in answer.get("FailedFindings", ())
        ]
