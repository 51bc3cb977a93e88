"""Servers that violate the protocol, each with the evidence that the probe may derive from it."""

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rds_tls_audit.evidence.observation import Trust
from tests.integration.postgres.misbehaviour import (
    Behaviour,
    answers_queries,
    closes,
    drips,
    floods,
    injects,
    is_silent,
    lets_in,
    repeats_scram,
    resets,
    scram_first,
    sends,
)
from tests.integration.postgres.wire import (
    ASKS_CLEARTEXT,
    AUTHENTICATED,
    BOOL,
    INT4,
    TEXT,
    authentication,
    error,
    message,
    row,
    row_description,
)

HTTP = b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n<html><b>no</b></html>"
GARBAGE = bytes(range(256)) * 8
NOTICE = message(b"N", b"SNOTICE\0Mwait a little\0\0")
HUGE = message(b"R", b"", 2**31 - 1)
THREE_BYTES = message(b"R", b"", 3)
LONG_ERROR = error(b"28P01", b"x" * 5_000_000)
LONG_WINDED = error(b"28000", b"x" * 3000)
"""Sent byte by byte, it takes longer than any deadline of these tests."""
MARKED_UP = error(b"28P01", "\x1b[2J\r\n<script>alert(1)</script>\u202e\x07".encode() + b"y" * 500)
ODD_ENCODING = message(b"S", b"client_encoding\0klingon\0") + error(b"28P01", b"no")

OWN_SESSION = row_description(("server_version", TEXT), ("version_number", TEXT)) + row(
    b"17.4", b"170004"
)
OWN_SESSION_AS_TEXT = row_description(
    *(("server_version", TEXT), ("version_number", TEXT), ("bits", TEXT), ("sees_others", BOOL))
) + row(b"13.4", b"130004", b"many", b"t")
SESSION_COLUMNS = (
    *("kind", "role", "application", "network", "version", "cipher"),
    *("encrypted", "sessions", "total", "clear", "groups"),
)
COUNTS_AS_TEXT = row_description(*((name, TEXT) for name in SESSION_COLUMNS)) + row(
    *(b"client", b"app", b"web", b"10.0.0.1", b"", b""), *(b"no", b"many", b"more", b"none", b"one")
)
CLEAR_AS_TEXT = row_description(
    *((name, TEXT) for name in SESSION_COLUMNS[:-4]),
    *(("sessions", INT4), ("total", INT4), ("clear", TEXT), ("groups", INT4)),
) + row(*(b"client", b"app", b"web", b"10.0.0.1", b"", b""), *(b"no", b"1", b"1", b"none", b"1"))
NUMBERS_AS_TEXT = {
    b"pg_stat_ssl WHERE": OWN_SESSION_AS_TEXT,
    b"WITH seen": COUNTS_AS_TEXT,
    b"pg_settings": row_description(("name", TEXT), ("setting", TEXT)),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Hostile:
    """The behavior of a server, and the evidence that the probe may derive from it."""

    id: str
    does: Mapping[str, Any]
    untrusted: bool = False
    plaintext: str = "refused"
    trust: Trust | None = Trust.VERIFIED
    sessions: str
    """A pattern for the reason why the sessions are unseen."""
    learns_the_password: bool = False
    delays_the_deadline: bool = False
    """OpenSSL reads session tickets without returning to Python as long as more arrive, so the
    deadline is noticed only if the client is faster than the server: it depends on the machine."""


def reveals_nothing(
    name: str, sessions: str, *, delays_the_deadline: bool = False, **does: object
) -> Hostile:
    """A server that reveals nothing."""
    return Hostile(
        id=name,
        does=does,
        plaintext="unseen",
        trust=None,
        sessions=sessions,
        delays_the_deadline=delays_the_deadline,
    )


def hides_enforcement(name: str, **does: object) -> Hostile:
    """A server that hides whether it refuses plaintext, and is otherwise honest."""
    return Hostile(id=name, does=does, plaintext="unseen", sessions="SQLSTATE 28000")


def at_login(name: str, to_login: Behaviour, sessions: str) -> Hostile:
    """A server that is honest until a client logs in."""
    return Hostile(id=name, does={"to_login": to_login}, sessions=sessions)


LATE = "no answer arrived within the deadline"
OUT_OF_TIME = f"{LATE}|timed out"
TOO_MUCH = "sent more data than the audit accepts"
BROKEN = "violated the PostgreSQL protocol|SCRAM failed"
NO_ROWS = f"unexpected number of rows|{BROKEN}"
NO_REPLY = "did not reply to the request for TLS"
SALT = b"s=QSXCR+Q6sek8bf92QSXC"

WITHOUT_TRUST = (
    Hostile(
        id="refuses TLS, then asks for a password",
        does={
            "to_plaintext": sends(ASKS_CLEARTEXT),
            "to_tls_request": sends(b"N" + ASKS_CLEARTEXT),
        },
        plaintext="accepted",
        trust=None,
        sessions="the server does not offer TLS",
    ),
    Hostile(
        id="has another CA, and asks for a password",
        untrusted=True,
        does=dict.fromkeys(("to_plaintext", "to_probe", "to_login"), sends(ASKS_CLEARTEXT)),
        plaintext="accepted",
        trust=Trust.UNKNOWN_CA,
        sessions="did not log in",
    ),
)
REVEALS_NOTHING = (
    reveals_nothing("is silent to plaintext", OUT_OF_TIME, to_plaintext=is_silent),
    reveals_nothing("is silent to the request for TLS", OUT_OF_TIME, to_tls_request=is_silent),
    reveals_nothing("is silent after it accepted TLS", OUT_OF_TIME, to_tls_request=sends(b"S")),
    reveals_nothing("is silent to the wire probe over TLS", OUT_OF_TIME, to_probe=is_silent),
    reveals_nothing(
        "replies to plaintext byte by byte", OUT_OF_TIME, to_plaintext=drips(LONG_WINDED)
    ),
    reveals_nothing(
        "sends a TLS record byte by byte",
        OUT_OF_TIME,
        to_tls_request=drips(b"S\x16\x03\x03\x40\x00" + b"\2" * 3000),
    ),
    reveals_nothing(
        "replies to the wire probe over TLS byte by byte", OUT_OF_TIME, to_probe=drips(LONG_WINDED)
    ),
    reveals_nothing(
        "sends garbage to the request for TLS", NO_REPLY, to_tls_request=sends(GARBAGE)
    ),
    reveals_nothing(
        "sends garbage in place of a handshake", "TLS failed", to_tls_request=sends(b"S" + GARBAGE)
    ),
    reveals_nothing("speaks HTTP", NO_REPLY, to_plaintext=sends(HTTP), to_tls_request=sends(HTTP)),
    reveals_nothing("accepts TLS and adds a plaintext reply", "TLS failed", to_tls_request=injects),
    reveals_nothing(
        "closes after it accepted TLS",
        "TLS failed|connection was lost",
        to_tls_request=lambda peer: peer.send(b"S"),
    ),
    reveals_nothing("resets at the request for TLS", "connection was lost", to_tls_request=resets),
    reveals_nothing(
        "sends session tickets endlessly",
        OUT_OF_TIME,
        delays_the_deadline=True,
        session_tickets=1_000_000,
    ),
)
HIDES_ENFORCEMENT = (
    hides_enforcement("sends notices endlessly in plaintext", to_plaintext=floods(NOTICE)),
    hides_enforcement("claims 2 GiB in plaintext", to_plaintext=sends(HUGE)),
    hides_enforcement("claims 2 GiB to the wire probe over TLS", to_probe=sends(HUGE)),
    hides_enforcement("claims three bytes in plaintext", to_plaintext=sends(THREE_BYTES)),
    hides_enforcement("sends an error of 5 MB in plaintext", to_plaintext=sends(LONG_ERROR)),
    hides_enforcement("sends garbage in plaintext", to_plaintext=sends(GARBAGE)),
    hides_enforcement("closes in plaintext", to_plaintext=closes),
    hides_enforcement("resets in plaintext", to_plaintext=resets),
)
AT_LOGIN = (
    Hostile(
        id="asks for a cleartext password over verified TLS",
        does={"to_login": sends(ASKS_CLEARTEXT)},
        sessions=LATE,
        learns_the_password=True,
    ),
    at_login("asks for an MD5 password", sends(authentication(5, b"salt")), LATE),
    at_login("is silent to the login", is_silent, LATE),
    at_login("is silent after it accepted the login", sends(AUTHENTICATED), LATE),
    at_login("replies to the login byte by byte", drips(NOTICE * 100), LATE),
    at_login("sends notices endlessly to the login", floods(NOTICE), f"{TOO_MUCH}|{LATE}"),
    at_login("claims 2 GiB to the login", sends(HUGE), TOO_MUCH),
    at_login("claims three bytes to the login", sends(THREE_BYTES), TOO_MUCH),
    at_login("sends an error of 5 MB to the login", sends(LONG_ERROR), TOO_MUCH),
    at_login("sends garbage to the login", sends(GARBAGE), f"{BROKEN}|{TOO_MUCH}"),
    at_login("resets the login", resets, "connection was lost"),
    at_login("closes the login", closes, "connection was lost"),
    at_login(
        "asks for two thousand million SCRAM iterations",
        scram_first(b"r=NONCEx," + SALT + b",i=2000000000"),
        BROKEN,
    ),
    at_login(
        "names the SCRAM iterations twice, the many last",
        scram_first(b"r=NONCEx," + SALT + b",i=4096,i=9999999"),
        BROKEN,
    ),
    at_login("repeats SCRAM endlessly", repeats_scram, LATE),
    at_login(
        "answers SCRAM with another nonce", scram_first(b"r=another," + SALT + b",i=4096"), BROKEN
    ),
    at_login(
        "continues SCRAM that was not begun", sends(authentication(11, b"r=x,s=x,i=4096")), BROKEN
    ),
    at_login("asks for Kerberos", sends(authentication(2)), BROKEN),
    at_login(
        "accepts the login without a password, and refuses every query",
        lets_in(answers_queries({b"": error(b"42501", b"not you")})),
        "SQLSTATE 42501: not you",
    ),
    at_login(
        "accepts the login without a password, and returns no rows",
        lets_in(answers_queries({b"": b""})),
        NO_ROWS,
    ),
    at_login(
        "accepts the login without a password, and leaves columns out",
        lets_in(answers_queries({b"pg_stat_ssl WHERE": OWN_SESSION, b"": b""})),
        f"{NO_ROWS}|malformed rows",
    ),
    at_login(
        "accepts the login without a password, and returns numbers as text",
        lets_in(answers_queries(NUMBERS_AS_TEXT)),
        "malformed rows",
    ),
    at_login(
        "asks for data to copy",
        lets_in(answers_queries({b"": message(b"G", struct.pack("!bh", 0, 0))})),
        BROKEN,
    ),
    at_login("sends a message of an unknown kind", sends(message(b"@", b"")), BROKEN),
    at_login(
        "sends an error that is not UTF-8",
        sends(error(b"28P01", b"\xff\xfe\xe4")),
        "password is wrong",
    ),
    at_login(
        "sends parameters that are not UTF-8", sends(message(b"S", b"\xffname\0\xff\0")), BROKEN
    ),
    at_login("chooses an encoding that does not exist", sends(ODD_ENCODING), BROKEN),
    at_login("sends control characters and markup", sends(MARKED_UP), "password is wrong"),
)
CASES = (*WITHOUT_TRUST, *REVEALS_NOTHING, *HIDES_ENFORCEMENT, *AT_LOGIN)
