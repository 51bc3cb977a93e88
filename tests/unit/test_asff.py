"""The strict rule table catches what it says, and the strict hub behaves as Security Hub does."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from rds_tls_audit.finding import Finding
from tests.asff import RULES, StrictHub, broken_rules

type Spoil = Callable[[Finding], object]

NAME = "orders-prod"
TYPE = "Software and Configuration Checks/AWS Security Best Practices/Data Encryption in Transit"
VALID: Finding = {
    "SchemaVersion": "2018-10-08",
    "Id": "eu-central-1/123456789012/rds-tls-audit/force-ssl/db-A",
    "ProductArn": ("arn:aws:securityhub:eu-central-1:123456789012:product/123456789012/default"),
    "GeneratorId": "rds-tls-audit/force-ssl",
    "AwsAccountId": "123456789012",
    "CreatedAt": "2026-03-01T06:00:00.000Z",
    "FirstObservedAt": "2026-03-01T06:00:00.000Z",
    "UpdatedAt": "2026-03-01T06:00:00.123456789+01:00",
    "LastObservedAt": "2026-03-01T06:00:00Z",
    "Title": f"RDS TLS: plaintext connections should be refused: {NAME}",
    "Description": "A connection without TLS is accepted.",
    "Types": [TYPE],
    "Severity": {"Label": "HIGH"},
    "FindingProviderFields": {
        "Severity": {"Label": "HIGH", "Original": "FAILED"},
        "Types": [TYPE],
        "Confidence": 100,
    },
    "Compliance": {
        "Status": "FAILED",
        "StatusReasons": [{"ReasonCode": "SEEN"}],
        "RelatedRequirements": ["NIST.800-53.r5 SC-8"],
    },
    "Remediation": {"Recommendation": {"Text": "Force TLS.", "Url": "https://example.com/"}},
    "ProductFields": {"rds-tls-audit/check": "force-ssl"},
    "Resources": [
        {
            "Type": "AwsRdsDbInstance",
            "Id": f"arn:aws:rds:eu-central-1:123456789012:db:{NAME}",
            "Partition": "aws",
            "Region": "eu-central-1",
            "Tags": {"Owner": "orders"},
            "Details": {"AwsRdsDbInstance": {"DBInstanceIdentifier": NAME}, "Other": {"a": "b"}},
        }
    ],
    "RecordState": "ACTIVE",
}


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
    "Title names the resource": [put("RDS TLS: plaintext", "Title")],
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
    "FindingProviderFields.Severity has a Label": [drop("FindingProviderFields")],
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
    "Severity has a Label": [drop("Severity")],
    "Types are 1 to 50 of ours": [
        drop("Types"),
        put(["Effects"], "Types"),
        put([f"{TYPE}/more"], "Types"),
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
        put({"Url": "docs/remedy.md"}, "Remediation", "Recommendation"),
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
    "the finding has at most 240 KB": [put("v" * 240 * 1024, "ProductFields", "k")],
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


def spoiled(spoil: Spoil) -> Finding:
    finding = deepcopy(VALID)
    spoil(finding)
    return finding


def later(**changes: object) -> Finding:
    return {**deepcopy(VALID), "UpdatedAt": "2026-03-02T06:00:00Z", **changes}


def test_a_finding_in_order_breaks_no_rule() -> None:
    assert broken_rules(VALID) == []


def test_an_isolated_partition_is_one_there_is() -> None:
    arn = "arn:aws-us-iso:securityhub:eu-central-1:123456789012:product/123456789012/default"
    finding = spoiled(put("aws-us-iso", "Resources", 0, "Partition"))

    assert broken_rules({**finding, "ProductArn": arn}) == []


def test_every_rule_is_tried() -> None:
    assert SPOILED.keys() == {rule.name for rule in RULES}


@pytest.mark.parametrize(
    ("rule", "spoil"),
    [
        pytest.param(rule, spoil, id=f"{rule}-{number}")
        for rule, spoils in SPOILED.items()
        for number, spoil in enumerate(spoils)
    ],
)
def test_a_rule_is_broken_by_what_it_forbids(rule: str, spoil: Spoil) -> None:
    assert rule in broken_rules(spoiled(spoil))


@pytest.mark.parametrize(
    ("complaint", "spoil"),
    [pytest.param(complaint, spoil, id=complaint) for complaint, spoil in MISSHAPEN.items()],
)
def test_another_shape_than_botocores_is_told(complaint: str, spoil: Spoil) -> None:
    assert [it for it in broken_rules(spoiled(spoil)) if it.startswith(complaint)]


def test_nothing_at_all_breaks_rules_and_raises_nothing() -> None:
    assert "finding.Title is missing" in broken_rules({})


def test_the_hub_keeps_a_finding_in_order() -> None:
    hub = StrictHub()

    imported = hub.import_findings([VALID])

    assert imported.ids == {VALID["Id"]}
    assert not imported.rejected
    assert hub.findings == {VALID["Id"]: VALID}


def test_the_hub_rejects_a_finding_that_breaks_a_rule_and_keeps_the_others() -> None:
    hub = StrictHub()
    wrong = {**VALID, "Id": "other", "Description": ""}

    imported = hub.import_findings([wrong, VALID])

    assert imported.ids == {VALID["Id"]}
    (rejection,) = imported.rejected
    assert (rejection.id, rejection.code) == ("other", "InvalidInput")
    assert "Description has 1 to 1024 characters" in rejection.message
    assert hub.findings.keys() == {VALID["Id"]}


@pytest.mark.parametrize(
    "updated_at", ["2026-03-01T05:00:00.123456Z", "2026-02-28T00:00:00Z"], ids=["equal", "older"]
)
def test_the_hub_ignores_silently_what_is_not_newer(updated_at: str) -> None:
    hub = StrictHub()
    hub.import_findings([VALID])

    imported = hub.import_findings([later(UpdatedAt=updated_at, Description="Another.")])

    assert imported.ids == {VALID["Id"]}
    assert hub.findings[VALID["Id"]] == VALID


def test_the_hub_takes_what_is_newer() -> None:
    hub = StrictHub()
    hub.import_findings([VALID])

    hub.import_findings([later(Description="Another.")])

    assert hub.findings[VALID["Id"]]["Description"] == "Another."
    assert hub.violations == []


@pytest.mark.parametrize("field", ["CreatedAt", "FirstObservedAt"])
def test_the_hub_notices_a_birth_date_that_changes(field: str) -> None:
    hub = StrictHub()
    hub.import_findings([VALID])

    hub.import_findings([later(**{field: "2026-03-02T06:00:00Z"})])

    assert hub.violations == [f"{VALID['Id']} changes its {field}"]


def test_the_hub_notices_an_id_that_is_sent_twice_at_once() -> None:
    hub = StrictHub()

    hub.import_findings([VALID, later()])

    assert len(hub.violations) == 2


def test_the_hub_fails_what_it_is_told_to_until_it_is_told_otherwise() -> None:
    hub = StrictHub()
    hub.reject(VALID["Id"], "InternalError")

    (rejection,) = hub.import_findings([VALID]).rejected
    assert rejection.code == "InternalError"
    assert not hub.findings

    hub.take_again()
    assert hub.import_findings([VALID]).ids == {VALID["Id"]}
