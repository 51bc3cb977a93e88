"""The rules for findings that Security Hub enforces and botocore does not check.

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
_OWNED_BY_OTHERS = {
    "Workflow",
    "Note",
    "UserDefinedFields",
    "VerificationState",
    "WorkflowState",
    "Region",
    "ProcessedAt",
}
MAX_BYTES = 240_000
"""The size limit of one finding."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule that Security Hub enforces; a finding without the field breaks it."""

    name: str
    holds: Callable[[Mapping[str, Any]], bool]


def _has_length(text: str, most: int) -> bool:
    return 1 <= len(text) <= most


def _are_short(texts: Sequence[str], most: int, longest: int) -> bool:
    return len(texts) <= most and all(_has_length(text, longest) for text in texts)


def _is_own_product(finding: Mapping[str, Any]) -> bool:
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


def _is_time(field: str, finding: Mapping[str, Any]) -> bool:
    text = finding[field]
    if not _RFC_3339.fullmatch(text):
        return False
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _are_valid_types(types: Sequence[str]) -> bool:
    return 1 <= len(types) <= 50 and all(
        kind.startswith(_TYPE_PREFIX) and kind.count("/") == 2 and not kind.endswith("/")
        for kind in types
    )


def _is_valid_recommendation(recommendation: Mapping[str, str]) -> bool:
    return (
        not recommendation.keys().isdisjoint({"Text", "Url"})
        and _has_length(recommendation.get("Text", "-"), 512)
        and _is_public_url(recommendation.get("Url", "https://example.com/"))
    )


def _is_public_url(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme == "https" and "." in (parts.hostname or "")


def _are_valid_tags(tags: Mapping[str, str]) -> bool:
    return 1 <= len(tags) <= 50 and all(len(value) <= 256 for value in tags.values())


def _are_short_strings(details: Mapping[str, str]) -> bool:
    return len(details) <= 50 and all(
        len(key) < 128 and isinstance(value, str) and len(value) < 1024
        for key, value in details.items()
    )


RULES = (
    Rule(
        name="SchemaVersion is 2018-10-08",
        holds=lambda finding: finding["SchemaVersion"] == "2018-10-08",
    ),
    Rule(name="Id has 1 to 512 characters", holds=lambda finding: _has_length(finding["Id"], 512)),
    Rule(name="Id is not an ARN", holds=lambda finding: not finding["Id"].startswith("arn:")),
    Rule(name="ProductArn is the account's own default product", holds=_is_own_product),
    Rule(
        name="GeneratorId has 1 to 512 characters",
        holds=lambda finding: _has_length(finding["GeneratorId"], 512),
    ),
    Rule(
        name="Title has 1 to 256 characters",
        holds=lambda finding: _has_length(finding["Title"], 256),
    ),
    Rule(name="Title names the resource", holds=_names_resource),
    Rule(
        name="Description has 1 to 1024 characters",
        holds=lambda finding: _has_length(finding["Description"], 1024),
    ),
    Rule(
        name="AwsAccountId has 12 digits",
        holds=lambda finding: re.fullmatch(r"[0-9]{12}", finding["AwsAccountId"]) is not None,
    ),
    *(
        Rule(name=f"{field} is RFC 3339 with a zone", holds=partial(_is_time, field))
        for field in ("CreatedAt", "UpdatedAt", "FirstObservedAt", "LastObservedAt")
    ),
    Rule(
        name="FindingProviderFields.Severity.Label is one of five",
        holds=lambda finding: finding["FindingProviderFields"]["Severity"]["Label"] in _LABELS,
    ),
    Rule(
        name="FindingProviderFields.Severity.Original has 1 to 64 characters",
        holds=lambda finding: _has_length(
            finding["FindingProviderFields"]["Severity"].get("Original", "-"), 64
        ),
    ),
    Rule(
        name="FindingProviderFields.Severity has no Normalized",
        holds=lambda finding: "Normalized" not in finding["FindingProviderFields"]["Severity"],
    ),
    Rule(
        name="FindingProviderFields.Types has 1 to 50 types of AWS Security Best Practices",
        holds=lambda finding: _are_valid_types(finding["FindingProviderFields"]["Types"]),
    ),
    Rule(
        name="FindingProviderFields.Confidence and Criticality are 0 to 100",
        holds=lambda finding: all(
            0 <= finding["FindingProviderFields"].get(field, 0) <= 100
            for field in ("Confidence", "Criticality")
        ),
    ),
    Rule(
        name="Severity.Label is one of five",
        holds=lambda finding: finding["Severity"]["Label"] in _LABELS,
    ),
    Rule(
        name="Types has 1 to 50 types of AWS Security Best Practices",
        holds=lambda finding: _are_valid_types(finding["Types"]),
    ),
    Rule(
        name="Compliance.Status is one of four",
        holds=lambda finding: (
            finding["Compliance"]["Status"] in {"PASSED", "WARNING", "FAILED", "NOT_AVAILABLE"}
        ),
    ),
    Rule(
        name="Compliance.StatusReasons each have a ReasonCode",
        holds=lambda finding: all(
            reason["ReasonCode"] for reason in finding["Compliance"].get("StatusReasons", ())
        ),
    ),
    Rule(
        name="Compliance.RelatedRequirements has at most 32 entries of at most 64 characters",
        holds=lambda finding: _are_short(
            finding["Compliance"].get("RelatedRequirements", []), 32, 64
        ),
    ),
    Rule(
        name="Compliance names no AWS control",
        holds=lambda finding: (
            not {"AssociatedStandards", "SecurityControlId"} & finding["Compliance"].keys()
        ),
    ),
    Rule(
        name="Remediation.Recommendation has a Text of 1 to 512 characters or a public Url",
        holds=lambda finding: _is_valid_recommendation(finding["Remediation"]["Recommendation"]),
    ),
    Rule(
        name="ProductFields has at most 50 entries",
        holds=lambda finding: len(finding.get("ProductFields", {})) <= 50,
    ),
    Rule(
        name="ProductFields has keys of at most 128 plain characters",
        holds=lambda finding: all(
            _PRODUCT_KEY.fullmatch(key) for key in finding.get("ProductFields", {})
        ),
    ),
    Rule(
        name="ProductFields has values of at most 2048 characters",
        holds=lambda finding: all(
            len(value) <= 2048 for value in finding.get("ProductFields", {}).values()
        ),
    ),
    Rule(
        name="ProductFields has no key that begins with aws/",
        holds=lambda finding: (
            not any(key.startswith("aws/") for key in finding.get("ProductFields", {}))
        ),
    ),
    Rule(
        name="Resources has 1 to 32 entries",
        holds=lambda finding: 1 <= len(finding["Resources"]) <= 32,
    ),
    Rule(
        name="Resource Id has 1 to 512 characters",
        holds=lambda finding: all(
            _has_length(resource["Id"], 512) for resource in finding["Resources"]
        ),
    ),
    Rule(
        name="Resource Tags has 1 to 50 values of at most 256 characters, or is omitted",
        holds=lambda finding: all(
            _are_valid_tags(resource["Tags"])
            for resource in finding["Resources"]
            if "Tags" in resource
        ),
    ),
    Rule(
        name="Resource Details.Other has at most 50 short strings",
        holds=lambda finding: all(
            _are_short_strings(resource.get("Details", {}).get("Other", {}))
            for resource in finding["Resources"]
        ),
    ),
    Rule(
        name="Resource Partition is a known partition",
        holds=lambda finding: all(
            resource["Partition"] in _PARTITIONS for resource in finding["Resources"]
        ),
    ),
    Rule(
        name="fields owned by reviewers or by Security Hub are not sent",
        holds=lambda finding: not _OWNED_BY_OTHERS & finding.keys(),
    ),
    Rule(
        name="the finding has at most 240 KB",
        holds=lambda finding: json_size(finding) <= MAX_BYTES,
    ),
)


def rule_violations(finding: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the names of the rules that a finding breaks; never raise, whatever it contains."""
    return tuple(rule.name for rule in RULES if not _holds(rule, finding))


def _holds(rule: Rule, finding: Mapping[str, Any]) -> bool:
    try:
        return rule.holds(finding)
    except (LookupError, TypeError, AttributeError, ValueError):
        return False
