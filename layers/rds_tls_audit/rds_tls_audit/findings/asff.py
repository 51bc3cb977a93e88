"""A finding in the AWS Security Finding Format, pure: what reviewers read in Security Hub.

Limits: https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-findings-format.html
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from rds_tls_audit.checks.check import Check
from rds_tls_audit.checks.verdict import Severity, Status
from rds_tls_audit.findings.resource import FindingResource
from rds_tls_audit.findings.state import FindingState
from rds_tls_audit.text import truncate

type Finding = dict[str, Any]
"""ASFF, as BatchImportFindings takes it."""

PRODUCT = "RDS TLS Audit"
GENERATOR = "rds-tls-audit"
DOCUMENTATION = (
    "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/PostgreSQL.Concepts.General.SSL.html"
)

_TITLE, _DESCRIPTION, _REMEDY, _TAGS, _TAG_VALUE = 256, 1024, 512, 50, 256
_PRODUCT_FIELD = 2048
_TYPE = "Software and Configuration Checks/AWS Security Best Practices/Data Encryption in Transit"
_STATUSES = {Status.UNKNOWN: "NOT_AVAILABLE"}
_ONE_BELOW = {Severity.HIGH: Severity.MEDIUM, Severity.MEDIUM: Severity.LOW}
_REQUIREMENTS = (
    "NIST.800-53.r5 SC-8",
    "NIST.800-53.r5 SC-8(1)",
    "NIST.800-53.r5 SC-8(2)",
    "NIST.800-53.r5 SC-13",
    "NIST.800-53.r5 SC-23",
)
_PUBLIC_REQUIREMENT = "PCI DSS v4.0.1/4.2.1"
"""About open, public networks only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingContext:
    """What a reviewer needs beside the state, to act without opening another page."""

    remedy: str
    """At most 512 characters."""
    run_id: str
    owner: str | None = None
    cause: str | None = None
    """Where the fault lies; the same for all findings of one fault."""
    related: tuple[str, ...] = ()
    """Ids of findings that show the cause of this one."""
    documentation: str = DOCUMENTATION


def finding_id(check: Check, subject: FindingResource) -> str:
    """The Id; it never changes for a check and a resource, whatever they are called."""
    place = subject.location
    return f"{place.region}/{place.account}/{GENERATOR}/{check.id}/{subject.resource_id}"


def severity_of(check: Check, status: Status) -> Severity:
    """FAILED as the table says, WARNING one step below, UNKNOWN low, PASSED informational."""
    if status is Status.FAILED:
        return check.severity
    if status is Status.WARNING:
        return _ONE_BELOW.get(check.severity, Severity.LOW)
    return Severity.LOW if status is Status.UNKNOWN else Severity.INFORMATIONAL


def build_finding(
    check: Check, subject: FindingResource, state: FindingState, background: FindingContext
) -> Finding:
    """Write the finding that tells this state."""
    place = subject.location
    product = (
        f"arn:{place.partition}:securityhub:{place.region}:{place.account}"
        f":product/{place.account}/default"
    )
    public = [_PUBLIC_REQUIREMENT] if subject.public else []
    related = [{"ProductArn": product, "Id": other} for other in background.related]
    return {
        "SchemaVersion": "2018-10-08",
        "Id": finding_id(check, subject),
        "ProductArn": product,
        "ProductName": PRODUCT,
        "CompanyName": PRODUCT,
        "GeneratorId": f"{GENERATOR}/{check.id}",
        "AwsAccountId": place.account,
        "CreatedAt": timestamp(state.created_at),
        "FirstObservedAt": timestamp(state.created_at),
        "UpdatedAt": timestamp(state.updated_at),
        "LastObservedAt": timestamp(state.observed_at),
        "Title": truncate(f"RDS TLS: {check.title}: {subject.id}", _TITLE),
        "Description": truncate(f"{_sentence(_told(state))}.", _DESCRIPTION),
        "Types": [_TYPE],
        "FindingProviderFields": {
            "Severity": {
                "Label": severity_of(check, state.status),
                "Original": state.status,
            },
            "Types": [_TYPE],
        },
        "Severity": {"Label": severity_of(check, state.status)},
        "Compliance": {
            "Status": _STATUSES.get(state.status, state.status),
            "RelatedRequirements": [*_REQUIREMENTS, *public],
        },
        "Remediation": {
            "Recommendation": {
                "Text": truncate(background.remedy, _REMEDY),
                "Url": background.documentation,
            }
        },
        "ProductFields": _product_fields(check, state, background),
        "Resources": [_resource(subject)],
        **({"RelatedFindings": related} if related else {}),
        "RecordState": "ARCHIVED" if state.archived else "ACTIVE",
    }


def _told(state: FindingState) -> str:
    if state.answer is None:
        return state.because
    day = f"{state.answer.at:%Y-%m-%d}"
    return f"{state.because}. Is it safe to force TLS? As of {day}, {state.answer.text}"


def _sentence(because: str) -> str:
    # The name of a setting stays as it is written.
    first = because.partition(" ")[0]
    is_name = "_" in first or "." in first
    return because if is_name else f"{because[:1].upper()}{because[1:]}"


def _product_fields(
    check: Check, state: FindingState, background: FindingContext
) -> Mapping[str, str]:
    fields = {
        "check": check.id,
        "run": background.run_id,
        "cause": background.cause if state.status.is_fault else None,
        "owner": background.owner,
        "safe-to-force": state.answer.form if state.answer else None,
    }
    return {
        f"{GENERATOR}/{name}": truncate(value, _PRODUCT_FIELD)
        for name, value in fields.items()
        if value
    }


def timestamp(moment: datetime) -> str:
    """RFC 3339 in UTC, to the millisecond."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _resource(subject: FindingResource) -> Mapping[str, Any]:
    tags = {
        key: truncate(value, _TAG_VALUE)
        for key, value in list(subject.tags.items())[:_TAGS]
        if value.strip() and not key.startswith("aws:")
    }
    return {
        "Type": subject.type,
        "Id": subject.arn,
        "Partition": subject.location.partition,
        "Region": subject.location.region,
        **({"Tags": tags} if tags else {}),
        **({"Details": details} if (details := subject.details) else {}),
    }
