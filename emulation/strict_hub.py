"""A Security Hub in memory that is as strict as the service and records misuse."""

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
MAX_FILTER_VALUES = 20
MAX_UPDATES = 100

_REVIEWED = {"NOTIFIED", "RESOLVED"}
_INJECTED = "Injected by a test"
_MESSAGES = {
    "InvalidAccessException": f"Account {ACCOUNT} is not subscribed to AWS Security Hub",
}


class HubError(Exception):
    """A call failed as a whole."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Failure(NamedTuple):
    """A finding that a successful call rejected."""

    id: str
    code: str
    message: str


class Request(NamedTuple):
    """A received call with its number of findings, identifiers, or filter values."""

    operation: str
    number: int


@dataclass
class InMemoryHub:
    """The Security Hub of account 123456789012 in eu-central-1."""

    findings: dict[str, Finding] = field(default_factory=dict)
    """The findings as last accepted, by Id."""
    workflow: dict[str, str] = field(default_factory=dict)
    """The workflow status of each finding, by Id."""
    requests: list[Request] = field(default_factory=list)
    """The calls received so far."""
    violations: list[str] = field(default_factory=list)
    """Requests that the service refuses, or accepts although no client should send them."""
    _rejected: dict[str, str] = field(default_factory=dict)
    _errors: list[str] = field(default_factory=list)

    def fail(self, code: str, calls: int = 1) -> None:
        """Fail the next calls with an error code, for example throttling or access denied."""
        self._errors += [code] * calls

    def reject(self, finding_id: str, code: str) -> None:
        """Reject this finding from now on, in calls that otherwise succeed."""
        self._rejected[finding_id] = code

    def accept_again(self) -> None:
        """Remove all injected errors and rejections."""
        self._rejected.clear()
        self._errors.clear()

    def suppress(self, finding_id: str) -> None:
        """Suppress a finding, as a reviewer does."""
        self.set_workflow(finding_id, "SUPPRESSED")

    def set_workflow(self, finding_id: str, status: str) -> None:
        """Set the workflow status of a finding, as a reviewer does."""
        if finding_id not in self.findings:
            raise KeyError(finding_id)
        self.workflow[finding_id] = status

    def import_batch(self, findings: Sequence[Finding]) -> list[Failure]:
        """Accept the valid findings that are newer than stored ones, and return the failures.

        Raises:
            HubError: the call failed as a whole.

        """
        self._receive(IMPORT, len(findings))
        self._check_call(findings)
        ids = [finding["Id"] for finding in findings]
        self.violations += sorted(
            f"{finding_id} sent twice in one call"
            for finding_id in ids
            if ids.count(finding_id) > 1
        )
        failures = [failure for finding in findings if (failure := self._failure(finding))]
        rejected = {failure.id for failure in failures}
        for finding in findings:
            if finding["Id"] not in rejected:
                self._store(finding)
        return failures

    def get_findings(self, filters: Mapping[str, Sequence[Mapping[str, str]]]) -> list[Finding]:
        """Return the findings that match all filters; any value of a filter can match.

        Raises:
            HubError: a filter is not supported or has too many values, or a test injected an error.

        """
        self._receive(GET, max(map(len, filters.values()), default=0))
        for name, values in filters.items():
            if len(values) > MAX_FILTER_VALUES:
                self._refuse(f"{len(values)} values for the filter {name}")
        findings = [
            {**finding, "Workflow": {"Status": self.workflow[finding_id]}}
            for finding_id, finding in self.findings.items()
        ]
        return [
            finding
            for finding in findings
            if all(_matches(finding, name, values) for name, values in filters.items())
        ]

    def update_workflow(
        self, identifiers: Sequence[Mapping[str, str]], status: str
    ) -> list[Failure]:
        """Set the workflow status of these findings, and return the failures.

        Raises:
            HubError: the call failed as a whole.

        """
        self._receive(UPDATE, len(identifiers))
        if not 1 <= len(identifiers) <= MAX_UPDATES:
            self._refuse(f"{len(identifiers)} findings in one update")
        failures = []
        for identifier in identifiers:
            finding_id = identifier["Id"]
            stored = self.findings.get(finding_id)
            if stored is None or stored["ProductArn"] != identifier["ProductArn"]:
                failures.append(Failure(finding_id, "FindingNotFound", "Finding Not Found"))
            elif code := self._rejected.get(finding_id):
                failures.append(Failure(finding_id, code, _INJECTED))
            else:
                self.workflow[finding_id] = status
        return failures

    def _receive(self, operation: str, number: int) -> None:
        self.requests.append(Request(operation, number))
        if self._errors:
            code = self._errors.pop(0)
            raise HubError(code, _MESSAGES.get(code, _INJECTED))

    def _refuse(self, violation: str) -> None:
        self.violations.append(violation)
        raise HubError("InvalidInputException", f"Invalid: {violation}")

    def _check_call(self, findings: Sequence[Finding]) -> None:
        if not 1 <= len(findings) <= import_batches.MAX_FINDINGS:
            self._refuse(f"{len(findings)} findings in one call")
        size = json_size({"Findings": findings})
        if size > import_batches.MAX_BYTES:
            self._refuse(f"{size} bytes in one call")
        product = f":securityhub:{REGION}:{ACCOUNT}:product/{ACCOUNT}/default"
        for finding in findings:
            if finding.get("AwsAccountId") != ACCOUNT:
                raise HubError("AccessDeniedException", "The finding belongs to another account")
            if not str(finding.get("ProductArn")).endswith(product):
                self._refuse(f"the product {finding.get('ProductArn')}")

    def _failure(self, finding: Finding) -> Failure | None:
        if code := self._rejected.get(finding["Id"]):
            return Failure(finding["Id"], code, _INJECTED)
        if violations := problems(finding):
            return Failure(finding["Id"], "InvalidInput", "; ".join(violations))
        return None

    def _store(self, finding: Finding) -> None:
        finding_id = finding["Id"]
        stored = self.findings.get(finding_id)
        if stored is None:
            self.findings[finding_id], self.workflow[finding_id] = finding, "NEW"
            return
        self.violations += [
            f"{finding_id} changes its {name}"
            for name in ("CreatedAt", "FirstObservedAt")
            if stored[name] != finding[name]
        ]
        if _updated_at(finding) <= _updated_at(stored):
            return
        self.findings[finding_id] = finding
        if self.workflow[finding_id] in _REVIEWED and _resets_workflow(stored, finding):
            self.workflow[finding_id] = "NEW"


def problems(finding: Mapping[str, Any]) -> tuple[str, ...]:
    """Return every rule that a finding violates and every deviation from the API's schema."""
    return (*rule_violations(finding), *schema_violations(_finding_shape(), finding))


@cache
def _finding_shape() -> Shape:
    return finding_shape(botocore.session.get_session().get_service_model("securityhub"))


def _updated_at(finding: Finding) -> datetime:
    return datetime.fromisoformat(finding["UpdatedAt"])


def _resets_workflow(stored: Finding, finding: Finding) -> bool:
    # https://docs.aws.amazon.com/securityhub/latest/userguide/findings-workflow-status.html
    compliance = stored["Compliance"]["Status"], finding["Compliance"]["Status"]
    record = stored["RecordState"], finding["RecordState"]
    return (compliance[0] == "PASSED" != compliance[1]) or record == ("ARCHIVED", "ACTIVE")


_FIELDS = {"ComplianceStatus": ("Compliance", "Status"), "WorkflowStatus": ("Workflow", "Status")}
_KNOWN_FILTERS = {"Id", "ProductArn", "ProductName", "GeneratorId", "RecordState", *_FIELDS}


def _matches(finding: Finding, name: str, values: Sequence[Mapping[str, str]]) -> bool:
    if name not in _KNOWN_FILTERS:
        raise HubError("InvalidInputException", f"Unsupported filter: {name}")
    value: Any = finding
    for step in _FIELDS.get(name, (name,)):
        value = value[step]
    return any(
        _compare(str(value), filter_value["Comparison"], filter_value["Value"])
        for filter_value in values
    )


def _compare(value: str, comparison: str, wanted: str) -> bool:
    if comparison == "EQUALS":
        return value == wanted
    if comparison == "PREFIX":
        return value.startswith(wanted)
    raise HubError("InvalidInputException", f"Unsupported comparison: {comparison}")
