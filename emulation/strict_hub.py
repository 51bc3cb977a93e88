"""A Security Hub in memory, as the service is: strict, and silent about what is not newer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

import botocore.session
from botocore.model import Shape

from emulation.rds_resources import ACCOUNT, REGION
from rds_tls_audit.adapters.security_hub.schema import finding_shape, schema_violations
from rds_tls_audit.codec import json_size
from rds_tls_audit.findings import import_batches
from rds_tls_audit.findings.asff import Finding
from rds_tls_audit.findings.asff_rules import rule_violations

IMPORT, GET, UPDATE = "BatchImportFindings", "GetFindings", "BatchUpdateFindings"
MOST_FILTER_VALUES = 20
MOST_UPDATES = 100

_LOOKED_AT = {"NOTIFIED", "RESOLVED"}
_WORDS = {
    "InvalidAccessException": f"Account {ACCOUNT} is not subscribed to AWS Security Hub",
}


class HubError(Exception):
    """A call that fails as a whole."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Failure(NamedTuple):
    """One finding that was not taken, in a call that succeeded."""

    id: str
    code: str
    message: str


class Request(NamedTuple):
    """A call that came in, and how many findings, ids or filter values were in it."""

    operation: str
    number: int


@dataclass
class MemoryHub:
    """The hub of the account 123456789012 in eu-central-1."""

    findings: dict[str, Finding] = field(default_factory=dict)
    """As they were sent last, by Id."""
    workflow: dict[str, str] = field(default_factory=dict)
    """What reviewers set, by Id."""
    requests: list[Request] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    """What the service forbids, or takes and nobody should send."""
    _rejected: dict[str, str] = field(default_factory=dict)
    _failing: list[str] = field(default_factory=list)

    def fail(self, code: str, calls: int = 1) -> None:
        """Fail the next calls as a whole: throttled, an error inside, denied, or hub off."""
        self._failing += [code] * calls

    def reject(self, finding_id: str, code: str) -> None:
        """Fail this finding from now on, in calls that succeed."""
        self._rejected[finding_id] = code

    def take_again(self) -> None:
        """Fail nothing any more that is in order."""
        self._rejected.clear()
        self._failing.clear()

    def suppress(self, finding_id: str) -> None:
        """Do what a reviewer does who accepts a finding."""
        self.set_workflow(finding_id, "SUPPRESSED")

    def set_workflow(self, finding_id: str, status: str) -> None:
        """Set NEW, NOTIFIED, SUPPRESSED or RESOLVED, as a reviewer."""
        if finding_id not in self.findings:
            raise KeyError(finding_id)
        self.workflow[finding_id] = status

    def import_batch(self, findings: Sequence[Finding]) -> list[Failure]:
        """Keep what is in order and newer than what is kept.

        Raises:
            HubError: none is kept.

        """
        self._receive(IMPORT, len(findings))
        self._check_call(findings)
        ids = [finding["Id"] for finding in findings]
        self.violations += sorted(f"{it} sent twice at once" for it in ids if ids.count(it) > 1)
        failures = [failure for it in findings if (failure := self._failure(it))]
        refused = {failure.id for failure in failures}
        for finding in findings:
            if finding["Id"] not in refused:
                self._keep(finding)
        return failures

    def get(self, filters: Mapping[str, Sequence[Mapping[str, str]]]) -> list[Finding]:
        """Give the findings that pass all filters, each of them by any of its values.

        Raises:
            HubError: a filter is not known here, or has too many values.

        """
        self._receive(GET, max(map(len, filters.values()), default=0))
        for name, values in filters.items():
            if len(values) > MOST_FILTER_VALUES:
                self._refuse(f"{name} is filtered by {len(values)} values")
        shown = [
            {**finding, "Workflow": {"Status": self.workflow[finding_id]}}
            for finding_id, finding in self.findings.items()
        ]
        return [it for it in shown if all(_passes(it, *one) for one in filters.items())]

    def update_workflow(
        self, identifiers: Sequence[Mapping[str, str]], status: str
    ) -> list[Failure]:
        """Set the workflow status of these, whatever it was.

        Raises:
            HubError: none is set.

        """
        self._receive(UPDATE, len(identifiers))
        if not 1 <= len(identifiers) <= MOST_UPDATES:
            self._refuse(f"an update of {len(identifiers)} findings")
        failures = []
        for identifier in identifiers:
            finding_id = identifier["Id"]
            kept = self.findings.get(finding_id)
            if kept is None or kept["ProductArn"] != identifier["ProductArn"]:
                failures.append(Failure(finding_id, "FindingNotFound", "Finding Not Found"))
            elif code := self._rejected.get(finding_id):
                failures.append(Failure(finding_id, code, "told to"))
            else:
                self.workflow[finding_id] = status
        return failures

    def _receive(self, operation: str, number: int) -> None:
        self.requests.append(Request(operation, number))
        if self._failing:
            code = self._failing.pop(0)
            raise HubError(code, _WORDS.get(code, "told to"))

    def _refuse(self, what: str) -> None:
        self.violations.append(what)
        raise HubError("InvalidInputException", f"Invalid: {what}")

    def _check_call(self, findings: Sequence[Finding]) -> None:
        if not 1 <= len(findings) <= import_batches.MAX_FINDINGS:
            self._refuse(f"a call of {len(findings)} findings")
        size = json_size({"Findings": findings})
        if size > import_batches.MAX_BYTES:
            self._refuse(f"a call of {size} bytes")
        product = f":securityhub:{REGION}:{ACCOUNT}:product/{ACCOUNT}/default"
        for finding in findings:
            if finding.get("AwsAccountId") != ACCOUNT:
                raise HubError("AccessDeniedException", "a finding of another account")
            if not str(finding.get("ProductArn")).endswith(product):
                self._refuse(f"the product {finding.get('ProductArn')}")

    def _failure(self, finding: Finding) -> Failure | None:
        if code := self._rejected.get(finding["Id"]):
            return Failure(finding["Id"], code, "told to")
        if broken := problems(finding):
            return Failure(finding["Id"], "InvalidInput", "; ".join(broken))
        return None

    def _keep(self, finding: Finding) -> None:
        finding_id = finding["Id"]
        kept = self.findings.get(finding_id)
        if kept is None:
            self.findings[finding_id], self.workflow[finding_id] = finding, "NEW"
            return
        self.violations += [
            f"{finding_id} changes its {name}"
            for name in ("CreatedAt", "FirstObservedAt")
            if kept[name] != finding[name]
        ]
        if _updated(finding) <= _updated(kept):
            return
        self.findings[finding_id] = finding
        if self.workflow[finding_id] in _LOOKED_AT and _is_news(kept, finding):
            self.workflow[finding_id] = "NEW"


def problems(finding: Mapping[str, Any]) -> tuple[str, ...]:
    """Name every rule that a finding breaks, and every place where it has another shape."""
    return (*rule_violations(finding), *schema_violations(_shape(), finding))


@cache
def _shape() -> Shape:
    return finding_shape(botocore.session.get_session().get_service_model("securityhub"))


def _updated(finding: Finding) -> datetime:
    return datetime.fromisoformat(finding["UpdatedAt"])


def _is_news(kept: Finding, finding: Finding) -> bool:
    # https://docs.aws.amazon.com/securityhub/latest/userguide/findings-workflow-status.html
    passed = kept["Compliance"]["Status"], finding["Compliance"]["Status"]
    record = kept["RecordState"], finding["RecordState"]
    return (passed[0] == "PASSED" != passed[1]) or record == ("ARCHIVED", "ACTIVE")


_FIELDS = {"ComplianceStatus": ("Compliance", "Status"), "WorkflowStatus": ("Workflow", "Status")}
_KNOWN_FILTERS = {"Id", "ProductArn", "ProductName", "GeneratorId", "RecordState", *_FIELDS}


def _passes(finding: Finding, name: str, values: Sequence[Mapping[str, str]]) -> bool:
    if name not in _KNOWN_FILTERS:
        raise HubError("InvalidInputException", f"no filter of this hub: {name}")
    value: Any = finding
    for step in _FIELDS.get(name, (name,)):
        value = value[step]
    return any(_compares(str(value), it["Comparison"], it["Value"]) for it in values)


def _compares(value: str, comparison: str, wanted: str) -> bool:
    if comparison == "EQUALS":
        return value == wanted
    if comparison == "PREFIX":
        return value.startswith(wanted)
    raise HubError("InvalidInputException", f"no comparison of this hub: {comparison}")
