"""What Security Hub enforces of a finding and botocore does not, and a hub that enforces it."""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial
from typing import Any

import botocore.session
from botocore.model import ListShape, MapShape, Shape, StringShape, StructureShape

from rds_tls_audit.finding import Finding
from rds_tls_audit.result import Rejection
from rds_tls_audit.stages.publish import Imported

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
_MAX_BYTES = 240 * 1024


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
    name, title = finding["Resources"][0]["Id"].rpartition(":")[2], finding["Title"]
    return bool(title.endswith(f": {name}"))


def _time(field: str, finding: Mapping[str, Any]) -> bool:
    text = finding[field]
    if not _RFC_3339.fullmatch(text):
        return False
    try:
        _moment(text)
    except ValueError:
        return False
    return True


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _types(types: Sequence[str]) -> bool:
    return 1 <= len(types) <= 50 and all(
        kind.startswith(_TYPE_PREFIX) and len([part for part in kind.split("/") if part]) == 3
        for kind in types
    )


def _recommendation(recommendation: Mapping[str, str]) -> bool:
    return (
        bool(recommendation)
        and _long(recommendation.get("Text", "-"), 512)
        and recommendation.get("Url", "https://").startswith("https://")
    )


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
        name="FindingProviderFields.Severity has a Label",
        holds=lambda it: bool(it["FindingProviderFields"]["Severity"]["Label"]),
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
    Rule(name="Severity has a Label", holds=lambda it: bool(it["Severity"]["Label"])),
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
        holds=lambda it: len(json.dumps(it, ensure_ascii=False).encode()) <= _MAX_BYTES,
    ),
)


def broken_rules(finding: Mapping[str, Any]) -> list[str]:
    """Name every rule that a finding breaks, and every place where it has another shape."""
    broken = [rule.name for rule in RULES if not _holds(rule, finding)]
    return [*broken, *_misshapen(_finding_shape(), finding, "finding")]


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
        if _moment(finding["UpdatedAt"]) > _moment(kept["UpdatedAt"]):
            self.findings[finding["Id"]] = finding


def _holds(rule: Rule, finding: Mapping[str, Any]) -> bool:
    try:
        return rule.holds(finding)
    except (LookupError, TypeError, AttributeError):
        return False


@cache
def _finding_shape() -> Shape:
    model = botocore.session.get_session().get_service_model("securityhub")
    call = model.operation_model("BatchImportFindings").input_shape
    if call is None:
        message = "botocore knows no input of BatchImportFindings"
        raise LookupError(message)
    findings = call.members["Findings"]
    return _as(ListShape, findings).member


def _as[S: Shape](kind: type[S], shape: Shape) -> S:
    if not isinstance(shape, kind):
        message = f"{shape.name} is no {kind.__name__}"
        raise TypeError(message)
    return shape


_PYTHON_TYPES: Mapping[str, type | tuple[type, ...]] = {
    "structure": Mapping,
    "map": Mapping,
    "list": (list, tuple),
    "string": str,
    "boolean": bool,
    "integer": int,
    "long": int,
    "double": (int, float),
    "timestamp": str,
}


def _misshapen(shape: Shape, value: object, where: str) -> Iterator[str]:
    expected = _PYTHON_TYPES[shape.type_name]
    number_as_bool = isinstance(value, bool) and shape.type_name != "boolean"
    if number_as_bool or not isinstance(value, expected):
        yield f"{where} is no {shape.type_name}"
        return
    if isinstance(value, (str, list, tuple, Mapping)):
        yield from _wrong_length(shape, len(value), where)
    if isinstance(shape, StructureShape) and isinstance(value, Mapping):
        yield from _misshapen_members(shape, value, where)
    elif isinstance(shape, MapShape) and isinstance(value, Mapping):
        for key, item in value.items():
            yield from _misshapen(shape.key, key, f"a key of {where}")
            yield from _misshapen(shape.value, item, f"{where}[{key}]")
    elif isinstance(shape, ListShape) and isinstance(value, (list, tuple)):
        for number, item in enumerate(value):
            yield from _misshapen(shape.member, item, f"{where}[{number}]")
    elif isinstance(shape, StringShape) and isinstance(value, str):
        yield from _wrong_text(shape, value, where)


def _misshapen_members(
    shape: StructureShape, value: Mapping[str, object], where: str
) -> Iterator[str]:
    for name in shape.required_members:
        if name not in value:
            yield f"{where}.{name} is missing"
    for name, item in value.items():
        if name in shape.members:
            yield from _misshapen(shape.members[name], item, f"{where}.{name}")
        else:
            yield f"{where}.{name} is not known"


def _wrong_length(shape: Shape, length: int, where: str) -> Iterator[str]:
    least, most = shape.metadata.get("min", 0), shape.metadata.get("max", length)
    if not least <= length <= most:
        yield f"{where} has a length of {length}"


def _wrong_text(shape: StringShape, text: str, where: str) -> Iterator[str]:
    # The model knows three partitions, the service five: a rule of ours holds for those.
    if shape.enum and text not in shape.enum and shape.name != "Partition":
        yield f"{where} is none of {', '.join(shape.enum)}"
    pattern = shape.metadata.get("pattern")
    if pattern and not re.fullmatch(pattern, text, re.DOTALL):
        yield f"{where} does not match {pattern}"
