"""The number of sessions that a real server has opened, from its own statistics."""

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pg8000.native
import pytest

from emulation.postgresql import PostgresServer
from rds_tls_audit.evidence.observation import SessionsOpened
from rds_tls_audit.stages.probe import probe_databases
from tests.integration.postgres.clients import CLIENTS, through_the_socket
from tests.integration.postgres.probe_helpers import FULL, LOOPBACK, Prober, target, value
from tests.support.waiting import wait_until

OWN = 1
"""The login of each probe, which the statistics also count."""


@pytest.fixture
def admin(server: PostgresServer) -> Iterator[pg8000.native.Connection]:
    """One session for all queries, so that they open no more."""
    with contextlib.closing(through_the_socket(server, "postgres")) as session:
        wait_until_left(session)
        yield session


def wait_until_left(admin: pg8000.native.Connection) -> None:
    """Wait until the statistics contain all sessions; each is counted at its end at the latest."""
    wait_until(lambda: admin.run(CLIENTS) == [[0]], "all clients have disconnected")


def probe_opened(
    prober: Prober, server: PostgresServer, admin: pg8000.native.Connection
) -> SessionsOpened:
    counted = value(prober.probe(server.port).sessions).opened
    wait_until_left(admin)
    assert counted is not None
    return counted


def test_five_short_sessions_are_counted(
    server: PostgresServer, admin: pg8000.native.Connection, prober: Prober
) -> None:
    before = probe_opened(prober, server, admin)
    for number in range(5):
        session = pg8000.native.Connection(
            "orders_app",
            host=LOOPBACK,
            port=server.port,
            database=("postgres", "orders")[number % 2],
            ssl_context=False,
        )
        session.close()
    wait_until_left(admin)
    after = probe_opened(prober, server, admin)
    assert after.count - before.count == 5 + OWN
    assert after.since == before.since


def test_a_probe_that_does_not_log_in_is_not_counted(
    server: PostgresServer, admin: pg8000.native.Connection, prober: Prober
) -> None:
    before = probe_opened(prober, server, admin)
    for _ in range(3):
        seen = replace(prober, role=None).probe(server.port)
        assert value(seen.plaintext).accepted
    after = probe_opened(prober, server, admin)
    assert after.count - before.count == OWN


@pytest.mark.parametrize("last", ["postgres", "orders"])
def test_the_latest_reset_of_any_databases_statistics_is_read(
    server: PostgresServer, admin: pg8000.native.Connection, prober: Prober, last: str
) -> None:
    for database in ({"postgres", "orders"} - {last}, {last}):
        begin = datetime.now(UTC)
        with contextlib.closing(through_the_socket(server, "postgres", *database)) as other:
            other.run("SELECT pg_stat_reset()")
    since = probe_opened(prober, server, admin).since
    assert since is not None
    assert begin <= since <= datetime.now(UTC)


def test_a_role_that_cannot_see_other_sessions_sees_their_number(
    server: PostgresServer, admin: pg8000.native.Connection, prober: Prober
) -> None:
    blind = replace(prober, role="blind", environment={"DATABASE_USER": "blind"})
    view = value(blind.probe(server.port).sessions)
    wait_until_left(admin)
    assert view.why_partial is not None
    assert view.opened is not None
    assert probe_opened(prober, server, admin).count - view.opened.count == OWN


def test_each_sample_counts_them(
    server: PostgresServer, admin: pg8000.native.Connection, prober: Prober
) -> None:
    often = replace(prober, environment={"SAMPLES": "2", "SAMPLE_INTERVAL_SECONDS": "0.1"})
    (seen,) = probe_databases(FULL, [target(server.port)], often.settings, often.ports())
    wait_until_left(admin)
    view = value(seen.observation.sessions)
    assert view.opened is not None
    assert (view.samples, view.opened.count > 0) == (2, True)
