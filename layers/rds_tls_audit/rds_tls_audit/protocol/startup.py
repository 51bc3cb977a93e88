"""PostgreSQL's first messages: the requests that precede authentication, and the first reply.

Formats: https://www.postgresql.org/docs/current/protocol-message-formats.html
"""

import struct
from dataclasses import dataclass

SSL_REQUEST = struct.pack("!ii", 8, 80877103)
TLS_OFFERED = b"S"
TLS_NOT_OFFERED = b"N"

PROTOCOL_3_0 = 196608
HEADER_BYTES = 5
MIN_REPLY_BYTES = 4
MAX_REPLY_BYTES = 16_384
"""The largest reply that is read; PostgreSQL's own first replies have some hundred bytes."""

_METHODS = {
    0: "no credentials",
    2: "Kerberos authentication",
    3: "cleartext password authentication",
    5: "MD5 authentication",
    7: "GSSAPI authentication",
    9: "SSPI authentication",
    10: "SCRAM authentication",
}


class NotPostgresError(ValueError):
    """The reply is not a first reply of PostgreSQL."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Challenge:
    """The server accepted the connection and continues with authentication."""

    method: str
    """The credentials that the server asks for: `SCRAM authentication`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """The server refused the connection with an error."""

    sqlstate: str


type Reply = Challenge | Refusal


def build_startup_message(user: str, database: str) -> bytes:
    """Build the message that asks for a session; it carries no password."""
    fields = b"".join(text.encode() + b"\0" for text in ("user", user, "database", database))
    return struct.pack("!ii", len(fields) + 9, PROTOCOL_3_0) + fields + b"\0"


def read_body_length(header: bytes) -> int:
    """Read from the five-byte header of a first reply how many bytes follow it.

    Raises:
        NotPostgresError: The header is not the header of a first reply.
    """
    if len(header) < HEADER_BYTES or header[:1] not in {b"R", b"E"}:
        raise NotPostgresError(
            "the first reply is not a PostgreSQL message; check what is listening on this port"
        )
    length = int(struct.unpack("!i", header[1:HEADER_BYTES])[0]) - 4
    if not MIN_REPLY_BYTES <= length <= MAX_REPLY_BYTES:
        raise NotPostgresError(f"the first reply has an invalid length of {length + 4} bytes")
    return length


def parse_reply(header: bytes, body: bytes) -> Reply:
    """Parse the first reply; an error by its SQLSTATE alone, because the texts are localized.

    Raises:
        NotPostgresError: The message is not a first reply of PostgreSQL.
    """
    if len(body) < read_body_length(header):
        raise NotPostgresError("the first reply is incomplete")
    if header[:1] == b"R":
        code = int(struct.unpack("!i", body[:4])[0])
        return Challenge(method=_METHODS.get(code, f"authentication method {code}"))
    fields = {field[:1]: field[1:] for field in body.split(b"\0") if field}
    sqlstate = fields.get(b"C", b"").decode("ascii", "replace")
    if len(sqlstate) != 5 or not sqlstate.isalnum():  # noqa: PLR2004 - a SQLSTATE has five characters
        raise NotPostgresError("the first reply is an error without a SQLSTATE")
    return Refusal(sqlstate=sqlstate)
