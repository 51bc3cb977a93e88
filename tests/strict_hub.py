"""A Security Hub in memory that takes nothing that breaks a rule of the real one."""

from collections.abc import Sequence
from datetime import datetime

from rds_tls_audit.finding import Finding
from rds_tls_audit.result import Rejection
from rds_tls_audit.stages.publish import Imported
from tests.asff import broken_rules


class StrictHub:
    """Security Hub as it really is: strict, and silent about what is not newer."""

    def __init__(self) -> None:
        self.findings: dict[str, Finding] = {}
        self.calls: list[list[Finding]] = []
        self.violations: list[str] = []
        """What the service would take, and nobody should send."""
        self._told_to_reject: dict[str, str] = {}

    def reject(self, finding_id: str, code: str) -> None:
        """Fail this finding from now on."""
        self._told_to_reject[finding_id] = code

    def take_again(self) -> None:
        """Fail no finding any more that is in order."""
        self._told_to_reject.clear()

    def import_findings(self, findings: Sequence[Finding]) -> Imported:
        """Keep what is in order and newer than what is kept."""
        self.calls.append(list(findings))
        ids = [finding["Id"] for finding in findings]
        self.violations += sorted(f"{it} sent twice at once" for it in ids if ids.count(it) > 1)
        rejected = [rejection for it in findings if (rejection := self._rejection(it))]
        refused = {rejection.id for rejection in rejected}
        for finding in findings:
            if finding["Id"] not in refused:
                self._keep(finding)
        return Imported(ids=frozenset(ids) - refused, rejected=tuple(rejected))

    def _rejection(self, finding: Finding) -> Rejection | None:
        if code := self._told_to_reject.get(finding["Id"]):
            return Rejection(id=finding["Id"], code=code, message="told to")
        if broken := broken_rules(finding):
            return Rejection(id=finding["Id"], code="InvalidInput", message="; ".join(broken))
        return None

    def _keep(self, finding: Finding) -> None:
        kept = self.findings.get(finding["Id"])
        if kept is None:
            self.findings[finding["Id"]] = finding
            return
        self.violations += [
            f"{finding['Id']} changes its {field}"
            for field in ("CreatedAt", "FirstObservedAt")
            if kept[field] != finding[field]
        ]
        if datetime.fromisoformat(finding["UpdatedAt"]) > datetime.fromisoformat(kept["UpdatedAt"]):
            self.findings[finding["Id"]] = finding
