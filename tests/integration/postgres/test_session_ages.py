"""How old the sessions of clients are, by a real server: who came since the last look."""

import contextlib
from dataclasses import replace
from datetime import timedelta

import pg8000.native
import pytest

from emulation.pki import IssuedCertificate
from emulation.postgresql import PostgresServer
from rds_tls_audit.adapters.postgres import queries
from tests.integration.postgres.clients import Connect, through_the_socket
from tests.integration.postgres.hostile import HostileServer
from tests.integration.postgres.hostile_cases import SESSION_COLUMNS
from tests.integration.postgres.misbehaviour import answers_queries, lets_in
from tests.integration.postgres.probe_helpers import PHRASE, ROLE, Prober, value
from tests.integration.postgres.wire import BOOL, INT4, TEXT, row, row_description

ACTIVITY = "pg_catalog.pg_stat_activity a"
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


def test_sessions_that_just_began_are_counted_together(
    server: PostgresServer, connect: Connect, eye: Prober
) -> None:
    for number in range(5):
        connect("orders_app", tls=number % 2 == 0, database=("postgres", "orders")[number % 2])

    view = value(eye.look(server.port).sessions)

    assert view.ages == ((0, 5),)


def test_neither_our_own_sessions_nor_those_of_rds_are_among_them(
    server: PostgresServer, connect: Connect, eye: Prober
) -> None:
    connect(ROLE, password=PHRASE)
    connect("rdsadmin")
    connect("orders_app")
    with contextlib.closing(through_the_socket(server, "orders_app")):
        view = value(eye.look(server.port).sessions)

    assert view.ages == ((0, 1),)
    assert [group.role for group in view.rds_own] == ["rdsadmin"]


@pytest.mark.usefixtures("connect")  # waits until everybody has left
def test_where_nobody_is_there_there_are_none(server: PostgresServer, eye: Prober) -> None:
    assert value(eye.look(server.port).sessions).ages == ()


def test_a_role_that_may_not_see_the_sessions_of_others_sees_none_of_their_ages(
    server: PostgresServer, connect: Connect, eye: Prober
) -> None:
    connect("orders_app")
    blind = replace(eye, role="blind", environment={"DATABASE_USER": "blind"})

    view = value(blind.look(server.port).sessions)

    assert (view.ages, view.why_partial is not None) == ((), True)


def ages(asked: pg8000.native.Connection, *began: timedelta) -> list[list[int]]:
    """Ask the query of a server, with sessions that began so long ago in place of its own."""
    sessions = ", ".join(
        f"(0, 'orders_app'::name, 'idle', 5432, statement_timestamp() - interval '{it}')"
        for it in began
    )
    stand_in = f"(VALUES {sessions}) AS a(pid, usename, state, client_port, backend_start)"
    asking = queries.ages(ROLE)
    assert ACTIVITY in asking
    return [list(it) for it in asked.run(asking.replace(ACTIVITY, stand_in))]


def test_an_age_is_of_whole_minutes_and_two_hours_at_most(server: PostgresServer) -> None:
    longest = queries.MAX_AGE_MINUTES * MINUTE
    with contextlib.closing(through_the_socket(server, "postgres")) as asked:
        found = ages(
            asked,
            *(-SECOND, timedelta(0), MINUTE - SECOND, MINUTE, 15 * MINUTE - SECOND, 15 * MINUTE),
            *(15 * MINUTE + SECOND, longest - SECOND, longest, timedelta(days=9)),
        )

    assert found == [[0, 2], [1, 1], [14, 1], [15, 2], [119, 1]]


def test_before_14_nothing_of_it_is_asked(certificate: IssuedCertificate, eye: Prober) -> None:
    own_session = row_description(
        *(("server_version", TEXT), ("version_number", TEXT), ("bits", INT4), ("sees_others", BOOL))
    ) + row(b"13.20", b"130020", b"256", b"t")
    # Any other query is answered without rows to read, which would hide the sessions.
    answers = {
        b"pg_stat_ssl WHERE": own_session,
        b"WITH seen": row_description(*((name, TEXT) for name in SESSION_COLUMNS)),
        b"pg_settings": row_description(("name", TEXT), ("setting", TEXT), ("source", TEXT)),
    }
    with HostileServer(certificate=certificate, to_login=lets_in(answers_queries(answers))) as old:
        view = value(eye.look(old.port).sessions)

    assert (view.total, view.opened, view.ages) == (0, None, ())
