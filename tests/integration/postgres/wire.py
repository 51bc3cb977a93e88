"""Messages of a PostgreSQL server as bytes, correct and malformed ones."""

import struct


def message(kind: bytes, body: bytes, length: int | None = None) -> bytes:
    """Frame a message; `length` is the length that it claims, if that is not its real one."""
    claimed = len(body) + 4 if length is None else length
    return kind + struct.pack("!i", claimed) + body


def authentication(code: int, body: bytes = b"") -> bytes:
    return message(b"R", struct.pack("!i", code) + body)


def error(sqlstate: bytes, text: bytes) -> bytes:
    return message(b"E", b"SFATAL\0C" + sqlstate + b"\0M" + text + b"\0\0")


READY = message(b"Z", b"I")
AUTHENTICATED = authentication(0) + READY
ASKS_CLEARTEXT = authentication(3)
ASKS_SCRAM = authentication(10, b"SCRAM-SHA-256\0\0")
REFUSES = error(b"28000", b"no pg_hba.conf entry")
QUERY_ANSWERED = message(b"C", b"SELECT 1\0") + READY
TEXT, BOOL, INT4 = 25, 16, 23
"""The OIDs of types."""


def row_description(*columns: tuple[str, int]) -> bytes:
    """Describe columns by name and by the OID of their type."""
    fields = b"".join(
        name.encode() + b"\0" + struct.pack("!ihihih", 0, 0, oid, -1, -1, 0)
        for name, oid in columns
    )
    return message(b"T", struct.pack("!H", len(columns)) + fields)


def row(*values: bytes) -> bytes:
    cells = b"".join(struct.pack("!i", len(text)) + text for text in values)
    return message(b"D", struct.pack("!H", len(values)) + cells)
