"""The documents of an earlier version: how they are read, written, and compared without prose."""

import json
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from boto3.dynamodb.types import TypeDeserializer

STORED = Path(__file__).parent
PAGE_OF = "full-5"
"""The run whose page is kept: one is large enough."""
WIDTH = 100

type Json = Any
"""What `json.loads` gives."""

_PROSE = frozenset(
    {
        # Of items, results, evidence and digests.
        "advice",
        "accepted",
        "answers",
        "because",
        "description",
        "hub_off",
        "message",
        "missing",
        "nextSteps",
        "not_remembered",
        "not_sampled",
        "problem",
        "problems",
        "reason",
        "subject",
        "summary",
        "text",
        # Of findings.
        "Description",
        "Text",
        "Title",
    }
)
"""Fields for people: their words may change from version to version, their presence may not."""
_HASH_OF_PROSE = frozenset({"troubles"})
_MARK = re.compile(r"[0-9a-f]{16}")
_JSON_TEXT = frozenset({"known", "tally", "day"})
"""Attributes of items that hold JSON as text."""


def read(name: str) -> Json:
    """Read a document by its path below this folder."""
    return json.loads((STORED / name).read_text(encoding="utf-8"))


def documents(folder: str) -> list[str]:
    """Name the JSON documents below a folder, by their paths below this one."""
    found = sorted((STORED / folder).rglob("*.json"))
    return [str(path.relative_to(STORED)) for path in found]


def dump(path: Path, document: Json) -> None:
    """Write a document with sorted keys, in lines of about `WIDTH` characters."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{_lines(document, '')}\n", encoding="utf-8")


def _lines(document: Json, indent: str) -> str:
    line = json.dumps(document, ensure_ascii=False, sort_keys=True)
    if len(indent) + len(line) <= WIDTH or not isinstance(document, dict | list):
        return line
    deeper = f"{indent} "
    if isinstance(document, dict):
        inner = [
            f"{json.dumps(key, ensure_ascii=False)}: {_lines(document[key], deeper)}"
            for key in sorted(document)
        ]
        opening, closing = "{}"
    else:
        inner = [_lines(value, deeper) for value in document]
        opening, closing = "[]"
    joined = f",\n{deeper}".join(inner)
    return f"{opening}\n{deeper}{joined}\n{indent}{closing}"


def plain(item: Mapping[str, Json]) -> dict[str, Json]:
    """Read an item of DynamoDB's typed JSON, with the JSON that it holds as text."""
    deserialize = TypeDeserializer().deserialize
    read_item = {name: _without_decimals(deserialize(value)) for name, value in item.items()}
    return {
        name: json.loads(value) if name in _JSON_TEXT else value
        for name, value in read_item.items()
    }


def _without_decimals(value: Json) -> Json:
    if isinstance(value, dict):
        return {key: _without_decimals(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_without_decimals(inner) for inner in value]
    return int(value) if isinstance(value, Decimal) else value


def without_prose(document: Json, field: str = "") -> Json:
    """Leave of every text for people only that there is one."""
    if isinstance(document, dict):
        cleaned = {key: without_prose(value, key) for key, value in document.items()}
        # Sorted by the reason, which is prose.
        return cleaned | {"gaps": _sorted(cleaned["gaps"])} if "gaps" in cleaned else cleaned
    if isinstance(document, list):
        return [without_prose(value, field) for value in document]
    if isinstance(document, str) and _is_prose(document, field):
        return "(text)"
    return document


def _is_prose(text: str, field: str) -> bool:
    if field in _HASH_OF_PROSE:
        return True
    return field in _PROSE and not _MARK.fullmatch(text)


def _sorted(values: Iterable[Json]) -> list[Json]:
    return sorted(values, key=lambda value: json.dumps(value, sort_keys=True))
