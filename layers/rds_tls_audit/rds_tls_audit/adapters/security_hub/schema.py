"""The shape of a finding, as botocore models it: enums and patterns, which it does not enforce."""

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
    """Give the shape of one finding, from the model that a client has loaded already."""
    call = service.operation_model("BatchImportFindings").input_shape
    if call is None:
        raise LookupError("botocore knows no input of BatchImportFindings")
    return _as(ListShape, call.members["Findings"]).member


def schema_violations(shape: Shape, finding: Mapping[str, object]) -> tuple[str, ...]:
    """Name every place where a finding has another shape."""
    return tuple(_misshapen(shape, finding, "finding"))


def _as[S: Shape](kind: type[S], shape: Shape) -> S:
    if not isinstance(shape, kind):
        raise TypeError(f"{shape.name} is no {kind.__name__}")
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
    # Older models know three partitions, the service five: a rule of ours holds for those.
    if shape.enum and text not in shape.enum and shape.name != "Partition":
        yield f"{where} is none of {', '.join(shape.enum)}"
    pattern = shape.metadata.get("pattern")
    if pattern and not re.fullmatch(pattern, text, re.DOTALL):
        yield f"{where} does not match {pattern}"
