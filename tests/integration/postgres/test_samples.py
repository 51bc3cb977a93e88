"""What several looks at the sessions see, and how many connections a look makes."""

import threading
import time
from dataclasses import replace

import pytest

from emulation.postgresql import PostgresServer
from rds_tls_audit.stages.probe import probe_databases
from tests.integration.postgres.clients import PATIENCE_SECONDS, Connect
from tests.integration.postgres.probe_helpers import FULL, SAMPLE, Prober, reason, target, value
from tests.integration.postgres.proxy import CountingProxy

SAMPLED = (
    "SELECT count(*) FROM pg_stat_activity WHERE usename = 'rds_tls_audit' AND state = 'idle'"
    " AND query LIKE '%AS minutes%'"
)


def test_a_client_seen_in_one_sample_only_stays(
    server: PostgresServer, connect: Connect, eye: Prober
) -> None:
    passing = connect("orders_app", "passing")
    connect("orders_app", "staying", tls=True)

    left = threading.Event()

    def leave_after_the_first_sample() -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while server.sql(SAMPLED) == [(0,)] and time.monotonic() < deadline:
            time.sleep(0.02)
        passing.close()
        left.set()

    leaving = threading.Thread(target=leave_after_the_first_sample)
    leaving.start()
    often = replace(eye, environment={"SAMPLES": "2", "SAMPLE_INTERVAL_SECONDS": "1"})
    view = value(often.look(server.port).sessions)
    assert left.is_set()
    leaving.join(PATIENCE_SECONDS)
    assert (view.samples, view.clear, view.ages) == (2, 1, ((0, 1),))
    assert [group.application for group in view.groups] == ["passing", "staying"]
    assert [group.application for group in value(eye.look(server.port).sessions).groups] == [
        "staying"
    ]


def test_samples_that_do_not_fit_the_deadline_are_left_out(
    server: PostgresServer, eye: Prober
) -> None:
    often = replace(
        eye,
        environment={
            "SAMPLES": "3",
            "SAMPLE_INTERVAL_SECONDS": "0.99",
            "PROBE_DEADLINE_SECONDS": "2",
        },
    )
    begin = time.monotonic()
    assert value(often.look(server.port).sessions).samples == 2
    assert time.monotonic() - begin < 2.5


@pytest.mark.usefixtures("connect")  # waits until everybody has left
def test_a_full_look_makes_five_connections_one_of_them_in_clear(
    server: PostgresServer, eye: Prober
) -> None:
    before = server.log().count("connection received: host=127.0.0.1")
    with CountingProxy(server.port) as proxy:
        (seen,) = probe_databases(FULL, [target(proxy.port)], eye.settings, eye.ports())
    assert value(seen.observation.sessions).samples == 1
    assert (proxy.connections, proxy.in_clear) == (5, 1)
    assert server.log().count("connection received: host=127.0.0.1") - before == 5


def test_a_sample_makes_one_connection_and_none_in_clear(
    server: PostgresServer, eye: Prober
) -> None:
    with CountingProxy(server.port) as proxy:
        (seen,) = probe_databases(SAMPLE, [target(proxy.port)], eye.settings, eye.ports())
    assert value(seen.observation.sessions).samples == 1
    assert (proxy.connections, proxy.in_clear) == (1, 0)
    assert "WIRE_PROBE" in reason(seen.observation.plaintext)
