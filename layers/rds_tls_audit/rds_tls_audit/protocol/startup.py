"""PostgreSQL's first messages: what we send before any authentication, and the first reply.

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
"""An honest first reply has some hundred bytes."""

_CHALLENGES = {
    0: "no password asked (trust)",
    2: "Kerberos asked",
    3: "a password in clear asked",
    5: "an MD5 password asked",
    7: "GSSAPI asked",
    9: "SSPI asked",
    10: "SCRAM asked",
}


class NotPostgresError(ValueError):
    """The reply is not one that PostgreSQL gives here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Challenge:
    """The server goes on to authentication: the connection itself was let in."""

    method: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """The server ends the conversation with an error."""

    sqlstate: str


type Reply = Challenge | Refusal


def startup_message(user: str, database: str) -> bytes:
    """Ask for a session; carries no password."""
    fields = b"".join(text.encode() + b"\0" for text in ("user", user, "database", database))
    return struct.pack("!ii", len(fields) + 9, PROTOCOL_3_0) + fields + b"\0"


def body_length(header: bytes) -> int:
    """How many bytes follow this five byte header.

    Raises:
        NotPostgresError: the header cannot be that of a first reply.
    """
    if len(header) < HEADER_BYTES or header[:1] not in {b"R", b"E"}:
        raise NotPostgresError("the first reply is not PostgreSQL's")
    length = int(struct.unpack("!i", header[1:HEADER_BYTES])[0]) - 4
    if not MIN_REPLY_BYTES <= length <= MAX_REPLY_BYTES:
        raise NotPostgresError(f"the first reply claims a length of {length + 4} bytes")
    return length


def parse_reply(header: bytes, body: bytes) -> Reply:
    """Read the first reply; an error by its SQLSTATE alone, since texts are localised.

    Raises:
        NotPostgresError: it is not a first reply of PostgreSQL.
    """
    if len(body) < body_length(header):
        raise NotPostgresError("the first reply ends too early")
    if header[:1] == b"R":
        code = int(struct.unpack("!i", body[:4])[0])
        return Challenge(method=_CHALLENGES.get(code, f"authentication method {code} asked"))
    fields = {field[:1]: field[1:] for field in body.split(b"\0") if field}
    sqlstate = fields.get(b"C", b"").decode("ascii", "replace")
    if len(sqlstate) != 5 or not sqlstate.isalnum():  # noqa: PLR2004 - a SQLSTATE has five characters
        raise NotPostgresError("the first reply is an error without a SQLSTATE")
    return Refusal(sqlstate=sqlstate)
