"""An invocation that ends soon observes what it can of real servers, and returns it in time."""

import time
from dataclasses import dataclass, field, replace

import pytest

from emulation.postgresql import PostgresServer
from rds_tls_audit.adapters.clock import time_left
from rds_tls_audit.adapters.postgres.limits import DEADLINE_EXCEEDED
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
    """The Lambda context of an invocation that has this many seconds."""

    seconds: float
    begin: float = field(default_factory=time.monotonic)

    def get_remaining_time_in_millis(self) -> int:
        return int((self.seconds - (time.monotonic() - self.begin)) * 1000)


def ports_within(prober: Prober, seconds: float) -> ProbePorts:
    ports = probe_ports(
        prober.settings, time_left(Invocation(seconds=seconds), reserve=RESERVE_SECONDS)
    )
    return replace(ports, credentials=GivenLogin(prober.role, prober.password))


def test_an_invocation_shorter_than_the_deadline_observes_a_fast_server(
    server: PostgresServer, prober: Prober
) -> None:
    patient = replace(prober, environment={"PROBE_DEADLINE_SECONDS": "600"})
    (seen,) = probe_databases(
        FULL, [target(server.port)], patient.settings, ports_within(patient, seconds=300)
    )
    assert value(seen.observation.sessions).why_partial is None


@pytest.mark.parametrize("at_once", ["1", "8"])
def test_a_short_invocation_returns_its_observations_before_it_ends(
    server: PostgresServer, prober: Prober, at_once: str
) -> None:
    patient = replace(
        prober, environment={"PROBE_DEADLINE_SECONDS": "600", "PROBE_CONCURRENCY": at_once}
    )
    with DeadHost() as dead:
        targets = [
            target(port, replace(DATABASE, id=f"db-{number}"))
            for number, port in enumerate([server.port, dead.port, server.port, dead.port])
        ]
        invocation = max(5, 40 * seconds_of(lambda: prober.probe(server.port)))
        ports = ports_within(patient, invocation)
        begin = time.monotonic()
        fast, slow, behind, last = probe_databases(FULL, targets, patient.settings, ports)
        seconds = time.monotonic() - begin
    assert seconds < invocation
    assert value(fast.observation.plaintext).accepted
    # Either the probe's deadline, which is cut to the invocation's, or the end of the wait.
    late = {DEADLINE_EXCEEDED, reason(NOT_REACHED.plaintext)}
    assert {reason(each.observation.plaintext) for each in (slow, last)} <= late
    assert (behind.observation == NOT_REACHED) is (at_once == "1")


def test_an_invocation_that_is_over_opens_no_connection(prober: Prober) -> None:
    with DeadHost() as dead:
        ports = ports_within(prober, seconds=-1)
        seen = probe_databases(FULL, [target(dead.port)] * 3, prober.settings, ports)
        assert dead.count() == 0
    assert [each.observation for each in seen] == [NOT_REACHED] * 3


def test_a_probe_ends_with_its_invocation_even_if_its_deadline_is_later(prober: Prober) -> None:
    with DeadHost() as dead:
        begin = time.monotonic()
        observation = probe_database(
            target(dead.port), prober.settings, ports_within(prober, seconds=1)
        )
        seconds = time.monotonic() - begin
    assert reason(observation.plaintext) == DEADLINE_EXCEEDED
    assert seconds < prober.settings.probe_deadline_seconds / 2
