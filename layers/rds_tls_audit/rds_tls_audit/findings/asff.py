"""Build findings in the AWS Security Finding Format (ASFF), as reviewers read them.

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
"""A finding in ASFF, as BatchImportFindings expects it."""

PRODUCT = "RDS TLS Audit"
GENERATOR = "rds-tls-audit"
DOCUMENTATION = (
    "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/PostgreSQL.Concepts.General.SSL.html"
)

_TITLE, _DESCRIPTION, _REMEDY, _TAGS, _TAG_VALUE = 256, 1024, 512, 50, 256
_PRODUCT_FIELD = 2048
_TYPE = "Software and Configuration Checks/AWS Security Best Practices/Data Encryption in Transit"
_STATUSES = {Status.UNKNOWN: "NOT_AVAILABLE"}
_NEXT_LOWER = {Severity.HIGH: Severity.MEDIUM, Severity.MEDIUM: Severity.LOW}
_REQUIREMENTS = (
    "NIST.800-53.r5 SC-8",
    "NIST.800-53.r5 SC-8(1)",
    "NIST.800-53.r5 SC-8(2)",
    "NIST.800-53.r5 SC-13",
    "NIST.800-53.r5 SC-23",
)
_PUBLIC_REQUIREMENT = "PCI DSS v4.0.1/4.2.1"
"""It applies to open, public networks only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingContext:
    """What a reviewer needs in addition to the state in order to act."""

    remedy: str
    """What to do, in at most 512 characters."""
    run_id: str
    owner: str | None = None
    cause: str | None = None
    """The cause; the same for all findings of one fault."""
    related: tuple[str, ...] = ()
    """The ids of the findings about the cause of this one."""
    documentation: str = DOCUMENTATION


def finding_id(check: Check, resource: FindingResource) -> str:
    """Return the Id of a finding; it stays the same if the resource is renamed."""
    location = resource.location
    return f"{location.region}/{location.account}/{GENERATOR}/{check.id}/{resource.resource_id}"


def severity_of(check: Check, status: Status) -> Severity:
    """Return the severity of the check for FAILED, and the next lower one for WARNING.

    UNKNOWN is always LOW, and PASSED is INFORMATIONAL.
    """
    if status is Status.FAILED:
        return check.severity
    if status is Status.WARNING:
        return _NEXT_LOWER.get(check.severity, Severity.LOW)
    return Severity.LOW if status is Status.UNKNOWN else Severity.INFORMATIONAL


def build_finding(
    check: Check, resource: FindingResource, state: FindingState, context: FindingContext
) -> Finding:
    """Build the finding for a state."""
    location = resource.location
    product = (
        f"arn:{location.partition}:securityhub:{location.region}:{location.account}"
        f":product/{location.account}/default"
    )
    public = [_PUBLIC_REQUIREMENT] if resource.public else []
    related = [{"ProductArn": product, "Id": other} for other in context.related]
    return {
        "SchemaVersion": "2018-10-08",
        "Id": finding_id(check, resource),
        "ProductArn": product,
        "ProductName": PRODUCT,
        "CompanyName": PRODUCT,
        "GeneratorId": f"{GENERATOR}/{check.id}",
        "AwsAccountId": location.account,
        "CreatedAt": timestamp(state.created_at),
        "FirstObservedAt": timestamp(state.created_at),
        "UpdatedAt": timestamp(state.updated_at),
        "LastObservedAt": timestamp(state.observed_at),
        "Title": truncate(f"RDS TLS: {check.title}: {resource.id}", _TITLE),
        "Description": truncate(f"{_sentence(_description(state))}.", _DESCRIPTION),
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
                "Text": truncate(context.remedy, _REMEDY),
                "Url": context.documentation,
            }
        },
        "ProductFields": _product_fields(check, state, context),
        "Resources": [_resource(resource)],
        **({"RelatedFindings": related} if related else {}),
        "RecordState": "ARCHIVED" if state.archived else "ACTIVE",
    }


def _description(state: FindingState) -> str:
    if state.answer is None:
        return state.because
    day = f"{state.answer.at:%Y-%m-%d}"
    return f"{state.because}. Is it safe to force TLS? As of {day}, {state.answer.text}"


def _sentence(because: str) -> str:
    # The name of a setting is not capitalized.
    first = because.partition(" ")[0]
    is_name = "_" in first or "." in first
    return because if is_name else f"{because[:1].upper()}{because[1:]}"


def _product_fields(
    check: Check, state: FindingState, context: FindingContext
) -> Mapping[str, str]:
    fields = {
        "check": check.id,
        "run": context.run_id,
        "cause": context.cause if state.status.is_fault else None,
        "owner": context.owner,
        "safe-to-force": state.answer.form if state.answer else None,
    }
    return {
        f"{GENERATOR}/{name}": truncate(value, _PRODUCT_FIELD)
        for name, value in fields.items()
        if value
    }


def timestamp(moment: datetime) -> str:
    """Format a time in UTC with milliseconds, as RFC 3339 requires."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _resource(resource: FindingResource) -> Mapping[str, Any]:
    tags = {
        key: truncate(value, _TAG_VALUE)
        for key, value in list(resource.tags.items())[:_TAGS]
        if value.strip() and not key.startswith("aws:")
    }
    return {
        "Type": resource.type,
        "Id": resource.arn,
        "Partition": resource.location.partition,
        "Region": resource.location.region,
        **({"Tags": tags} if tags else {}),
        **({"Details": details} if (details := resource.details) else {}),
    }
