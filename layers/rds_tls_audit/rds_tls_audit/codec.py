"""Convert frozen dataclasses to JSON and back, for messages and stored items."""

import json
from typing import get_origin

from cattrs import transform_error
from cattrs.errors import BaseValidationError
from cattrs.preconf.json import make_converter

MAX_PROBLEMS = 5
"""The number of problems of a document that an error names."""

_converter = make_converter()


def _boolean(value: object, _: type[bool]) -> bool:
    # Never convert: bool("false") is True.
    if not isinstance(value, bool):
        raise TypeError("not a boolean")
    return value


_converter.register_structure_hook(bool, _boolean)


class MalformedError(ValueError):
    """A document does not have the expected shape."""


def encode(value: object) -> object:
    """Convert dataclasses, enums, and datetimes to JSON types."""
    return _converter.unstructure(value)


def json_size(value: object) -> int:
    """Return the size of a value as JSON, in bytes."""
    return len(json.dumps(encode(value)))


def decode[T](document: object, shape: type[T], what: str) -> T:
    """Convert a JSON document to a value of this shape; unknown fields are ignored.

    Args:
        document: JSON.
        shape: The type to return.
        what: The name of the document in error messages.

    Raises:
        MalformedError: The document has another shape. The message never quotes the document.
    """
    if get_origin(shape) is tuple and not isinstance(document, list):
        raise MalformedError(f"{what} is malformed: not a list")
    try:
        return _converter.structure(document, shape)
    except BaseValidationError as error:
        # Only where, never the values: the document might contain a secret.
        where = "; ".join(transform_error(error)[:MAX_PROBLEMS])
        raise MalformedError(f"{what} is malformed: {where}") from error
    except (ValueError, TypeError, KeyError) as error:
        raise MalformedError(f"{what} is malformed: {type(error).__name__}") from error
