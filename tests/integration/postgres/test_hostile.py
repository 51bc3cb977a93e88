"""A server that breaks the protocol costs no more than its deadline, and learns no secret."""

import contextlib
import gc
import io
import json
import logging
import re
import time
import warnings
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields, replace

import pytest

from emulation.pki import Authority, IssuedCertificate
from rds_tls_audit.codec import decode, encode
from rds_tls_audit.evidence.observation import Observation, Trust
from rds_tls_audit.evidence.observed import Seen, Unseen
from rds_tls_audit.stages import probe
from rds_tls_audit.stages.steps.probe_database import probe_database
from tests.integration.postgres.clock import short_deadline
from tests.integration.postgres.hostile import HostileServer
from tests.integration.postgres.hostile_cases import (
    CASES,
    CLEAR_AS_TEXT,
    LATE,
    OWN_SESSION_IN_WORDS,
    Hostile,
)
from tests.integration.postgres.misbehaviour import answers_queries, lets_in, resets
from tests.integration.postgres.probe_helpers import FULL, PHRASE, ROLE, Prober, reason, target
from tests.support.builders import HOST
from tests.support.waiting import seconds_of

AT_ONCE = 6
EVIDENCE = tuple(part.name for part in fields(Observation))
ANSWERED = {True: "accepted", False: "refused", None: "unseen"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of one look, and what the server got to read."""

    observation: Observation
    seconds: float
    deadline: float
    connections: int
    in_clear: bytes
    in_tls_to_probe: bytes
    in_tls_to_login: bytes


def look(case: Hostile, served: IssuedCertificate, eye: Prober) -> Outcome:
    with HostileServer(certificate=served, **case.does) as server:
        settings, ports = eye.settings, eye.ports()
        begin = time.monotonic()
        observation = probe_database(target(server.port), settings, ports)
        seconds = time.monotonic() - begin
    return Outcome(
        observation=observation,
        seconds=seconds,
        deadline=settings.probe_deadline_seconds,
        connections=len(server.peers),
        in_clear=server.received_in_clear,
        in_tls_to_probe=server.received_in_tls(by_probe=True),
        in_tls_to_login=server.received_in_tls(by_probe=False),
    )


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


def deadline_of_many(served: IssuedCertificate, eye: Prober) -> float:
    """Give a deadline that as many honest servers keep as are looked at at once."""
    with HostileServer(certificate=served) as honest, ThreadPoolExecutor(AT_ONCE) as pool:
        looks = [pool.submit(seconds_of, lambda: eye.look(honest.port)) for _ in range(AT_ONCE)]
        return short_deadline(max(look.result() for look in looks))


@pytest.fixture(scope="module")
def everything(
    certificate: IssuedCertificate, foreign: IssuedCertificate, eye: Prober
) -> Everything:
    """Look at all of them, some at a time: most of their time is waiting for a deadline."""
    impatient = replace(
        eye, environment={"PROBE_DEADLINE_SECONDS": str(deadline_of_many(certificate, eye))}
    )

    def outcome(case: Hostile) -> Outcome | Exception:
        try:
            return look(case, foreign if case.untrusted else certificate, impatient)
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
    # A deadline for each connection, or for each byte, would be several times as long.
    assert outcome.seconds < 2 * outcome.deadline


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


def test_no_hostile_server_keeps_a_socket_of_ours_open(everything: Everything) -> None:
    assert not everything.unclosed


def test_what_was_not_tried_for_want_of_time_blames_no_security_group(
    everything: Everything,
) -> None:
    outcome = everything.outcomes["is silent in clear"]
    assert isinstance(outcome, Outcome)
    assert LATE in reason(outcome.observation.certificate)


def test_counts_in_words_are_not_believed(certificate: IssuedCertificate, eye: Prober) -> None:
    answers = {
        b"pg_stat_ssl WHERE": OWN_SESSION_IN_WORDS,
        b"WITH seen": CLEAR_AS_TEXT,
    }
    in_words = lets_in(answers_queries(answers))
    with HostileServer(certificate=certificate, to_login=in_words) as server:
        assert "oddly" in reason(eye.look(server.port).sessions)


def test_a_hostile_server_does_not_hide_the_others(
    certificate: IssuedCertificate, eye: Prober
) -> None:
    with (
        HostileServer(certificate=certificate, in_clear=resets) as bad,
        HostileServer(certificate=certificate) as good,
    ):
        ports = [bad.port, good.port, bad.port]
        seen = probe.probe_databases(FULL, [target(p) for p in ports], eye.settings, eye.ports())
    refused = [isinstance(each.observation.plaintext, Seen) for each in seen]
    assert refused == [False, True, False]
