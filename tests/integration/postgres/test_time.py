"""An invocation that ends soon sees of real servers what it can, and hands that on in time."""

import time
from dataclasses import dataclass, field, replace

import pytest

from emulation.postgresql import PostgresServer
from rds_tls_audit.adapters.clock import time_left
from rds_tls_audit.stages.probe import NOT_REACHED, probe_databases
from rds_tls_audit.stages.steps.probe_database import ProbePorts, probe_database
from rds_tls_audit.wiring.probe import probe_ports
from tests.integration.postgres.probe_helpers import (
    DATABASE,
    FULL,
    GivenLogin,
    Prober,
    reason,
    target,
    value,
)
from tests.integration.postgres.proxy import DeadHost
from tests.support.waiting import seconds_of

RESERVE_SECONDS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Invocation:
    """Lambda's context of an invocation that may take so many seconds."""

    seconds: float
    begin: float = field(default_factory=time.monotonic)

    def get_remaining_time_in_millis(self) -> int:
        return int((self.seconds - (time.monotonic() - self.begin)) * 1000)


def ports_within(eye: Prober, seconds: float) -> ProbePorts:
    ports = probe_ports(
        eye.settings, time_left(Invocation(seconds=seconds), reserve=RESERVE_SECONDS)
    )
    return replace(ports, credentials=GivenLogin(eye.role, eye.password))


def test_an_invocation_shorter_than_the_deadline_sees_a_fast_server(
    server: PostgresServer, eye: Prober
) -> None:
    patient = replace(eye, environment={"PROBE_DEADLINE_SECONDS": "600"})
    (seen,) = probe_databases(
        FULL, [target(server.port)], patient.settings, ports_within(patient, seconds=300)
    )
    assert value(seen.observation.sessions).why_partial is None


@pytest.mark.parametrize("at_once", ["1", "8"])
def test_a_short_invocation_hands_on_what_it_saw_before_it_ends(
    server: PostgresServer, eye: Prober, at_once: str
) -> None:
    patient = replace(
        eye, environment={"PROBE_DEADLINE_SECONDS": "600", "PROBE_CONCURRENCY": at_once}
    )
    with DeadHost() as dead:
        targets = [
            target(port, replace(DATABASE, id=f"db-{number}"))
            for number, port in enumerate([server.port, dead.port, server.port, dead.port])
        ]
        invocation = max(5, 40 * seconds_of(lambda: eye.look(server.port)))
        ports = ports_within(patient, invocation)
        begin = time.monotonic()
        fast, slow, behind, last = probe_databases(FULL, targets, patient.settings, ports)
        seconds = time.monotonic() - begin
    assert seconds < invocation
    assert value(fast.observation.plaintext).accepted
    # Whichever comes first: its own deadline, cut to the invocation's, or the end of the wait.
    late = {"no answer within the deadline", reason(NOT_REACHED.plaintext)}
    assert {reason(it.observation.plaintext) for it in (slow, last)} <= late
    assert (behind.observation == NOT_REACHED) is (at_once == "1")


def test_an_invocation_that_is_over_opens_no_connection(eye: Prober) -> None:
    with DeadHost() as dead:
        ports = ports_within(eye, seconds=-1)
        seen = probe_databases(FULL, [target(dead.port)] * 3, eye.settings, ports)
        assert dead.count() == 0
    assert [each.observation for each in seen] == [NOT_REACHED] * 3


def test_a_look_ends_with_its_invocation_though_its_deadline_is_later(eye: Prober) -> None:
    with DeadHost() as dead:
        begin = time.monotonic()
        observation = probe_database(target(dead.port), eye.settings, ports_within(eye, seconds=1))
        seconds = time.monotonic() - begin
    assert reason(observation.plaintext) == "no answer within the deadline"
    assert seconds < eye.settings.probe_deadline_seconds / 2
