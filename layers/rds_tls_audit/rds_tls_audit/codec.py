"""Frozen dataclasses as JSON, between the stages and in the run bucket."""

from enum import StrEnum

from cattrs.errors import BaseValidationError
from cattrs.preconf.json import make_converter

_converter = make_converter()
# Plain strings: a Lambda answers and stores JSON, in which an enum has no place.
_converter.register_unstructure_hook_func(
    lambda kind: isinstance(kind, type) and issubclass(kind, StrEnum), str
)


class MalformedError(ValueError):
    """A document does not have the shape that it should."""


def encode(value: object) -> object:
    """Turn dataclasses, enums and datetimes into what JSON knows."""
    return _converter.unstructure(value)


def decode[T](document: object, shape: type[T], what: str) -> T:
    """Read a document of this shape.

    Raises:
        MalformedError: it has another one; `what` names the document.
    """
    try:
        return _converter.structure(document, shape)
    except (BaseValidationError, ValueError, TypeError, KeyError) as error:
        message = f"{what} is malformed: it is not a {shape.__name__}"
        raise MalformedError(message) from error
