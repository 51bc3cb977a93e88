"""Store each parameter group once per batch, since a group has many more bytes than a target.

Later targets that share a group refer to the first target that has it. This works on JSON
documents, like `codec`: on the `targets` of a manifest or a ProbeRequest, and on the `witnessed`
targets of a ProbeResult.
"""

import json
from collections.abc import Iterator
from typing import Any

from rds_tls_audit.codec import MalformedError, decode, encode

_SAME_AS = "same_as"


def pack(value: object) -> object:
    """Encode a Batch, a ProbeRequest, or a ProbeResult so that it contains each group once."""
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
    """Decode a document that `pack` or `encode` has encoded.

    Args:
        document: JSON.
        shape: The dataclass to return.
        what: The name of the document in error messages.

    Raises:
        MalformedError: The document has another shape, or refers to a target that it lacks.
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
