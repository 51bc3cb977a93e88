"""Text that people read: escaped, shortened, and with the right plural."""

import json
from collections.abc import Sequence
from itertools import accumulate

ELLIPSIS = "…"
MAX_ID = 64
"""RDS identifiers have at most 63 characters."""


def escape(text: str, limit: int = 200) -> str:
    """Escape characters that are not printable, and shorten to `limit` characters.

    Use it for all text that comes from a database server.
    """
    begin = text[: limit + 1]
    if begin.isprintable():  # the most frequent case
        return truncate(begin, limit)
    escaped = (char if char.isprintable() else ascii(char)[1:-1] for char in begin)
    return truncate("".join(escaped), limit)


def escape_id(text: str) -> str:
    """Escape the identifier of a DB instance or DB cluster, as it is shown everywhere."""
    return escape(text, MAX_ID)


def truncate(text: str, limit: int) -> str:
    """Shorten to `limit` characters; a shortened text ends with an ellipsis."""
    return text if len(text) <= limit else text[: limit - 1] + ELLIPSIS


def fit_to_bytes(lines: Sequence[str], limit: int) -> tuple[list[str], int]:
    """Return the first lines that fit into `limit` bytes of JSON, and the number of the others."""
    sizes = accumulate(len(json.dumps(line)) for line in lines)
    kept = sum(1 for size in sizes if size <= limit)
    return list(lines[:kept]), len(lines) - kept


def pluralize(number: int, noun: str) -> str:
    """Return the number with the noun: `1 session`, `2 sessions`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
