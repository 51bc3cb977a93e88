"""What a session of the probe sees of the clients of a real server, and what it does not."""

import contextlib
import ssl
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Protocol

import pg8000.native
import pytest

from demo.pki import IssuedCertificate
from demo.postgresql import PostgresServer
from rds_tls_audit.database import TAG_DATABASE
from rds_tls_audit.judgement import judge
from rds_tls_audit.messages import Witnessed
from rds_tls_audit.observation import Observation, SessionGroup, SessionView
from rds_tls_audit.stages.probe import look_at_all
from rds_tls_audit.verdict import Status
from tests.servers.looking import (
    DATABASE,
    FULL,
    LOOPBACK,
    PHRASE,
    ROLE,
    SAMPLE,
    Eye,
    reason,
    target,
    value,
)
from tests.servers.proxy import CountingProxy

PATIENCE_SECONDS = 10
HBA = (
    f"host all {ROLE},blind,noinherit,nobody,weak 127.0.0.1/32 scram-sha-256",
    "host all all 127.0.0.1/32 trust",
)
SETUP = (
    f"CREATE ROLE {ROLE} LOGIN PASSWORD '{PHRASE}' CONNECTION LIMIT 3",
    f"GRANT pg_monitor TO {ROLE}",
    f"CREATE ROLE blind LOGIN PASSWORD '{PHRASE}'",
    f"CREATE ROLE noinherit LOGIN NOINHERIT PASSWORD '{PHRASE}'",
    "GRANT pg_monitor TO noinherit",
    f"SET scram_iterations = 1024; CREATE ROLE weak LOGIN PASSWORD '{PHRASE}'",
    "CREATE ROLE orders_app LOGIN",
    "CREATE ROLE rds_app LOGIN",
    "CREATE ROLE rdsadmin LOGIN",
    "CREATE ROLE replica LOGIN REPLICATION",
    "CREATE DATABASE orders",
    "CREATE DATABASE closed",
    "REVOKE CONNECT ON DATABASE closed FROM PUBLIC",
)
CLIENTS = "SELECT count(*) FROM pg_stat_activity WHERE client_port >= 0"


class Connect(Protocol):
    """Opens a session that stays until the test ends."""

    def __call__(
        self, role: str, application: str | None = None, *, tls: bool = False, **options: str | None
    ) -> pg8000.native.Connection: ...


@pytest.fixture(scope="module")
def server(certificate: IssuedCertificate) -> Iterator[PostgresServer]:
    settings = {"log_connections": "on"}
    with PostgresServer(
        hba=HBA, certificate=certificate, settings=settings, setup_sql=SETUP
    ) as running:
        yield running


def wait_until_left(server: PostgresServer) -> None:
    """A server takes a moment to see that its clients have gone."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while server.sql(CLIENTS) != [(0,)]:
        assert time.monotonic() < deadline
        time.sleep(0.02)


def close(connection: pg8000.native.Connection) -> None:
    with contextlib.suppress(pg8000.native.InterfaceError):  # it may be closed already
        connection.close()


@pytest.fixture
def connect(server: PostgresServer) -> Iterator[Connect]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    wait_until_left(server)
    with contextlib.ExitStack() as stack:

        def open_session(
            role: str, application: str | None = None, *, tls: bool = False, **options: str | None
        ) -> pg8000.native.Connection:
            connection = pg8000.native.Connection(
                role,
                **{"database": "postgres", "host": LOOPBACK, "port": server.port} | options,
                application_name=application,
                timeout=PATIENCE_SECONDS,
                ssl_context=context if tls else False,
            )
            stack.callback(close, connection)
            return connection

        yield open_session
    wait_until_left(server)


@pytest.fixture(scope="module")
def eye(bundle: Path) -> Eye:
    return Eye(bundle=bundle, role=ROLE)


def sessions(server: PostgresServer, eye: Eye) -> SessionView:
    return value(eye.look(server.port).sessions)


def status_of(observation: Observation, check: str) -> Status:
    witnessed = Witnessed(target=target(0), observation=observation)
    settings = Eye(bundle=Path("unused")).settings
    (found,) = (each for each in judge(witnessed, FULL, settings) if each.check.id == check)
    return found.verdict.status


SESSION_CHECKS = ("sessions-encrypted", "sessions-modern-tls")


def test_clients_are_counted_by_role_application_and_address(
    server: PostgresServer, connect: Connect, eye: Eye
) -> None:
    connect("orders_app", "web")
    connect("orders_app", "web", database="orders")
    connect("orders_app", "batch", tls=True)
    view = sessions(server, eye)
    assert (view.total, view.clear, view.why_partial, view.rds_own) == (3, 2, None, ())
    in_clear = SessionGroup(
        role="orders_app",
        application="web",
        network=LOOPBACK,
        encrypted=False,
        tls_version=None,
        cipher=None,
        count=2,
    )
    encrypted = SessionGroup(
        role="orders_app",
        application="batch",
        network=LOOPBACK,
        encrypted=True,
        tls_version="TLSv1.3",
        cipher="TLS_AES_256_GCM_SHA384",
        count=1,
    )
    assert view.groups == (in_clear, encrypted)


@pytest.mark.usefixtures("connect")  # waits until everybody has left
def test_a_server_without_clients_has_none(server: PostgresServer, eye: Eye) -> None:
    view = sessions(server, eye)
    assert (view.total, view.clear, view.groups, view.why_partial) == (0, 0, (), None)


def test_our_own_session_shows_how_it_came_about(server: PostgresServer, eye: Eye) -> None:
    observation = eye.look(server.port)
    login = value(observation.login)
    assert (login.role, login.database, login.tls_version) == (ROLE, "postgres", "TLSv1.3")
    assert (login.cipher, login.bits) == ("TLS_AES_256_GCM_SHA384", 256)
    assert login.server_version.startswith("17.")
    assert value(observation.settings)["ssl_min_protocol_version"] == "TLSv1.2"


def test_other_sessions_of_our_role_are_no_clients(
    server: PostgresServer, connect: Connect, eye: Eye
) -> None:
    connect(ROLE, password=PHRASE)
    connect(ROLE, password=PHRASE, tls=True)
    assert sessions(server, eye).total == 0


def test_sessions_through_the_unix_socket_are_no_clients(
    server: PostgresServer, connect: Connect, eye: Eye
) -> None:
    ((directory,),) = server.sql("SHOW unix_socket_directories")
    connect("orders_app", host=None, unix_sock=f"{directory}/.s.PGSQL.{server.port}")
    view = sessions(server, eye)
    assert (view.total, view.groups, view.why_partial) == (0, (), None)


def test_a_role_of_rds_is_shown_apart_and_not_judged(
    server: PostgresServer, connect: Connect, eye: Eye
) -> None:
    connect("rdsadmin", "rds")
    connect("rds_app", "web", tls=True)
    observation = eye.look(server.port)
    view = value(observation.sessions)
    assert [group.role for group in view.groups] == ["rds_app"]
    assert [(group.role, group.encrypted) for group in view.rds_own] == [("rdsadmin", False)]
    assert (view.total, view.clear) == (1, 0)
    assert status_of(observation, "sessions-encrypted") is Status.PASSED


def test_a_role_that_begins_like_those_of_rds_is_a_client(
    server: PostgresServer, connect: Connect, eye: Eye
) -> None:
    connect("rds_app", "web")
    observation = eye.look(server.port)
    assert value(observation.sessions).clear == 1
    assert status_of(observation, "sessions-encrypted") is Status.FAILED


@pytest.mark.parametrize("role", ["blind", "noinherit"])
def test_a_role_that_may_not_see_others_never_passes_them(
    server: PostgresServer, connect: Connect, eye: Eye, role: str
) -> None:
    connect("orders_app", "web")
    connect("orders_app", "batch", tls=True)
    seeing = replace(eye, role=role, environment={"DATABASE_USER": role})
    observation = seeing.look(server.port)
    assert "grant pg_monitor" in (value(observation.sessions).why_partial or "")
    assert {status_of(observation, check) for check in SESSION_CHECKS} == {Status.UNKNOWN}


@pytest.mark.usefixtures("connect")  # waits until everybody has left
def test_a_blind_role_is_partial_even_where_nobody_is_there(
    server: PostgresServer, eye: Eye
) -> None:
    seeing = replace(eye, role="blind", environment={"DATABASE_USER": "blind"})
    view = value(seeing.look(server.port).sessions)
    assert (view.total, view.why_partial is None) == (0, False)


def test_a_replication_client_is_a_client(
    server: PostgresServer, connect: Connect, eye: Eye
) -> None:
    connect("replica", "standby", replication="database")
    kinds = server.sql("SELECT backend_type FROM pg_stat_activity WHERE usename = 'replica'")
    assert kinds == [("walsender",)]
    view = sessions(server, eye)
    assert [(group.role, group.application, group.count) for group in view.groups] == [
        ("replica", "standby", 1)
    ]
    assert view.clear == 1


SAMPLED = (
    "SELECT count(*) FROM pg_stat_activity WHERE usename = 'rds_tls_audit' AND state = 'idle'"
    " AND query LIKE '%WITH seen%'"
)


def test_a_client_seen_in_one_sample_only_stays(
    server: PostgresServer, connect: Connect, eye: Eye
) -> None:
    passing = connect("orders_app", "passing")
    connect("orders_app", "staying", tls=True)

    def leave_after_the_first_sample() -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while server.sql(SAMPLED) == [(0,)] and time.monotonic() < deadline:
            time.sleep(0.02)
        passing.close()

    leaving = threading.Thread(target=leave_after_the_first_sample)
    leaving.start()
    often = replace(eye, environment={"SAMPLES": "2", "SAMPLE_INTERVAL_SECONDS": "1"})
    view = sessions(server, often)
    leaving.join(PATIENCE_SECONDS)
    assert (view.samples, view.clear) == (2, 1)
    assert [group.application for group in view.groups] == ["passing", "staying"]
    assert [group.application for group in sessions(server, eye).groups] == ["staying"]


def test_samples_that_do_not_fit_the_deadline_are_left_out(
    server: PostgresServer, eye: Eye
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
    assert sessions(server, often).samples == 2
    assert time.monotonic() - begin < 2.5


def test_a_role_that_does_not_exist_is_told(server: PostgresServer, eye: Eye) -> None:
    why = reason(replace(eye, role="nobody").look(server.port).sessions)
    assert "role nobody in database postgres: the password is wrong, or the role" in why
    assert PHRASE not in why


def test_a_wrong_password_is_told_and_not_shown(server: PostgresServer, eye: Eye) -> None:
    wrong = PHRASE.upper()
    observation = replace(eye, password=wrong).look(server.port)
    assert "SQLSTATE 28P01" in reason(observation.login)
    assert wrong not in repr(observation)


def test_a_role_without_an_hba_line_is_told(server: PostgresServer, eye: Eye) -> None:
    server.replace_hba([f"host all {ROLE} 127.0.0.1/32 reject", *HBA])
    try:
        observation = eye.look(server.port)
    finally:
        server.replace_hba(HBA)
    assert "SQLSTATE 28000" in reason(observation.login)
    assert PHRASE not in repr(observation)


def test_a_database_that_may_not_be_connected_to_is_replaced_by_the_own_one(
    server: PostgresServer, eye: Eye
) -> None:
    server.sql("REVOKE CONNECT ON DATABASE postgres FROM PUBLIC")
    try:
        with CountingProxy(server.port) as proxy:
            observation = eye.look(proxy.port, replace(DATABASE, db_name="orders"))
            shut_out = eye.look(server.port, replace(DATABASE, db_name="closed"))
    finally:
        server.sql("GRANT CONNECT ON DATABASE postgres TO PUBLIC")
    assert value(observation.login).database == "orders"
    assert proxy.connections == 6
    why = reason(shut_out.login)
    assert "in database closed: the role may not connect to the database" in why


def test_a_tag_chooses_the_database(server: PostgresServer, eye: Eye) -> None:
    for name, told in {
        "no_such_database": "the database does not exist",
        "closed": "the role may not connect to the database",
        "template1": "templates are never used",
    }.items():
        tagged = replace(DATABASE, tags={TAG_DATABASE: name}, db_name="orders")
        assert told in reason(eye.look(server.port, tagged).login)
    tagged = replace(DATABASE, tags={TAG_DATABASE: "orders"})
    assert value(eye.look(server.port, tagged).login).database == "orders"


def test_a_connection_limit_of_our_role_is_told(
    server: PostgresServer, connect: Connect, eye: Eye
) -> None:
    for _ in range(3):
        connect(ROLE, password=PHRASE, tls=True)
    observation = eye.look(server.port)
    assert "connection limit of the role or of the server" in reason(observation.sessions)
    assert value(observation.plaintext).accepted


@pytest.mark.usefixtures("connect")  # waits until everybody has left
def test_a_login_trigger_that_writes_does_not_shut_us_out(server: PostgresServer, eye: Eye) -> None:
    with contextlib.closing(owner(server, "orders")) as admin:
        admin.run("CREATE TABLE logins (role text)")
        admin.run(
            "CREATE FUNCTION note_login() RETURNS event_trigger SECURITY DEFINER"
            " SET search_path = public LANGUAGE plpgsql"
            " AS $$ BEGIN INSERT INTO logins VALUES (session_user); END $$"
        )
        admin.run("CREATE EVENT TRIGGER noted ON login EXECUTE FUNCTION note_login()")
        admin.run("ALTER EVENT TRIGGER noted ENABLE ALWAYS")
    tagged = replace(DATABASE, tags={TAG_DATABASE: "orders"})
    observation = eye.look(server.port, tagged)
    with contextlib.closing(owner(server, "orders")) as admin:
        noted = admin.run("SELECT DISTINCT role FROM logins")
        admin.run("DROP EVENT TRIGGER noted")
    assert value(observation.sessions).why_partial is None
    assert [ROLE] in noted


def owner(server: PostgresServer, database: str) -> pg8000.native.Connection:
    ((directory,),) = server.sql("SHOW unix_socket_directories")
    return pg8000.native.Connection(
        "postgres",
        database=database,
        unix_sock=f"{directory}/.s.PGSQL.{server.port}",
        timeout=PATIENCE_SECONDS,
        ssl_context=False,
    )


def test_a_password_with_too_few_scram_iterations_for_our_driver_is_told_as_such(
    server: PostgresServer, eye: Eye
) -> None:
    assert "SCRAM fails" in reason(replace(eye, role="weak").look(server.port).login)


@pytest.mark.usefixtures("connect")  # waits until everybody has left
def test_a_full_look_makes_five_connections_one_of_them_in_clear(
    server: PostgresServer, eye: Eye
) -> None:
    before = server.log().count("connection received: host=127.0.0.1")
    with CountingProxy(server.port) as proxy:
        (seen,) = look_at_all(FULL, [target(proxy.port)], eye.settings, eye.ports())
    assert value(seen.observation.sessions).samples == 1
    assert (proxy.connections, proxy.in_clear) == (5, 1)
    assert server.log().count("connection received: host=127.0.0.1") - before == 5


def test_a_sample_makes_one_connection_and_none_in_clear(server: PostgresServer, eye: Eye) -> None:
    with CountingProxy(server.port) as proxy:
        (seen,) = look_at_all(SAMPLE, [target(proxy.port)], eye.settings, eye.ports())
    assert value(seen.observation.sessions).samples == 1
    assert (proxy.connections, proxy.in_clear) == (1, 0)
    assert "WIRE_PROBE" in reason(seen.observation.plaintext)
