"""The shape of a finding, as botocore models it."""

import re
from collections.abc import Iterator, Mapping
from functools import cache

import botocore.session
from botocore.model import ListShape, MapShape, Shape, StringShape, StructureShape


def misshapen(finding: Mapping[str, object]) -> Iterator[str]:
    """Name every place where a finding has another shape."""
    return _misshapen(_finding_shape(), finding, "finding")


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
