"""The ages of client sessions on a real server show which began since the last sample."""

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
    server: PostgresServer, connect: Connect, prober: Prober
) -> None:
    for number in range(5):
        connect("orders_app", tls=number % 2 == 0, database=("postgres", "orders")[number % 2])

    view = value(prober.probe(server.port).sessions)

    assert view.ages == ((0, 5),)


def test_own_sessions_and_those_of_rds_have_no_ages(
    server: PostgresServer, connect: Connect, prober: Prober
) -> None:
    connect(ROLE, password=PHRASE)
    connect("rdsadmin")
    connect("orders_app")
    with contextlib.closing(through_the_socket(server, "orders_app")):
        view = value(prober.probe(server.port).sessions)

    assert view.ages == ((0, 1),)
    assert [group.role for group in view.rds_own] == ["rdsadmin"]


@pytest.mark.usefixtures("connect")  # waits until all clients have disconnected
def test_without_clients_there_are_no_ages(server: PostgresServer, prober: Prober) -> None:
    assert value(prober.probe(server.port).sessions).ages == ()


def test_a_role_that_cannot_see_other_sessions_sees_no_ages(
    server: PostgresServer, connect: Connect, prober: Prober
) -> None:
    connect("orders_app")
    blind = replace(prober, role="blind", environment={"DATABASE_USER": "blind"})

    view = value(blind.probe(server.port).sessions)

    assert (view.ages, view.why_partial is not None) == ((), True)


def query_ages(session: pg8000.native.Connection, *ages: timedelta) -> list[list[int]]:
    """Run the query on a server, with sessions of these ages instead of the real ones."""
    sessions = ", ".join(
        f"(0, 'orders_app'::name, 'idle', 5432, statement_timestamp() - interval '{age}')"
        for age in ages
    )
    stand_in = f"(VALUES {sessions}) AS a(pid, usename, state, client_port, backend_start)"
    query = queries.build_ages_query(ROLE)
    assert ACTIVITY in query
    return [list(row) for row in session.run(query.replace(ACTIVITY, stand_in))]


def test_an_age_is_in_whole_minutes_and_below_two_hours(server: PostgresServer) -> None:
    longest = queries.MAX_AGE_MINUTES * MINUTE
    with contextlib.closing(through_the_socket(server, "postgres")) as session:
        found = query_ages(
            session,
            *(-SECOND, timedelta(0), MINUTE - SECOND, MINUTE, 15 * MINUTE - SECOND, 15 * MINUTE),
            *(15 * MINUTE + SECOND, longest - SECOND, longest, timedelta(days=9)),
        )

    assert found == [[0, 2], [1, 1], [14, 1], [15, 2], [119, 1]]


def test_ages_are_not_queried_before_postgresql_14(
    certificate: IssuedCertificate, prober: Prober
) -> None:
    own_session = row_description(
        *(("server_version", TEXT), ("version_number", TEXT), ("bits", INT4), ("sees_others", BOOL))
    ) + row(b"13.20", b"130020", b"256", b"t")
    # Any other query gets an answer without columns, which would make the sessions unseen.
    answers = {
        b"pg_stat_ssl WHERE": own_session,
        b"WITH seen": row_description(*((name, TEXT) for name in SESSION_COLUMNS)),
        b"pg_settings": row_description(("name", TEXT), ("setting", TEXT), ("source", TEXT)),
    }
    with HostileServer(certificate=certificate, to_login=lets_in(answers_queries(answers))) as old:
        view = value(prober.probe(old.port).sessions)

    assert (view.total, view.opened, view.ages) == (0, None, ())
