"""Servers that break the protocol, each with what may be concluded from it."""

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
    ASKS_IN_CLEAR,
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
"""Byte by byte it takes longer than any deadline of these tests."""
MARKED_UP = error(b"28P01", "\x1b[2J\r\n<script>alert(1)</script>\u202e\x07".encode() + b"y" * 500)
ODD_ENCODING = message(b"S", b"client_encoding\0klingon\0") + error(b"28P01", b"no")

OWN_SESSION = row_description(("server_version", TEXT), ("version_number", TEXT)) + row(
    b"17.4", b"170004"
)
OWN_SESSION_IN_WORDS = row_description(
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
NUMBERS_IN_WORDS = {
    b"pg_stat_ssl WHERE": OWN_SESSION_IN_WORDS,
    b"WITH seen": COUNTS_AS_TEXT,
    b"pg_settings": row_description(("name", TEXT), ("setting", TEXT)),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Hostile:
    """What a server does, and what may be concluded from it."""

    id: str
    does: Mapping[str, Any]
    untrusted: bool = False
    plaintext: str = "refused"
    trust: Trust | None = Trust.VERIFIED
    sessions: str
    """Pattern of the reason why none are seen."""
    learns_the_password: bool = False


def before_tls(name: str, sessions: str, **does: object) -> Hostile:
    """A server of which nothing can be told."""
    return Hostile(id=name, does=does, plaintext="unseen", trust=None, sessions=sessions)


def to_the_pair(name: str, **does: object) -> Hostile:
    """A server that hides whether it refuses plaintext, and is honest otherwise."""
    return Hostile(id=name, does=does, plaintext="unseen", sessions="SQLSTATE 28000")


def at_login(name: str, to_login: Behaviour, sessions: str) -> Hostile:
    """A server that is honest until somebody logs in."""
    return Hostile(id=name, does={"to_login": to_login}, sessions=sessions)


LATE = "no answer within the deadline"
OUT_OF_TIME = f"{LATE}|timed out"
TOO_MUCH = "sends more than an honest one would"
BROKEN = "breaks the protocol|SCRAM fails"
NO_ROWS = f"another number of rows|{BROKEN}"
NO_ANSWER = "does not answer the request for TLS"
SALT = b"s=QSXCR+Q6sek8bf92QSXC"

WITHOUT_TRUST = (
    Hostile(
        id="says no to TLS, then asks for a password",
        does={"in_clear": sends(ASKS_IN_CLEAR), "to_tls_request": sends(b"N" + ASKS_IN_CLEAR)},
        plaintext="accepted",
        trust=None,
        sessions="TLS is off on the server",
    ),
    Hostile(
        id="has another CA, and asks for a password",
        untrusted=True,
        does=dict.fromkeys(("in_clear", "to_probe", "to_login"), sends(ASKS_IN_CLEAR)),
        plaintext="accepted",
        trust=Trust.UNKNOWN_CA,
        sessions="not logged in",
    ),
)
BEFORE_TLS = (
    before_tls("is silent in clear", OUT_OF_TIME, in_clear=is_silent),
    before_tls("is silent to the request for TLS", OUT_OF_TIME, to_tls_request=is_silent),
    before_tls("is silent after its yes", OUT_OF_TIME, to_tls_request=sends(b"S")),
    before_tls("is silent to the probe inside TLS", OUT_OF_TIME, to_probe=is_silent),
    before_tls("drips in clear", OUT_OF_TIME, in_clear=drips(LONG_WINDED)),
    before_tls(
        "drips a TLS record",
        OUT_OF_TIME,
        to_tls_request=drips(b"S\x16\x03\x03\x40\x00" + b"\2" * 3000),
    ),
    before_tls("drips to the probe inside TLS", OUT_OF_TIME, to_probe=drips(LONG_WINDED)),
    before_tls("sends garbage to the request for TLS", NO_ANSWER, to_tls_request=sends(GARBAGE)),
    before_tls(
        "sends garbage in place of a handshake", "TLS fails", to_tls_request=sends(b"S" + GARBAGE)
    ),
    before_tls("speaks HTTP", NO_ANSWER, in_clear=sends(HTTP), to_tls_request=sends(HTTP)),
    before_tls("adds an answer to its yes", "TLS fails", to_tls_request=injects),
    before_tls(
        "closes after its yes", "TLS fails|breaks off", to_tls_request=lambda peer: peer.send(b"S")
    ),
    before_tls("resets at the request for TLS", "breaks off", to_tls_request=resets),
    before_tls("sends session tickets without end", OUT_OF_TIME, session_tickets=1_000_000),
)
TO_THE_PAIR = (
    to_the_pair("sends notices without end in clear", in_clear=floods(NOTICE)),
    to_the_pair("claims 2 GiB in clear", in_clear=sends(HUGE)),
    to_the_pair("claims 2 GiB to the probe inside TLS", to_probe=sends(HUGE)),
    to_the_pair("claims three bytes in clear", in_clear=sends(THREE_BYTES)),
    to_the_pair("sends an error of 5 MB in clear", in_clear=sends(LONG_ERROR)),
    to_the_pair("sends garbage in clear", in_clear=sends(GARBAGE)),
    to_the_pair("closes in clear", in_clear=closes),
    to_the_pair("resets in clear", in_clear=resets),
)
AT_LOGIN = (
    Hostile(
        id="asks for a password in clear, inside verified TLS",
        does={"to_login": sends(ASKS_IN_CLEAR)},
        sessions=LATE,
        learns_the_password=True,
    ),
    at_login("asks for an MD5 password", sends(authentication(5, b"salt")), LATE),
    at_login("is silent to the login", is_silent, LATE),
    at_login("is silent once we are in", sends(AUTHENTICATED), LATE),
    at_login("drips to the login", drips(NOTICE * 100), LATE),
    at_login("sends notices without end to the login", floods(NOTICE), f"{TOO_MUCH}|{LATE}"),
    at_login("claims 2 GiB to the login", sends(HUGE), TOO_MUCH),
    at_login("claims three bytes to the login", sends(THREE_BYTES), TOO_MUCH),
    at_login("sends an error of 5 MB to the login", sends(LONG_ERROR), TOO_MUCH),
    at_login("sends garbage to the login", sends(GARBAGE), f"{BROKEN}|{TOO_MUCH}"),
    at_login("resets the login", resets, "breaks off"),
    at_login("closes the login", closes, "breaks off"),
    at_login(
        "wants two thousand million SCRAM iterations",
        scram_first(b"r=NONCEx," + SALT + b",i=2000000000"),
        BROKEN,
    ),
    at_login(
        "says the SCRAM iterations twice, last the many",
        scram_first(b"r=NONCEx," + SALT + b",i=4096,i=9999999"),
        BROKEN,
    ),
    at_login("repeats SCRAM without end", repeats_scram, LATE),
    at_login(
        "answers SCRAM with another nonce", scram_first(b"r=another," + SALT + b",i=4096"), BROKEN
    ),
    at_login(
        "continues SCRAM that nobody began", sends(authentication(11, b"r=x,s=x,i=4096")), BROKEN
    ),
    at_login("asks for Kerberos", sends(authentication(2)), BROKEN),
    at_login(
        "lets us in unasked, and refuses every query",
        lets_in(answers_queries({b"": error(b"42501", b"not you")})),
        "SQLSTATE 42501: not you",
    ),
    at_login(
        "lets us in unasked, and answers without rows",
        lets_in(answers_queries({b"": b""})),
        NO_ROWS,
    ),
    at_login(
        "lets us in unasked, and leaves columns out",
        lets_in(answers_queries({b"pg_stat_ssl WHERE": OWN_SESSION, b"": b""})),
        f"{NO_ROWS}|oddly",
    ),
    at_login(
        "lets us in unasked, and answers numbers in words",
        lets_in(answers_queries(NUMBERS_IN_WORDS)),
        "oddly",
    ),
    at_login(
        "wants us to copy data",
        lets_in(answers_queries({b"": message(b"G", struct.pack("!bh", 0, 0))})),
        BROKEN,
    ),
    at_login("sends a message of no known kind", sends(message(b"@", b"")), BROKEN),
    at_login("speaks no UTF-8", sends(error(b"28P01", b"\xff\xfe\xe4")), "password is wrong"),
    at_login("has parameters that are no UTF-8", sends(message(b"S", b"\xffname\0\xff\0")), BROKEN),
    at_login("chooses an encoding that does not exist", sends(ODD_ENCODING), BROKEN),
    at_login("sends control characters and markup", sends(MARKED_UP), "password is wrong"),
)
CASES = (*WITHOUT_TRUST, *BEFORE_TLS, *TO_THE_PAIR, *AT_LOGIN)
