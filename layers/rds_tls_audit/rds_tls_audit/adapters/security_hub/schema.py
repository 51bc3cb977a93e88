"""Validate a finding against botocore's model, including the enums and patterns it ignores."""

import re
from collections.abc import Iterator, Mapping

from botocore.model import (
    ListShape,
    MapShape,
    ServiceModel,
    Shape,
    StringShape,
    StructureShape,
)


def finding_shape(service: ServiceModel) -> Shape:
    """Return the shape of one finding, from the service model that a client has already loaded."""
    request = service.operation_model("BatchImportFindings").input_shape
    if request is None:
        raise LookupError("botocore models no input of BatchImportFindings")
    return _as(ListShape, request.members["Findings"]).member


def schema_violations(shape: Shape, finding: Mapping[str, object]) -> tuple[str, ...]:
    """Return one message for each place where a finding differs from its shape."""
    return tuple(_violations(shape, finding, "finding"))


def _as[S: Shape](kind: type[S], shape: Shape) -> S:
    if not isinstance(shape, kind):
        raise TypeError(f"{shape.name} is not a {kind.__name__}")
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


def _violations(shape: Shape, value: object, where: str) -> Iterator[str]:
    expected = _PYTHON_TYPES[shape.type_name]
    number_as_bool = isinstance(value, bool) and shape.type_name != "boolean"
    if number_as_bool or not isinstance(value, expected):
        yield f"{where} is not of type {shape.type_name}"
        return
    if isinstance(value, (str, list, tuple, Mapping)):
        yield from _length_violations(shape, len(value), where)
    if isinstance(shape, StructureShape) and isinstance(value, Mapping):
        yield from _member_violations(shape, value, where)
    elif isinstance(shape, MapShape) and isinstance(value, Mapping):
        for key, item in value.items():
            yield from _violations(shape.key, key, f"a key of {where}")
            yield from _violations(shape.value, item, f"{where}[{key}]")
    elif isinstance(shape, ListShape) and isinstance(value, (list, tuple)):
        for number, item in enumerate(value):
            yield from _violations(shape.member, item, f"{where}[{number}]")
    elif isinstance(shape, StringShape) and isinstance(value, str):
        yield from _text_violations(shape, value, where)


def _member_violations(
    shape: StructureShape, value: Mapping[str, object], where: str
) -> Iterator[str]:
    for name in shape.required_members:
        if name not in value:
            yield f"{where}.{name} is missing"
    for name, item in value.items():
        if name in shape.members:
            yield from _violations(shape.members[name], item, f"{where}.{name}")
        else:
            yield f"{where}.{name} is not a known field"


def _length_violations(shape: Shape, length: int, where: str) -> Iterator[str]:
    least, most = shape.metadata.get("min", 0), shape.metadata.get("max", length)
    if not least <= length <= most:
        yield f"{where} has a length of {length}"


def _text_violations(shape: StringShape, text: str, where: str) -> Iterator[str]:
    # Older models list three partitions, the service has five; asff_rules covers those.
    if shape.enum and text not in shape.enum and shape.name != "Partition":
        yield f"{where} is not one of {', '.join(shape.enum)}"
    pattern = shape.metadata.get("pattern")
    if pattern and not re.fullmatch(pattern, text, re.DOTALL):
        yield f"{where} does not match {pattern}"
