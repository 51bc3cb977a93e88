"""Text for people: foreign text made harmless, and numbers with their nouns."""

import json
from collections.abc import Sequence
from itertools import accumulate

ELLIPSIS = "…"
MAX_ID = 64
"""RDS identifiers have at most 63 characters."""


def escape(text: str, limit: int = 200) -> str:
    """Escape what is not printable and cut to `limit` characters; for all text of a server."""
    begin = text[: limit + 1]
    if begin.isprintable():  # as most are
        return truncate(begin, limit)
    escaped = (it if it.isprintable() else ascii(it)[1:-1] for it in begin)
    return truncate("".join(escaped), limit)


def escape_id(text: str) -> str:
    """Make the identifier of an instance or cluster harmless, as it is named everywhere."""
    return escape(text, MAX_ID)


def truncate(text: str, limit: int) -> str:
    """Shorten to `limit` characters, the last of them an ellipsis where something is missing."""
    return text if len(text) <= limit else text[: limit - 1] + ELLIPSIS


def fit_to_bytes(lines: Sequence[str], limit: int) -> tuple[list[str], int]:
    """Keep the first lines that fit into `limit` bytes of JSON, and count the rest."""
    sizes = accumulate(len(json.dumps(line)) for line in lines)
    kept = sum(1 for size in sizes if size <= limit)
    return list(lines[:kept]), len(lines) - kept


def pluralize(number: int, noun: str) -> str:
    """`1 session`, `2 sessions`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
