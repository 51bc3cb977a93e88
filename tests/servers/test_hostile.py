"""A server that breaks the protocol costs no more than its deadline, and learns no secret."""

import contextlib
import gc
import io
import json
import logging
import re
import struct
import time
import tracemalloc
import warnings
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import pytest

from demo.pki import Authority, IssuedCertificate
from rds_tls_audit.codec import decode, encode
from rds_tls_audit.evidence import Seen, Unseen
from rds_tls_audit.observation import Observation, Trust
from rds_tls_audit.stages import probe
from rds_tls_audit.stages.look import look_at
from tests.servers import hostile
from tests.servers.hostile import HostileServer, Peer, message
from tests.servers.looking import FULL, HOST, PHRASE, ROLE, Eye, reason, target

DEADLINE = 2
OVERRUN = 0.5
MEBIBYTE = 1024 * 1024
AT_ONCE = 6

HTTP = b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n<html><b>no</b></html>"
GARBAGE = bytes(range(256)) * 8
NOTICE = message(b"N", b"SNOTICE\0Mwait a little\0\0")
HUGE = message(b"R", b"", 2**31 - 1)
LONG_ERROR = hostile.error(b"28P01", b"x" * 5_000_000)
ERROR_THAT_FITS = hostile.error(b"28P01", b"x" * 3_900_000)
EMPTY_FIELDS = hostile.error(b"28P01", b"\0" * 3_900_000)
MARKED_UP = hostile.error(
    b"28P01", "\x1b[2J\r\n<script>alert(1)</script>\u202e\x07".encode() + b"y" * 500
)
QUERY_ANSWERED = message(b"C", b"SELECT 1\0") + hostile.READY


def row_description(*columns: tuple[str, int]) -> bytes:
    """Describe columns by name and by the oid of their type."""
    fields = b"".join(
        name.encode() + b"\0" + struct.pack("!ihihih", 0, 0, oid, -1, -1, 0)
        for name, oid in columns
    )
    return message(b"T", struct.pack("!H", len(columns)) + fields)


def row(*values: bytes) -> bytes:
    cells = b"".join(struct.pack("!i", len(text)) + text for text in values)
    return message(b"D", struct.pack("!H", len(values)) + cells)


TEXT, BOOL, INT4 = 25, 16, 23
SESSION_COLUMNS = (
    *("kind", "role", "application", "network", "version", "cipher"),
    *("encrypted", "sessions", "total", "clear", "groups"),
)


def answers_queries(rows: Mapping[bytes, bytes]) -> hostile.Behaviour:
    """Answer each query by the first of these words that it contains."""

    def behave(peer: Peer) -> None:
        while True:
            query = peer.receive_message()
            answer = next((rows[word] for word in rows if word in query), b"")
            peer.send(answer + QUERY_ANSWERED)

    return behave


OWN_SESSION = row_description(("server_version", TEXT), ("version", TEXT), ("cipher", TEXT)) + row(
    b"17.4", b"TLSv1.3", b"TLS_AES_256_GCM_SHA384"
)
OWN_SESSION_WITH_BITS = row_description(
    ("server_version", TEXT), ("version", TEXT), ("cipher", TEXT), ("bits", TEXT)
) + row(b"17.4", b"TLSv1.3", b"TLS_AES_256_GCM_SHA384", b"many")
SEES_ALL = row_description(("allowed", BOOL)) + row(b"t")
VERSION = row_description(("number", TEXT)) + row(b"170004")
COUNTS_AS_TEXT = row_description(*((name, TEXT) for name in SESSION_COLUMNS)) + row(
    *(b"client", b"app", b"web", b"10.0.0.1", b"", b""), *(b"no", b"many", b"more", b"none", b"one")
)
CLEAR_AS_TEXT = row_description(
    *((name, TEXT) for name in SESSION_COLUMNS[:-4]),
    *(("sessions", INT4), ("total", INT4), ("clear", TEXT), ("groups", INT4)),
) + row(*(b"client", b"app", b"web", b"10.0.0.1", b"", b""), *(b"no", b"1", b"1", b"none", b"1"))


def repeats_scram(peer: Peer) -> None:
    """Ask for the most iterations that an honest server might want, again and again."""
    while True:
        peer.send(hostile.ASKS_SCRAM)
        nonce = peer.receive_message().rpartition(b",r=")[2]
        first = b"r=" + nonce + b"x,s=QSXCR+Q6sek8bf92QSXC,i=999999"
        peer.send(hostile.authentication(11, first))
        peer.receive_message()


def injects(peer: Peer) -> None:
    """Say yes to TLS and an answer with it, as somebody on the way would."""
    peer.send(b"S" + hostile.ASKS_IN_CLEAR)
    peer.listen()


def loops_a_row(peer: Peer) -> None:
    """Answer a query with a row whose lengths lead back to its begin."""
    text, times = b"x" * 100_000, 400
    peer.receive_message()
    back = struct.pack("!i", -len(text) - 8)
    cells = struct.pack("!i", len(text)) + text + back
    peer.send(row_description(*(("a", TEXT),) * (2 * times)))
    peer.send(message(b"D", struct.pack("!H", 2 * times) + cells) + QUERY_ANSWERED)
    peer.listen()


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


LATE = "no answer within the deadline"
OUT_OF_TIME = f"{LATE}|timed out"
TOO_MUCH = "sends more than an honest one would"
BROKEN = "breaks the protocol|SCRAM fails"
EVIDENCE = tuple(part.name for part in fields(Observation))
ANSWERED = {True: "accepted", False: "refused", None: "unseen"}
CASES = (
    Hostile(
        id="says no to TLS, then asks for a password",
        does={
            "in_clear": hostile.sends(hostile.ASKS_IN_CLEAR),
            "to_tls_request": hostile.sends(b"N" + hostile.ASKS_IN_CLEAR),
        },
        plaintext="accepted",
        trust=None,
        sessions="TLS is off on the server",
    ),
    Hostile(
        id="has another CA, and asks for a password",
        untrusted=True,
        does={
            "in_clear": hostile.sends(hostile.ASKS_IN_CLEAR),
            "to_probe": hostile.sends(hostile.ASKS_IN_CLEAR),
            "to_login": hostile.sends(hostile.ASKS_IN_CLEAR),
        },
        plaintext="accepted",
        trust=Trust.UNKNOWN_CA,
        sessions="not logged in",
    ),
    Hostile(
        id="asks for a password in clear, inside verified TLS",
        does={"to_login": hostile.sends(hostile.ASKS_IN_CLEAR)},
        sessions=LATE,
        learns_the_password=True,
    ),
    Hostile(
        id="asks for an MD5 password",
        does={"to_login": hostile.sends(hostile.authentication(5, b"salt"))},
        sessions=LATE,
    ),
    Hostile(
        id="is silent in clear",
        does={"in_clear": hostile.is_silent},
        plaintext="unseen",
        trust=None,
        sessions=OUT_OF_TIME,
    ),
    Hostile(
        id="is silent to the request for TLS",
        does={"to_tls_request": hostile.is_silent},
        plaintext="unseen",
        trust=None,
        sessions=OUT_OF_TIME,
    ),
    Hostile(
        id="is silent after its yes",
        does={"to_tls_request": hostile.sends(b"S")},
        plaintext="unseen",
        trust=None,
        sessions=OUT_OF_TIME,
    ),
    Hostile(
        id="is silent to the probe inside TLS",
        does={"to_probe": hostile.is_silent},
        plaintext="unseen",
        trust=None,
        sessions=OUT_OF_TIME,
    ),
    Hostile(
        id="is silent to the login",
        does={"to_login": hostile.is_silent},
        sessions=LATE,
    ),
    Hostile(
        id="is silent once we are in",
        does={"to_login": hostile.sends(hostile.AUTHENTICATED)},
        sessions=LATE,
    ),
    Hostile(
        id="drips in clear",
        does={"in_clear": hostile.drips(hostile.error(b"28000", b"x" * 100))},
        plaintext="unseen",
        trust=None,
        sessions=OUT_OF_TIME,
    ),
    Hostile(
        id="drips a TLS record",
        does={"to_tls_request": hostile.drips(b"S\x16\x03\x03\x40\x00" + b"\2" * 100)},
        plaintext="unseen",
        trust=None,
        sessions=OUT_OF_TIME,
    ),
    Hostile(
        id="drips to the probe inside TLS",
        does={"to_probe": hostile.drips(hostile.error(b"28000", b"x" * 100))},
        plaintext="unseen",
        trust=None,
        sessions=OUT_OF_TIME,
    ),
    Hostile(
        id="drips to the login",
        does={"to_login": hostile.drips(NOTICE * 10)},
        sessions=LATE,
    ),
    Hostile(
        id="sends notices without end to the login",
        does={"to_login": hostile.floods(NOTICE)},
        sessions=f"{TOO_MUCH}|{LATE}",
    ),
    Hostile(
        id="sends notices without end in clear",
        does={"in_clear": hostile.floods(NOTICE)},
        plaintext="unseen",
        sessions="SQLSTATE 28000",
    ),
    Hostile(
        id="claims 2 GiB in clear",
        does={"in_clear": hostile.sends(HUGE)},
        plaintext="unseen",
        sessions="SQLSTATE 28000",
    ),
    Hostile(
        id="claims 2 GiB to the probe inside TLS",
        does={"to_probe": hostile.sends(HUGE)},
        plaintext="unseen",
        sessions="SQLSTATE 28000",
    ),
    Hostile(
        id="claims 2 GiB to the login",
        does={"to_login": hostile.sends(HUGE)},
        sessions=TOO_MUCH,
    ),
    Hostile(
        id="claims three bytes in clear",
        does={"in_clear": hostile.sends(message(b"R", b"", 3))},
        plaintext="unseen",
        sessions="SQLSTATE 28000",
    ),
    Hostile(
        id="claims three bytes to the login",
        does={"to_login": hostile.sends(message(b"R", b"", 3))},
        sessions=TOO_MUCH,
    ),
    Hostile(
        id="sends an error of 5 MB in clear",
        does={"in_clear": hostile.sends(LONG_ERROR)},
        plaintext="unseen",
        sessions="SQLSTATE 28000",
    ),
    Hostile(
        id="sends an error of 5 MB to the login",
        does={"to_login": hostile.sends(LONG_ERROR)},
        sessions=TOO_MUCH,
    ),
    Hostile(
        id="sends garbage in clear",
        does={"in_clear": hostile.sends(GARBAGE)},
        plaintext="unseen",
        sessions="SQLSTATE 28000",
    ),
    Hostile(
        id="sends garbage to the request for TLS",
        does={"to_tls_request": hostile.sends(GARBAGE)},
        plaintext="unseen",
        trust=None,
        sessions="does not answer the request for TLS",
    ),
    Hostile(
        id="sends garbage in place of a handshake",
        does={"to_tls_request": hostile.sends(b"S" + GARBAGE)},
        plaintext="unseen",
        trust=None,
        sessions="TLS fails",
    ),
    Hostile(
        id="sends garbage to the login",
        does={"to_login": hostile.sends(GARBAGE)},
        sessions=f"{BROKEN}|{TOO_MUCH}",
    ),
    Hostile(
        id="speaks HTTP",
        does={"in_clear": hostile.sends(HTTP), "to_tls_request": hostile.sends(HTTP)},
        plaintext="unseen",
        trust=None,
        sessions="does not answer the request for TLS",
    ),
    Hostile(
        id="adds an answer to its yes",
        does={"to_tls_request": injects},
        plaintext="unseen",
        trust=None,
        sessions="TLS fails",
    ),
    Hostile(
        id="closes after its yes",
        does={"to_tls_request": lambda peer: peer.send(b"S")},
        plaintext="unseen",
        trust=None,
        sessions="TLS fails|breaks off",
    ),
    Hostile(
        id="closes in clear",
        does={"in_clear": hostile.closes},
        plaintext="unseen",
        sessions="SQLSTATE 28000",
    ),
    Hostile(
        id="resets in clear",
        does={"in_clear": hostile.resets},
        plaintext="unseen",
        sessions="SQLSTATE 28000",
    ),
    Hostile(
        id="resets at the request for TLS",
        does={"to_tls_request": hostile.resets},
        plaintext="unseen",
        trust=None,
        sessions="breaks off",
    ),
    Hostile(
        id="resets the login",
        does={"to_login": hostile.resets},
        sessions="breaks off",
    ),
    Hostile(
        id="closes the login",
        does={"to_login": hostile.closes},
        sessions="breaks off",
    ),
    Hostile(
        id="wants two thousand million SCRAM iterations",
        does={"to_login": hostile.scram_first(b"r=NONCEx,s=QSXCR+Q6sek8bf92QSXC,i=2000000000")},
        sessions=BROKEN,
    ),
    Hostile(
        id="says the SCRAM iterations twice, last the many",
        does={"to_login": hostile.scram_first(b"r=NONCEx,s=QSXCR+Q6sek8bf92QSXC,i=4096,i=9999999")},
        sessions=BROKEN,
    ),
    Hostile(
        id="repeats SCRAM without end",
        does={"to_login": repeats_scram},
        sessions=LATE,
    ),
    Hostile(
        id="answers SCRAM with another nonce",
        does={"to_login": hostile.scram_first(b"r=another,s=QSXCR+Q6sek8bf92QSXC,i=4096")},
        sessions=BROKEN,
    ),
    Hostile(
        id="continues SCRAM that nobody began",
        does={"to_login": hostile.sends(hostile.authentication(11, b"r=x,s=x,i=4096"))},
        sessions=BROKEN,
    ),
    Hostile(
        id="asks for Kerberos",
        does={"to_login": hostile.sends(hostile.authentication(2))},
        sessions=BROKEN,
    ),
    Hostile(
        id="lets us in unasked, and refuses every query",
        does={
            "to_login": hostile.lets_in(answers_queries({b"": hostile.error(b"42501", b"not you")}))
        },
        sessions="SQLSTATE 42501: not you",
    ),
    Hostile(
        id="lets us in unasked, and answers without rows",
        does={"to_login": hostile.lets_in(answers_queries({b"": b""}))},
        sessions=f"another number of rows|{BROKEN}",
    ),
    Hostile(
        id="lets us in unasked, and leaves columns out",
        does={
            "to_login": hostile.lets_in(
                answers_queries({b"pg_stat_ssl WHERE": OWN_SESSION, b"": b""})
            )
        },
        sessions=f"another number of rows|{BROKEN}",
    ),
    Hostile(
        id="lets us in unasked, and answers numbers in words",
        does={
            "to_login": hostile.lets_in(
                answers_queries(
                    {
                        b"pg_stat_ssl WHERE": OWN_SESSION_WITH_BITS,
                        b"version_num": VERSION,
                        b"pg_has_role": SEES_ALL,
                        b"WITH seen": COUNTS_AS_TEXT,
                        b"pg_settings": row_description(("name", TEXT), ("setting", TEXT)),
                    }
                )
            )
        },
        sessions="oddly",
    ),
    Hostile(
        id="wants us to copy data",
        does={
            "to_login": hostile.lets_in(
                answers_queries({b"": message(b"G", struct.pack("!bh", 0, 0))})
            )
        },
        sessions=BROKEN,
    ),
    Hostile(
        id="sends a message of no known kind",
        does={"to_login": hostile.sends(message(b"@", b""))},
        sessions=BROKEN,
    ),
    Hostile(
        id="speaks no UTF-8",
        does={"to_login": hostile.sends(hostile.error(b"28P01", b"\xff\xfe\xe4"))},
        sessions="password is wrong",
    ),
    Hostile(
        id="has parameters that are no UTF-8",
        does={"to_login": hostile.sends(message(b"S", b"\xffname\0\xff\0"))},
        sessions=BROKEN,
    ),
    Hostile(
        id="chooses an encoding that does not exist",
        does={
            "to_login": hostile.sends(
                message(b"S", b"client_encoding\0klingon\0") + hostile.error(b"28P01", b"no")
            )
        },
        sessions=BROKEN,
    ),
    Hostile(
        id="sends control characters and markup",
        does={"to_login": hostile.sends(MARKED_UP)},
        sessions="password is wrong",
    ),
    Hostile(
        id="sends session tickets without end",
        does={"session_tickets": 1_000_000},
        plaintext="unseen",
        trust=None,
        sessions=OUT_OF_TIME,
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of one look, and what the server got to read."""

    observation: Observation
    seconds: float
    connections: int
    in_clear: bytes
    in_tls_to_probe: bytes
    in_tls_to_login: bytes


def look(case: Hostile, served: IssuedCertificate, eye: Eye) -> Outcome:
    with HostileServer(certificate=served, **case.does) as server:
        settings, ports = eye.settings, eye.ports()
        begin = time.monotonic()
        observation = look_at(target(server.port), settings, ports)
        seconds = time.monotonic() - begin
    return Outcome(
        observation=observation,
        seconds=seconds,
        connections=len(server.peers),
        in_clear=server.received_in_clear,
        in_tls_to_probe=server.received_in_tls(by_probe=True),
        in_tls_to_login=server.received_in_tls(by_probe=False),
    )


@pytest.fixture(scope="module")
def eye(bundle: Path) -> Eye:
    return Eye(bundle=bundle, role=ROLE, environment={"PROBE_DEADLINE_SECONDS": str(DEADLINE)})


@pytest.fixture(scope="module")
def foreign() -> IssuedCertificate:
    """For the right name, by nobody known."""
    return Authority.create("Somebody else's CA").issue([HOST])


@dataclass(frozen=True, slots=True, kw_only=True)
class Everything:
    """The outcomes by case, and all that was logged or printed meanwhile."""

    outcomes: Mapping[str, Outcome | Exception]
    told: str
    unclosed: tuple[str, ...]
    """Sockets that nobody closed."""


@contextlib.contextmanager
def all_that_is_told() -> Iterator[io.StringIO]:
    """Keep what is logged, at any level, and printed, by any thread."""
    told = io.StringIO()
    handler, root = logging.StreamHandler(told), logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        with contextlib.redirect_stdout(told), contextlib.redirect_stderr(told):
            yield told
    finally:
        root.removeHandler(handler)
        root.setLevel(level)


@pytest.fixture(scope="module")
def everything(certificate: IssuedCertificate, foreign: IssuedCertificate, eye: Eye) -> Everything:
    """Look at all of them, some at a time: most of their time is waiting for a deadline."""

    def outcome(case: Hostile) -> Outcome | Exception:
        try:
            return look(case, foreign if case.untrusted else certificate, eye)
        except Exception as error:  # noqa: BLE001 - the tests of this case raise it
            return error

    with (
        warnings.catch_warnings(record=True) as warned,
        all_that_is_told() as told,
        ThreadPoolExecutor(AT_ONCE) as pool,
    ):
        warnings.simplefilter("always", ResourceWarning)
        outcomes = dict(zip((case.id for case in CASES), pool.map(outcome, CASES), strict=True))
        gc.collect()
    unclosed = [str(each.message) for each in warned if each.category is ResourceWarning]
    return Everything(
        outcomes=outcomes,
        told=told.getvalue(),
        unclosed=tuple(text for text in unclosed if "BoundedTlsSocket" in text),
    )


@pytest.fixture(params=CASES, ids=lambda case: case.id)
def case(request: pytest.FixtureRequest) -> Hostile:
    found: Hostile = request.param
    return found


@pytest.fixture
def outcome(case: Hostile, everything: Everything) -> Outcome:
    result = everything.outcomes[case.id]
    if isinstance(result, Exception):
        raise result
    return result


def test_a_hostile_server_costs_no_more_than_its_deadline(outcome: Outcome) -> None:
    assert outcome.seconds < DEADLINE + OVERRUN


def test_a_hostile_server_is_connected_to_six_times_at_most(outcome: Outcome) -> None:
    assert outcome.connections <= 6


def test_a_hostile_server_is_told_for_what_it_proves_and_no_more(
    case: Hostile, outcome: Outcome
) -> None:
    seen = outcome.observation
    plaintext = seen.plaintext.value.accepted if isinstance(seen.plaintext, Seen) else None
    trust = seen.certificate.value.trust if isinstance(seen.certificate, Seen) else None
    assert (ANSWERED[plaintext], trust) == (case.plaintext, case.trust)


def test_a_hostile_server_shows_no_sessions_but_why_not(case: Hostile, outcome: Outcome) -> None:
    assert re.search(case.sessions, reason(outcome.observation.sessions))


def test_what_a_hostile_server_says_is_escaped_and_short(outcome: Outcome) -> None:
    texts = [
        evidence.reason
        for evidence in (getattr(outcome.observation, name) for name in EVIDENCE)
        if isinstance(evidence, Unseen)
    ]
    assert all(text.isprintable() and len(text) < 400 for text in texts)


def test_the_password_is_heard_only_by_a_verified_server_that_asks_for_it(
    case: Hostile, outcome: Outcome
) -> None:
    phrase = PHRASE.encode()
    assert phrase not in outcome.in_clear
    assert phrase not in outcome.in_tls_to_probe
    assert (phrase in outcome.in_tls_to_login) is case.learns_the_password


def test_our_role_is_named_to_verified_servers_only(case: Hostile, outcome: Outcome) -> None:
    named = b"user\0" + ROLE.encode() + b"\0"
    assert named not in outcome.in_clear
    assert named not in outcome.in_tls_to_probe
    if case.trust is not Trust.VERIFIED:
        assert named not in outcome.in_tls_to_login


def test_the_password_is_in_no_evidence(outcome: Outcome) -> None:
    assert PHRASE not in repr(outcome.observation)


def test_the_password_is_neither_logged_nor_printed(everything: Everything) -> None:
    assert everything.told  # botocore's own words: the logs are really kept
    assert PHRASE not in everything.told


def test_the_evidence_of_every_hostile_server_can_be_handed_on(everything: Everything) -> None:
    for outcome in everything.outcomes.values():
        assert isinstance(outcome, Outcome)
        document = json.loads(json.dumps(encode(outcome.observation)))
        assert decode(document, Observation, "evidence") == outcome.observation


def test_counts_in_words_are_not_believed(certificate: IssuedCertificate, eye: Eye) -> None:
    answers = {
        b"pg_stat_ssl WHERE": OWN_SESSION,
        b"version_num": VERSION,
        b"pg_has_role": SEES_ALL,
        b"WITH seen": CLEAR_AS_TEXT,
    }
    in_words = hostile.lets_in(answers_queries(answers))
    with HostileServer(certificate=certificate, to_login=in_words) as server:
        assert "oddly" in reason(eye.look(server.port).sessions)


def test_no_hostile_server_keeps_a_socket_of_ours_open(everything: Everything) -> None:
    assert not everything.unclosed


def test_what_was_not_tried_for_want_of_time_blames_no_security_group(
    everything: Everything,
) -> None:
    outcome = everything.outcomes["is silent in clear"]
    assert isinstance(outcome, Outcome)
    assert LATE in reason(outcome.observation.certificate)


def test_a_hostile_server_does_not_hide_the_others(
    certificate: IssuedCertificate, eye: Eye
) -> None:
    with (
        HostileServer(certificate=certificate, in_clear=hostile.resets) as bad,
        HostileServer(certificate=certificate) as good,
    ):
        ports = [bad.port, good.port, bad.port]
        seen = probe.look_at_all(FULL, [target(p) for p in ports], eye.settings, eye.ports())
    refused = [isinstance(each.observation.plaintext, Seen) for each in seen]
    assert refused == [False, True, False]


@pytest.mark.parametrize(
    "does",
    [
        pytest.param({"to_login": hostile.sends(HUGE)}, id="claims 2 GiB"),
        pytest.param({"in_clear": hostile.sends(HUGE)}, id="claims 2 GiB in clear"),
        pytest.param({"to_login": hostile.floods(NOTICE)}, id="notices without end"),
        pytest.param({"to_login": hostile.sends(LONG_ERROR)}, id="an error of 5 MB"),
        pytest.param({"in_clear": hostile.sends(LONG_ERROR)}, id="an error of 5 MB in clear"),
        pytest.param({"to_login": hostile.sends(ERROR_THAT_FITS)}, id="an error that fits"),
        pytest.param({"to_login": hostile.sends(EMPTY_FIELDS)}, id="an error of empty fields"),
        pytest.param({"to_login": hostile.lets_in(loops_a_row)}, id="a row that loops"),
    ],
)
def test_a_hostile_server_costs_less_than_ten_mebibytes(
    does: Mapping[str, Any], certificate: IssuedCertificate, eye: Eye
) -> None:
    settings, ports = eye.settings, eye.ports()
    with HostileServer(certificate=certificate, **does) as server:
        tracemalloc.start()
        try:
            look_at(target(server.port), settings, ports)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert peak < 10 * MEBIBYTE, f"{peak / MEBIBYTE:.1f} MiB"
