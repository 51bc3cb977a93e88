"""A parameter group once in a batch: the targets that share it point to the first that has it.

Works on documents, beside `codec`: `targets` of the manifest and of the probe's order, `witnessed`
of its evidence.
"""

import json
from collections.abc import Iterator
from typing import Any

from rds_tls_audit.codec import MalformedError, decode, encode

_SAME_AS = "same_as"


def pack(value: object) -> object:
    """Encode a batch, an order or evidence with each group once."""
    document = encode(value)
    first: dict[str, int] = {}
    for position, configuration in enumerate(_configurations(document)):
        group = configuration["group"].get("value")
        if group is None:
            continue
        key = json.dumps(group, sort_keys=True)
        if key in first:
            configuration["group"] = {_SAME_AS: first[key]}
        else:
            first[key] = position
    return document


def unpack[T](document: object, shape: type[T], what: str) -> T:
    """Decode what `pack` encoded; a document that repeats its groups is fine as well.

    Raises:
        MalformedError: it has another shape, or points to nowhere; `what` names it.
    """
    copied = json.loads(json.dumps(document))
    try:
        configurations = list(_configurations(copied))
        for configuration in configurations:
            position = configuration["group"].get(_SAME_AS)
            if position is not None:
                configuration["group"] = configurations[position]["group"]
    except (KeyError, IndexError, TypeError, AttributeError) as error:
        raise MalformedError(f"{what} is malformed: {type(error).__name__}") from error
    return decode(copied, shape, what)


def _configurations(document: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401 - any JSON
    for target in document.get("targets", ()):
        yield target["configuration"]
    for witnessed in document.get("witnessed", ()):
        yield witnessed["target"]["configuration"]
