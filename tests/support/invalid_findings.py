"""Findings with one fault each, by the rule or the botocore shape that they violate."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

from rds_tls_audit.findings.asff import Finding
from rds_tls_audit.findings.asff_rules import MAX_BYTES
from tests.support.valid_finding import NAME, TYPE, VALID

type Edit = Callable[[Finding], object]
"""A function that changes a finding in place."""


def set_at(value: object, *path: str | int) -> Edit:
    """Return an edit that sets the value at a path."""

    def edit(finding: Finding) -> None:
        parent: Any = finding
        for key in path[:-1]:
            parent = parent[key]
        parent[path[-1]] = value

    return edit


def remove_field(name: str) -> Edit:
    """Return an edit that removes a field."""
    return lambda finding: finding.pop(name)


def fields(number: int) -> dict[str, str]:
    return {f"field {index}": "value" for index in range(number)}


BY_RULE: dict[str, list[Edit]] = {
    "SchemaVersion is 2018-10-08": [
        set_at("2018-10-09", "SchemaVersion"),
        remove_field("SchemaVersion"),
    ],
    "Id has 1 to 512 characters": [set_at("", "Id"), set_at("i" * 513, "Id")],
    "Id is not an ARN": [set_at("arn:aws:rds:eu-central-1:123456789012:db:orders-prod", "Id")],
    "ProductArn is the account's own default product": [
        set_at("arn:aws:securityhub:eu-central-1::product/aws/securityhub", "ProductArn"),
        set_at(
            "arn:aws:securityhub:eu-central-1:999999999999:product/999999999999/default",
            "ProductArn",
        ),
        set_at(
            "arn:aws-cn:securityhub:eu-central-1:123456789012:product/123456789012/default",
            "ProductArn",
        ),
        set_at(
            "arn:aws:securityhub:eu-west-1:123456789012:product/123456789012/default",
            "ProductArn",
        ),
    ],
    "GeneratorId has 1 to 512 characters": [
        set_at("", "GeneratorId"),
        set_at("g" * 513, "GeneratorId"),
    ],
    "Title has 1 to 256 characters": [set_at("", "Title"), set_at(f"{'t' * 250}: {NAME}", "Title")],
    "Title names the resource": [
        set_at("RDS TLS: plaintext", "Title"),
        set_at(f"RDS TLS: {NAME}-2", "Title"),
        set_at(f"RDS TLS: {NAME}: plaintext", "Title"),
    ],
    "Description has 1 to 1024 characters": [
        set_at("", "Description"),
        set_at("d" * 1025, "Description"),
    ],
    "AwsAccountId has 12 digits": [
        set_at("12345678901", "AwsAccountId"),
        set_at("a" * 12, "AwsAccountId"),
    ],
    "CreatedAt is RFC 3339 with a zone": [set_at("2026-03-01T06:00:00", "CreatedAt")],
    "UpdatedAt is RFC 3339 with a zone": [
        set_at("2026-03-01 06:00:00Z", "UpdatedAt"),
        set_at("2026-03-01T06:00:00.1234567890Z", "UpdatedAt"),
        set_at("2026-13-01T06:00:00Z", "UpdatedAt"),
    ],
    "FirstObservedAt is RFC 3339 with a zone": [set_at("yesterday", "FirstObservedAt")],
    "LastObservedAt is RFC 3339 with a zone": [set_at("2026-03-01", "LastObservedAt")],
    "FindingProviderFields.Severity.Label is one of five": [
        remove_field("FindingProviderFields"),
        set_at("SEVERE", "FindingProviderFields", "Severity", "Label"),
    ],
    "FindingProviderFields.Severity.Original has 1 to 64 characters": [
        set_at("o" * 65, "FindingProviderFields", "Severity", "Original")
    ],
    "FindingProviderFields.Severity has no Normalized": [
        set_at(70, "FindingProviderFields", "Severity", "Normalized")
    ],
    "FindingProviderFields.Types has 1 to 50 types of AWS Security Best Practices": [
        set_at([], "FindingProviderFields", "Types"),
        set_at([TYPE] * 51, "FindingProviderFields", "Types"),
    ],
    "FindingProviderFields.Confidence and Criticality are 0 to 100": [
        set_at(101, "FindingProviderFields", "Confidence"),
        set_at(-1, "FindingProviderFields", "Criticality"),
    ],
    "Severity.Label is one of five": [
        remove_field("Severity"),
        set_at("high", "Severity", "Label"),
    ],
    "Types has 1 to 50 types of AWS Security Best Practices": [
        remove_field("Types"),
        set_at(["Effects"], "Types"),
        set_at([f"{TYPE}/more"], "Types"),
        set_at(["Software and Configuration Checks/AWS Security Best Practices/"], "Types"),
    ],
    "Compliance.Status is one of four": [set_at("UNKNOWN", "Compliance", "Status")],
    "Compliance.StatusReasons each have a ReasonCode": [
        set_at([{"Description": "why"}], "Compliance", "StatusReasons")
    ],
    "Compliance.RelatedRequirements has at most 32 entries of at most 64 characters": [
        set_at(["r"] * 33, "Compliance", "RelatedRequirements"),
        set_at(["r" * 65], "Compliance", "RelatedRequirements"),
    ],
    "Compliance names no AWS control": [
        set_at("RDS.38", "Compliance", "SecurityControlId"),
        set_at([], "Compliance", "AssociatedStandards"),
    ],
    "Remediation.Recommendation has a Text of 1 to 512 characters or a public Url": [
        remove_field("Remediation"),
        set_at({}, "Remediation", "Recommendation"),
        set_at({"Text": "t" * 513}, "Remediation", "Recommendation"),
        set_at({"Text": ""}, "Remediation", "Recommendation"),
        set_at({"Link": "https://example.com/"}, "Remediation", "Recommendation"),
        set_at({"Url": "docs/remedy.md"}, "Remediation", "Recommendation"),
        set_at({"Url": "https://"}, "Remediation", "Recommendation"),
        set_at({"Url": "https://wiki/remedy"}, "Remediation", "Recommendation"),
        set_at({"Url": "https://[::1/"}, "Remediation", "Recommendation"),
    ],
    "ProductFields has at most 50 entries": [set_at(fields(51), "ProductFields")],
    "ProductFields has keys of at most 128 plain characters": [
        set_at("v", "ProductFields", "k" * 129),
        set_at("v", "ProductFields", "a;b"),
        set_at("v", "ProductFields", "größe"),
    ],
    "ProductFields has values of at most 2048 characters": [
        set_at("v" * 2049, "ProductFields", "k")
    ],
    "ProductFields has no key that begins with aws/": [
        set_at("v", "ProductFields", "aws/securityhub")
    ],
    "Resources has 1 to 32 entries": [
        set_at([], "Resources"),
        lambda finding: set_at(finding["Resources"] * 33, "Resources")(finding),
    ],
    "Resource Id has 1 to 512 characters": [
        set_at("r" * 513, "Resources", 0, "Id"),
        set_at("", "Resources", 0, "Id"),
    ],
    "Resource Tags has 1 to 50 values of at most 256 characters, or is omitted": [
        set_at({}, "Resources", 0, "Tags"),
        set_at(fields(51), "Resources", 0, "Tags"),
        set_at({"Owner": "o" * 257}, "Resources", 0, "Tags"),
    ],
    "Resource Details.Other has at most 50 short strings": [
        set_at(fields(51), "Resources", 0, "Details", "Other"),
        set_at({"k" * 128: "v"}, "Resources", 0, "Details", "Other"),
        set_at({"k": "v" * 1024}, "Resources", 0, "Details", "Other"),
        set_at({"k": 1}, "Resources", 0, "Details", "Other"),
    ],
    "Resource Partition is a known partition": [set_at("aws-moon", "Resources", 0, "Partition")],
    "fields owned by reviewers or by Security Hub are not sent": [
        set_at({"Status": "NEW"}, "Workflow"),
        set_at({"Text": "t", "UpdatedBy": "u"}, "Note"),
        set_at({"a": "b"}, "UserDefinedFields"),
        set_at("UNKNOWN", "VerificationState"),
        set_at("NEW", "WorkflowState"),
        set_at("eu-central-1", "Region"),
        set_at("2026-03-01T06:00:00Z", "ProcessedAt"),
    ],
    "the finding has at most 240 KB": [
        set_at("v" * MAX_BYTES, "ProductFields", "k"),
        set_at("größe" * (MAX_BYTES // 10), "ProductFields", "k"),
    ],
}

_DB_INSTANCE_PATH = "finding.Resources[0].Details.AwsRdsDbInstance"
_DB_INSTANCE = ("Resources", 0, "Details", "AwsRdsDbInstance")
BY_SCHEMA_VIOLATION: dict[str, Edit] = {
    "finding.Colour is not a known field": set_at("red", "Colour"),
    "finding.Resources is missing": remove_field("Resources"),
    "finding.Title is not of type string": set_at(7, "Title"),
    "finding.Title does not match": set_at("  ", "Title"),
    "finding.RecordState is not one of ACTIVE, ARCHIVED": set_at("OPEN", "RecordState"),
    "finding.Severity.Label is not one of": set_at("SEVERE", "Severity", "Label"),
    "finding.Types is not of type list": set_at(TYPE, "Types"),
    "finding.Confidence is not of type integer": set_at(True, "Confidence"),  # noqa: FBT003 - the fault
    f"{_DB_INSTANCE_PATH}.DbInstanceIdentifier is not a known field": set_at(
        NAME, *_DB_INSTANCE, "DbInstanceIdentifier"
    ),
    f"{_DB_INSTANCE_PATH}.PubliclyAccessible is not of type boolean": set_at(
        "no", *_DB_INSTANCE, "PubliclyAccessible"
    ),
    "finding.Resources[0].Tags[Owner] is not of type string": set_at(
        1, "Resources", 0, "Tags", "Owner"
    ),
    "finding.Resources[0].Tags[Owner] does not match": set_at("", "Resources", 0, "Tags", "Owner"),
    "finding.Action.NetworkConnectionAction.Blocked is not of type boolean": set_at(
        {"NetworkConnectionAction": {"Blocked": 1}}, "Action"
    ),
    "finding.Detection.Sequence.Signals has a length of 0": set_at(
        {"Sequence": {"Signals": []}}, "Detection"
    ),
}


def edited(*edits: Edit) -> Finding:
    finding = deepcopy(VALID)
    for edit in edits:
        edit(finding)
    return finding
