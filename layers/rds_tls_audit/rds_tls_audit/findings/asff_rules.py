"""What Security Hub enforces of a finding and botocore does not: a table of rules.

Limits: https://docs.aws.amazon.com/securityhub/latest/userguide/asff-required-attributes.html and
https://docs.aws.amazon.com/securityhub/latest/userguide/asff-top-level-attributes.html
"""

# ruff: noqa: PLR2004 - the numbers are the rules

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from rds_tls_audit.codec import json_size

_RFC_3339 = re.compile(
    r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})", re.ASCII
)
_PRODUCT_ARN = re.compile(
    r"arn:(?P<partition>[a-z-]+):securityhub:(?P<region>[a-z0-9-]+):(?P<account>\d{12})"
    r":product/(?P=account)/default",
    re.ASCII,
)
_PRODUCT_KEY = re.compile(r"[A-Za-z0-9 .:+\\=@_/-]{1,128}")
_TYPE_PREFIX = "Software and Configuration Checks/AWS Security Best Practices/"
_LABELS = {"INFORMATIONAL", "LOW", "MEDIUM", "HIGH", "CRITICAL"}
_PARTITIONS = {"aws", "aws-cn", "aws-us-gov", "aws-us-iso", "aws-us-iso-b"}
_NOT_OURS_TO_SEND = {
    "Workflow",
    "Note",
    "UserDefinedFields",
    "VerificationState",
    "WorkflowState",
    "Region",
    "ProcessedAt",
}
MAX_BYTES = 240_000
"""Of one finding."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One thing that the service enforces; a field that is not there breaks it."""

    name: str
    holds: Callable[[Mapping[str, Any]], bool]


def _long(text: str, most: int) -> bool:
    return 1 <= len(text) <= most


def _texts(texts: Sequence[str], most: int, longest: int) -> bool:
    return len(texts) <= most and all(_long(text, longest) for text in texts)


def _own_product(finding: Mapping[str, Any]) -> bool:
    arn = _PRODUCT_ARN.fullmatch(finding["ProductArn"])
    return (
        arn is not None
        and arn["account"] == finding["AwsAccountId"]
        and all(
            (resource["Partition"], resource["Region"]) == (arn["partition"], arn["region"])
            for resource in finding["Resources"]
        )
    )


def _names_resource(finding: Mapping[str, Any]) -> bool:
    name = finding["Resources"][0]["Id"].rpartition(":")[2]
    return name in finding["Title"].rpartition(": ")[2].split()


def _time(field: str, finding: Mapping[str, Any]) -> bool:
    text = finding[field]
    if not _RFC_3339.fullmatch(text):
        return False
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _types(types: Sequence[str]) -> bool:
    return 1 <= len(types) <= 50 and all(
        kind.startswith(_TYPE_PREFIX) and kind.count("/") == 2 and not kind.endswith("/")
        for kind in types
    )


def _recommendation(recommendation: Mapping[str, str]) -> bool:
    return (
        not recommendation.keys().isdisjoint({"Text", "Url"})
        and _long(recommendation.get("Text", "-"), 512)
        and _public(recommendation.get("Url", "https://example.com/"))
    )


def _public(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme == "https" and "." in (parts.hostname or "")


def _tags(tags: Mapping[str, str]) -> bool:
    return 1 <= len(tags) <= 50 and all(len(value) <= 256 for value in tags.values())


def _other(details: Mapping[str, str]) -> bool:
    return len(details) <= 50 and all(
        len(key) < 128 and isinstance(value, str) and len(value) < 1024
        for key, value in details.items()
    )


RULES = (
    Rule(name="SchemaVersion is 2018-10-08", holds=lambda it: it["SchemaVersion"] == "2018-10-08"),
    Rule(name="Id has 1 to 512 characters", holds=lambda it: _long(it["Id"], 512)),
    Rule(name="Id is no ARN", holds=lambda it: not it["Id"].startswith("arn:")),
    Rule(name="ProductArn is the account's own default product", holds=_own_product),
    Rule(
        name="GeneratorId has 1 to 512 characters", holds=lambda it: _long(it["GeneratorId"], 512)
    ),
    Rule(name="Title has 1 to 256 characters", holds=lambda it: _long(it["Title"], 256)),
    Rule(name="Title names the resource", holds=_names_resource),
    Rule(
        name="Description has 1 to 1024 characters", holds=lambda it: _long(it["Description"], 1024)
    ),
    Rule(
        name="AwsAccountId has 12 digits",
        holds=lambda it: re.fullmatch(r"[0-9]{12}", it["AwsAccountId"]) is not None,
    ),
    *(
        Rule(name=f"{field} is RFC 3339 with a zone", holds=partial(_time, field))
        for field in ("CreatedAt", "UpdatedAt", "FirstObservedAt", "LastObservedAt")
    ),
    Rule(
        name="FindingProviderFields.Severity has a Label of five",
        holds=lambda it: it["FindingProviderFields"]["Severity"]["Label"] in _LABELS,
    ),
    Rule(
        name="FindingProviderFields.Severity.Original has 1 to 64 characters",
        holds=lambda it: _long(it["FindingProviderFields"]["Severity"].get("Original", "-"), 64),
    ),
    Rule(
        name="FindingProviderFields.Severity has no Normalized",
        holds=lambda it: "Normalized" not in it["FindingProviderFields"]["Severity"],
    ),
    Rule(
        name="FindingProviderFields.Types are 1 to 50 of ours",
        holds=lambda it: _types(it["FindingProviderFields"]["Types"]),
    ),
    Rule(
        name="FindingProviderFields.Confidence and Criticality are 0 to 100",
        holds=lambda it: all(
            0 <= it["FindingProviderFields"].get(field, 0) <= 100
            for field in ("Confidence", "Criticality")
        ),
    ),
    Rule(name="Severity has a Label of five", holds=lambda it: it["Severity"]["Label"] in _LABELS),
    Rule(name="Types are 1 to 50 of ours", holds=lambda it: _types(it["Types"])),
    Rule(
        name="Compliance.Status is one of four",
        holds=lambda it: (
            it["Compliance"]["Status"] in {"PASSED", "WARNING", "FAILED", "NOT_AVAILABLE"}
        ),
    ),
    Rule(
        name="Compliance.StatusReasons have a ReasonCode",
        holds=lambda it: all(
            reason["ReasonCode"] for reason in it["Compliance"].get("StatusReasons", ())
        ),
    ),
    Rule(
        name="Compliance.RelatedRequirements are at most 32 of 64 characters",
        holds=lambda it: _texts(it["Compliance"].get("RelatedRequirements", []), 32, 64),
    ),
    Rule(
        name="Compliance leaves AWS's controls alone",
        holds=lambda it: not {"AssociatedStandards", "SecurityControlId"} & it["Compliance"].keys(),
    ),
    Rule(
        name="Remediation.Recommendation has a Text of 1 to 512 characters or a public Url",
        holds=lambda it: _recommendation(it["Remediation"]["Recommendation"]),
    ),
    Rule(
        name="ProductFields are at most 50",
        holds=lambda it: len(it.get("ProductFields", {})) <= 50,
    ),
    Rule(
        name="ProductFields have keys of plain characters, at most 128",
        holds=lambda it: all(_PRODUCT_KEY.fullmatch(key) for key in it.get("ProductFields", {})),
    ),
    Rule(
        name="ProductFields have values of at most 2048 characters",
        holds=lambda it: all(len(it) <= 2048 for it in it.get("ProductFields", {}).values()),
    ),
    Rule(
        name="ProductFields keep out of aws/",
        holds=lambda it: not any(key.startswith("aws/") for key in it.get("ProductFields", {})),
    ),
    Rule(name="Resources are 1 to 32", holds=lambda it: 1 <= len(it["Resources"]) <= 32),
    Rule(
        name="Resource Id has 1 to 512 characters",
        holds=lambda it: all(_long(resource["Id"], 512) for resource in it["Resources"]),
    ),
    Rule(
        name="Resource Tags are 1 to 50, with values of at most 256, or left out",
        holds=lambda it: all(
            _tags(resource["Tags"]) for resource in it["Resources"] if "Tags" in resource
        ),
    ),
    Rule(
        name="Resource Details.Other are at most 50 short strings",
        holds=lambda it: all(
            _other(resource.get("Details", {}).get("Other", {})) for resource in it["Resources"]
        ),
    ),
    Rule(
        name="Resource Partition is one there is",
        holds=lambda it: all(resource["Partition"] in _PARTITIONS for resource in it["Resources"]),
    ),
    Rule(
        name="what belongs to reviewers and the hub is not sent",
        holds=lambda it: not _NOT_OURS_TO_SEND & it.keys(),
    ),
    Rule(
        name="the finding has at most 240 KB",
        holds=lambda it: json_size(it) <= MAX_BYTES,
    ),
)


def rule_violations(finding: Mapping[str, Any]) -> tuple[str, ...]:
    """Name every rule that a finding breaks; of any finding, it raises nothing."""
    return tuple(rule.name for rule in RULES if not _holds(rule, finding))


def _holds(rule: Rule, finding: Mapping[str, Any]) -> bool:
    try:
        return rule.holds(finding)
    except (LookupError, TypeError, AttributeError, ValueError):
        return False
