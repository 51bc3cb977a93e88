"""Frozen dataclasses as JSON, between the stages and in the run bucket."""

import json
from typing import get_origin

from cattrs import transform_error
from cattrs.errors import BaseValidationError
from cattrs.preconf.json import make_converter

MAX_PROBLEMS = 5

_converter = make_converter()


def _boolean(value: object, _: type[bool]) -> bool:
    # Not converted: "false" would become True.
    if not isinstance(value, bool):
        raise TypeError("neither true nor false")
    return value


_converter.register_structure_hook(bool, _boolean)


class MalformedError(ValueError):
    """A document does not have the shape that it should."""


def encode(value: object) -> object:
    """Turn dataclasses, enums and datetimes into what JSON knows."""
    return _converter.unstructure(value)


def json_size(value: object) -> int:
    """Bytes that a value takes as JSON."""
    return len(json.dumps(encode(value)))


def decode[T](document: object, shape: type[T], what: str) -> T:
    """Read a document of this shape.

    Raises:
        MalformedError: it has another one; `what` names the document.
    """
    if get_origin(shape) is tuple and not isinstance(document, list):
        raise MalformedError(f"{what} is malformed: it is not a list")
    try:
        return _converter.structure(document, shape)
    except BaseValidationError as error:
        # Where, never what: the document may hold anything.
        where = "; ".join(transform_error(error)[:MAX_PROBLEMS])
        raise MalformedError(f"{what} is malformed: {where}") from error
    except (ValueError, TypeError, KeyError) as error:
        raise MalformedError(f"{what} is malformed: {type(error).__name__}") from error
