"""A server that violates the protocol costs no more than its deadline, and learns no secret."""

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

from emulation.pki import IssuedCertificate, RootAuthority
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
    OWN_SESSION_AS_TEXT,
    Hostile,
)
from tests.integration.postgres.misbehaviour import answers_queries, lets_in, resets
from tests.integration.postgres.probe_helpers import FULL, PHRASE, ROLE, Prober, reason, target
from tests.support.builders import HOST
from tests.support.waiting import seconds_of

AT_ONCE = 12
EVIDENCE = tuple(part.name for part in fields(Observation))
ENFORCEMENT = {True: "accepted", False: "refused", None: "unseen"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The result of one probe, and what the server could read."""

    observation: Observation
    seconds: float
    deadline: float
    connections: int
    in_plaintext: bytes
    in_tls_to_probe: bytes
    in_tls_to_login: bytes


def probe_hostile(case: Hostile, served: IssuedCertificate, prober: Prober) -> Outcome:
    with HostileServer(certificate=served, **case.does) as server:
        settings, ports = prober.settings, prober.ports()
        begin = time.monotonic()
        observation = probe_database(target(server.port), settings, ports)
        seconds = time.monotonic() - begin
    return Outcome(
        observation=observation,
        seconds=seconds,
        deadline=settings.probe_deadline_seconds,
        connections=len(server.peers),
        in_plaintext=server.received_in_plaintext,
        in_tls_to_probe=server.received_in_tls(by_probe=True),
        in_tls_to_login=server.received_in_tls(by_probe=False),
    )


@pytest.fixture(scope="module")
def foreign() -> IssuedCertificate:
    """A certificate for the right name from an unknown CA."""
    return RootAuthority.create("Another CA").issue([HOST])


@dataclass(frozen=True, slots=True, kw_only=True)
class Everything:
    """The outcomes by case, and everything that was logged or printed meanwhile."""

    outcomes: Mapping[str, Outcome | Exception]
    output: str
    unclosed: tuple[str, ...]
    """The warnings about sockets that were not closed."""


@contextlib.contextmanager
def captured_output() -> Iterator[io.StringIO]:
    """Capture what any thread logs, at any level, or prints."""
    output = io.StringIO()
    handler, root = logging.StreamHandler(output), logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
            yield output
    finally:
        root.removeHandler(handler)
        root.setLevel(level)


def deadline_of_many(served: IssuedCertificate, prober: Prober) -> float:
    """Return a deadline that honest servers meet if as many are probed at once."""
    with HostileServer(certificate=served) as honest, ThreadPoolExecutor(AT_ONCE) as pool:
        probes = [
            pool.submit(seconds_of, lambda: prober.probe(honest.port)) for _ in range(AT_ONCE)
        ]
        return short_deadline(max(seconds.result() for seconds in probes))


@pytest.fixture(scope="module")
def everything(
    certificate: IssuedCertificate, foreign: IssuedCertificate, prober: Prober
) -> Everything:
    """Probe all of them, several at a time, since most of the time is spent waiting."""
    impatient = replace(
        prober, environment={"PROBE_DEADLINE_SECONDS": str(deadline_of_many(certificate, prober))}
    )

    def outcome(case: Hostile) -> Outcome | Exception:
        try:
            return probe_hostile(case, foreign if case.untrusted else certificate, impatient)
        except Exception as error:  # noqa: BLE001 - the tests of this case raise it
            return error

    with (
        warnings.catch_warnings(record=True) as warned,
        captured_output() as output,
        ThreadPoolExecutor(AT_ONCE) as pool,
    ):
        warnings.simplefilter("always", ResourceWarning)
        outcomes = dict(zip((case.id for case in CASES), pool.map(outcome, CASES), strict=True))
        gc.collect()
    unclosed = [str(each.message) for each in warned if each.category is ResourceWarning]
    return Everything(
        outcomes=outcomes,
        output=output.getvalue(),
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


def test_a_hostile_server_costs_no_more_than_its_deadline(case: Hostile, outcome: Outcome) -> None:
    # A deadline for each connection, or for each byte, would be several times as long.
    assert outcome.seconds < 2 * outcome.deadline or case.delays_the_deadline


def test_a_hostile_server_receives_six_connections_at_most(outcome: Outcome) -> None:
    assert outcome.connections <= 6


def test_a_hostile_server_yields_only_the_evidence_that_it_proves(
    case: Hostile, outcome: Outcome
) -> None:
    seen = outcome.observation
    plaintext = seen.plaintext.value.accepted if isinstance(seen.plaintext, Seen) else None
    trust = seen.certificate.value.trust if isinstance(seen.certificate, Seen) else None
    assert (ENFORCEMENT[plaintext], trust) == (case.plaintext, case.trust)


def test_the_sessions_of_a_hostile_server_are_unseen_with_the_reason(
    case: Hostile, outcome: Outcome
) -> None:
    assert re.search(case.sessions, reason(outcome.observation.sessions))


def test_text_from_a_hostile_server_is_escaped_and_short(outcome: Outcome) -> None:
    texts = [
        evidence.reason
        for evidence in (getattr(outcome.observation, name) for name in EVIDENCE)
        if isinstance(evidence, Unseen)
    ]
    assert all(text.isprintable() and len(text) < 400 for text in texts)


def test_only_a_verified_server_that_asks_for_the_password_receives_it(
    case: Hostile, outcome: Outcome
) -> None:
    phrase = PHRASE.encode()
    assert phrase not in outcome.in_plaintext
    assert phrase not in outcome.in_tls_to_probe
    assert (phrase in outcome.in_tls_to_login) is case.learns_the_password


def test_only_verified_servers_receive_the_name_of_the_role(
    case: Hostile, outcome: Outcome
) -> None:
    named = b"user\0" + ROLE.encode() + b"\0"
    assert named not in outcome.in_plaintext
    assert named not in outcome.in_tls_to_probe
    if case.trust is not Trust.VERIFIED:
        assert named not in outcome.in_tls_to_login


def test_the_evidence_never_contains_the_password(outcome: Outcome) -> None:
    assert PHRASE not in repr(outcome.observation)


def test_the_password_is_neither_logged_nor_printed(everything: Everything) -> None:
    assert everything.output  # botocore logs something, so the output is really captured.
    assert PHRASE not in everything.output


def test_the_evidence_of_every_hostile_server_can_be_encoded_and_decoded(
    everything: Everything,
) -> None:
    for outcome in everything.outcomes.values():
        assert isinstance(outcome, Outcome)
        document = json.loads(json.dumps(encode(outcome.observation)))
        assert decode(document, Observation, "evidence") == outcome.observation


def test_no_hostile_server_keeps_a_socket_of_the_probe_open(everything: Everything) -> None:
    assert not everything.unclosed


def test_a_step_that_had_no_time_left_is_put_down_to_the_deadline(
    everything: Everything,
) -> None:
    outcome = everything.outcomes["is silent to plaintext"]
    assert isinstance(outcome, Outcome)
    assert LATE in reason(outcome.observation.certificate)


def test_counts_that_are_text_are_refused(certificate: IssuedCertificate, prober: Prober) -> None:
    answers = {
        b"pg_stat_ssl WHERE": OWN_SESSION_AS_TEXT,
        b"WITH seen": CLEAR_AS_TEXT,
    }
    as_text = lets_in(answers_queries(answers))
    with HostileServer(certificate=certificate, to_login=as_text) as server:
        assert "malformed rows" in reason(prober.probe(server.port).sessions)


def test_a_hostile_server_does_not_hide_the_others(
    certificate: IssuedCertificate, prober: Prober
) -> None:
    with (
        HostileServer(certificate=certificate, to_plaintext=resets) as bad,
        HostileServer(certificate=certificate) as good,
    ):
        ports = [bad.port, good.port, bad.port]
        seen = probe.probe_databases(
            FULL, [target(p) for p in ports], prober.settings, prober.ports()
        )
    answered = [isinstance(each.observation.plaintext, Seen) for each in seen]
    assert answered == [False, True, False]
