"""Findings with one fault each: what every rule forbids, and other shapes than botocore's."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

from rds_tls_audit.findings.asff import Finding
from rds_tls_audit.findings.asff_rules import MAX_BYTES
from tests.support.valid_finding import NAME, TYPE, VALID

type Spoil = Callable[[Finding], object]


def put(value: object, *path: str | int) -> Spoil:
    """Set what lies at the path."""

    def spoil(finding: Finding) -> None:
        place: Any = finding
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = value

    return spoil


def drop(name: str) -> Spoil:
    """Take a field away."""
    return lambda finding: finding.pop(name)


def fields(number: int) -> dict[str, str]:
    return {f"field {index}": "value" for index in range(number)}


SPOILED: dict[str, list[Spoil]] = {
    "SchemaVersion is 2018-10-08": [put("2018-10-09", "SchemaVersion"), drop("SchemaVersion")],
    "Id has 1 to 512 characters": [put("", "Id"), put("i" * 513, "Id")],
    "Id is no ARN": [put("arn:aws:rds:eu-central-1:123456789012:db:orders-prod", "Id")],
    "ProductArn is the account's own default product": [
        put("arn:aws:securityhub:eu-central-1::product/aws/securityhub", "ProductArn"),
        put(
            "arn:aws:securityhub:eu-central-1:999999999999:product/999999999999/default",
            "ProductArn",
        ),
        put(
            "arn:aws-cn:securityhub:eu-central-1:123456789012:product/123456789012/default",
            "ProductArn",
        ),
        put(
            "arn:aws:securityhub:eu-west-1:123456789012:product/123456789012/default",
            "ProductArn",
        ),
    ],
    "GeneratorId has 1 to 512 characters": [put("", "GeneratorId"), put("g" * 513, "GeneratorId")],
    "Title has 1 to 256 characters": [put("", "Title"), put(f"{'t' * 250}: {NAME}", "Title")],
    "Title names the resource": [
        put("RDS TLS: plaintext", "Title"),
        put(f"RDS TLS: {NAME}-2", "Title"),
        put(f"RDS TLS: {NAME}: plaintext", "Title"),
    ],
    "Description has 1 to 1024 characters": [
        put("", "Description"),
        put("d" * 1025, "Description"),
    ],
    "AwsAccountId has 12 digits": [
        put("12345678901", "AwsAccountId"),
        put("a" * 12, "AwsAccountId"),
    ],
    "CreatedAt is RFC 3339 with a zone": [put("2026-03-01T06:00:00", "CreatedAt")],
    "UpdatedAt is RFC 3339 with a zone": [
        put("2026-03-01 06:00:00Z", "UpdatedAt"),
        put("2026-03-01T06:00:00.1234567890Z", "UpdatedAt"),
        put("2026-13-01T06:00:00Z", "UpdatedAt"),
    ],
    "FirstObservedAt is RFC 3339 with a zone": [put("yesterday", "FirstObservedAt")],
    "LastObservedAt is RFC 3339 with a zone": [put("2026-03-01", "LastObservedAt")],
    "FindingProviderFields.Severity has a Label of five": [
        drop("FindingProviderFields"),
        put("SEVERE", "FindingProviderFields", "Severity", "Label"),
    ],
    "FindingProviderFields.Severity.Original has 1 to 64 characters": [
        put("o" * 65, "FindingProviderFields", "Severity", "Original")
    ],
    "FindingProviderFields.Severity has no Normalized": [
        put(70, "FindingProviderFields", "Severity", "Normalized")
    ],
    "FindingProviderFields.Types are 1 to 50 of ours": [
        put([], "FindingProviderFields", "Types"),
        put([TYPE] * 51, "FindingProviderFields", "Types"),
    ],
    "FindingProviderFields.Confidence and Criticality are 0 to 100": [
        put(101, "FindingProviderFields", "Confidence"),
        put(-1, "FindingProviderFields", "Criticality"),
    ],
    "Severity has a Label of five": [drop("Severity"), put("high", "Severity", "Label")],
    "Types are 1 to 50 of ours": [
        drop("Types"),
        put(["Effects"], "Types"),
        put([f"{TYPE}/more"], "Types"),
        put(["Software and Configuration Checks/AWS Security Best Practices/"], "Types"),
    ],
    "Compliance.Status is one of four": [put("UNKNOWN", "Compliance", "Status")],
    "Compliance.StatusReasons have a ReasonCode": [
        put([{"Description": "why"}], "Compliance", "StatusReasons")
    ],
    "Compliance.RelatedRequirements are at most 32 of 64 characters": [
        put(["r"] * 33, "Compliance", "RelatedRequirements"),
        put(["r" * 65], "Compliance", "RelatedRequirements"),
    ],
    "Compliance leaves AWS's controls alone": [
        put("RDS.38", "Compliance", "SecurityControlId"),
        put([], "Compliance", "AssociatedStandards"),
    ],
    "Remediation.Recommendation has a Text of 1 to 512 characters or a public Url": [
        drop("Remediation"),
        put({}, "Remediation", "Recommendation"),
        put({"Text": "t" * 513}, "Remediation", "Recommendation"),
        put({"Text": ""}, "Remediation", "Recommendation"),
        put({"Link": "https://example.com/"}, "Remediation", "Recommendation"),
        put({"Url": "docs/remedy.md"}, "Remediation", "Recommendation"),
        put({"Url": "https://"}, "Remediation", "Recommendation"),
        put({"Url": "https://wiki/remedy"}, "Remediation", "Recommendation"),
        put({"Url": "https://[::1/"}, "Remediation", "Recommendation"),
    ],
    "ProductFields are at most 50": [put(fields(51), "ProductFields")],
    "ProductFields have keys of plain characters, at most 128": [
        put("v", "ProductFields", "k" * 129),
        put("v", "ProductFields", "a;b"),
        put("v", "ProductFields", "größe"),
    ],
    "ProductFields have values of at most 2048 characters": [put("v" * 2049, "ProductFields", "k")],
    "ProductFields keep out of aws/": [put("v", "ProductFields", "aws/securityhub")],
    "Resources are 1 to 32": [
        put([], "Resources"),
        lambda finding: put(finding["Resources"] * 33, "Resources")(finding),
    ],
    "Resource Id has 1 to 512 characters": [
        put("r" * 513, "Resources", 0, "Id"),
        put("", "Resources", 0, "Id"),
    ],
    "Resource Tags are 1 to 50, with values of at most 256, or left out": [
        put({}, "Resources", 0, "Tags"),
        put(fields(51), "Resources", 0, "Tags"),
        put({"Owner": "o" * 257}, "Resources", 0, "Tags"),
    ],
    "Resource Details.Other are at most 50 short strings": [
        put(fields(51), "Resources", 0, "Details", "Other"),
        put({"k" * 128: "v"}, "Resources", 0, "Details", "Other"),
        put({"k": "v" * 1024}, "Resources", 0, "Details", "Other"),
        put({"k": 1}, "Resources", 0, "Details", "Other"),
    ],
    "Resource Partition is one there is": [put("aws-moon", "Resources", 0, "Partition")],
    "what belongs to reviewers and the hub is not sent": [
        put({"Status": "NEW"}, "Workflow"),
        put({"Text": "t", "UpdatedBy": "u"}, "Note"),
        put({"a": "b"}, "UserDefinedFields"),
        put("UNKNOWN", "VerificationState"),
        put("NEW", "WorkflowState"),
        put("eu-central-1", "Region"),
        put("2026-03-01T06:00:00Z", "ProcessedAt"),
    ],
    "the finding has at most 240 KB": [
        put("v" * MAX_BYTES, "ProductFields", "k"),
        put("größe" * (MAX_BYTES // 10), "ProductFields", "k"),
    ],
}

MISSHAPEN: dict[str, Spoil] = {
    "finding.Colour is not known": put("red", "Colour"),
    "finding.Resources is missing": drop("Resources"),
    "finding.Title is no string": put(7, "Title"),
    "finding.Title does not match": put("  ", "Title"),
    "finding.RecordState is none of ACTIVE, ARCHIVED": put("OPEN", "RecordState"),
    "finding.Severity.Label is none of": put("SEVERE", "Severity", "Label"),
    "finding.Types is no list": put(TYPE, "Types"),
    "finding.Confidence is no integer": put(True, "Confidence"),  # noqa: FBT003 - the fault
    "finding.Resources[0].Details.AwsRdsDbInstance.DbInstanceIdentifier is not known": put(
        NAME, "Resources", 0, "Details", "AwsRdsDbInstance", "DbInstanceIdentifier"
    ),
    "finding.Resources[0].Details.AwsRdsDbInstance.PubliclyAccessible is no boolean": put(
        "no", "Resources", 0, "Details", "AwsRdsDbInstance", "PubliclyAccessible"
    ),
    "finding.Resources[0].Tags[Owner] is no string": put(1, "Resources", 0, "Tags", "Owner"),
    "finding.Resources[0].Tags[Owner] does not match": put("", "Resources", 0, "Tags", "Owner"),
    "finding.Action.NetworkConnectionAction.Blocked is no boolean": put(
        {"NetworkConnectionAction": {"Blocked": 1}}, "Action"
    ),
    "finding.Detection.Sequence.Signals has a length of 0": put(
        {"Sequence": {"Signals": []}}, "Detection"
    ),
}


def spoiled(*spoils: Spoil) -> Finding:
    finding = deepcopy(VALID)
    for spoil in spoils:
        spoil(finding)
    return finding
