"""What several samples of the sessions show, and how many connections a probe opens."""

import time
from dataclasses import dataclass, replace
from types import SimpleNamespace

import pytest

from emulation.postgresql import PostgresServer
from rds_tls_audit.adapters.postgres import limits
from rds_tls_audit.stages.probe import probe_databases
from tests.integration.postgres.clients import Connect, wait_for_clients
from tests.integration.postgres.clock import Clock
from tests.integration.postgres.probe_helpers import FULL, SAMPLE, Prober, reason, target, value
from tests.integration.postgres.proxy import CountingProxy

STAYING_AND_OWN = 2


def test_a_client_seen_in_only_one_sample_is_kept(
    server: PostgresServer, connect: Connect, prober: Prober, monkeypatch: pytest.MonkeyPatch
) -> None:
    passing = connect("orders_app", "passing")
    connect("orders_app", "staying", tls=True)

    def leave_between_the_samples(seconds: float) -> None:
        assert seconds == 1
        passing.close()
        wait_for_clients(server, STAYING_AND_OWN)

    clock = SimpleNamespace(monotonic=time.monotonic, sleep=leave_between_the_samples)
    monkeypatch.setattr(limits, "time", clock)
    often = replace(prober, environment={"SAMPLES": "2", "SAMPLE_INTERVAL_SECONDS": "1"})
    view = value(often.probe(server.port).sessions)
    assert (view.samples, view.clear, view.ages) == (2, 1, ((0, 1),))
    assert [group.application for group in view.groups] == ["passing", "staying"]
    assert [group.application for group in value(prober.probe(server.port).sessions).groups] == [
        "staying"
    ]


@dataclass(slots=True)
class LateClock(Clock):
    """A clock whose first pause takes longer than requested."""

    late: float = 0.0

    def sleep(self, seconds: float) -> None:
        self.now += seconds + self.late
        self.late = 0


@pytest.mark.parametrize(("late", "samples"), [(0, 3), (30, 3), (60, 2), (150, 2)])
def test_samples_that_do_not_fit_the_deadline_are_left_out(
    server: PostgresServer,
    prober: Prober,
    monkeypatch: pytest.MonkeyPatch,
    late: float,
    samples: int,
) -> None:
    monkeypatch.setattr(limits, "time", LateClock(late=late))
    often = replace(
        prober,
        environment={
            "SAMPLES": "3",
            "SAMPLE_INTERVAL_SECONDS": "120",
            "PROBE_DEADLINE_SECONDS": "300",
        },
    )
    assert value(often.probe(server.port).sessions).samples == samples


@pytest.mark.usefixtures("connect")  # waits until all clients have disconnected
def test_a_full_probe_opens_five_connections_one_of_them_in_plaintext(
    server: PostgresServer, prober: Prober
) -> None:
    before = server.log().count("connection received: host=127.0.0.1")
    with CountingProxy(server.port) as proxy:
        (seen,) = probe_databases(FULL, [target(proxy.port)], prober.settings, prober.ports())
    assert value(seen.observation.sessions).samples == 1
    assert (proxy.connections, proxy.plaintext_connections) == (5, 1)
    assert server.log().count("connection received: host=127.0.0.1") - before == 5


def test_a_sample_opens_one_connection_and_none_in_plaintext(
    server: PostgresServer, prober: Prober
) -> None:
    with CountingProxy(server.port) as proxy:
        (seen,) = probe_databases(SAMPLE, [target(proxy.port)], prober.settings, prober.ports())
    assert value(seen.observation.sessions).samples == 1
    assert (proxy.connections, proxy.plaintext_connections) == (1, 0)
    assert "WIRE_PROBE" in reason(seen.observation.plaintext)
