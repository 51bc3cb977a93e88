"""Our login to a real server: where it leads, and why it fails."""

import contextlib
from dataclasses import replace

import pytest

from emulation.postgresql import PostgresServer
from rds_tls_audit.fleet.database import TAG_DATABASE
from tests.integration.postgres.clients import HBA, ROLE_LIMIT, Connect, through_the_socket
from tests.integration.postgres.probe_helpers import DATABASE, PHRASE, ROLE, Prober, reason, value
from tests.integration.postgres.proxy import CountingProxy


def test_our_own_session_shows_how_it_came_about(server: PostgresServer, eye: Prober) -> None:
    observation = eye.look(server.port)
    login = value(observation.login)
    assert (login.role, login.database, login.bits) == (ROLE, "postgres", 256)
    assert (login.tls.version, login.tls.suite) == ("TLSv1.3", "TLS_AES_256_GCM_SHA384")
    assert login.server_version.startswith("17.")
    assert value(observation.settings)["ssl_min_protocol_version"].value == "TLSv1.2"


def test_a_role_that_does_not_exist_is_told(server: PostgresServer, eye: Prober) -> None:
    why = reason(replace(eye, role="nobody").look(server.port).sessions)
    assert "role nobody in database postgres: the password is wrong or has ended (given)" in why
    assert PHRASE not in why


def test_a_wrong_password_is_told_and_not_shown(server: PostgresServer, eye: Prober) -> None:
    wrong = PHRASE.upper()
    observation = replace(eye, password=wrong).look(server.port)
    assert "SQLSTATE 28P01" in reason(observation.login)
    assert wrong not in repr(observation)


def test_a_role_without_an_hba_line_is_told(server: PostgresServer, eye: Prober) -> None:
    server.replace_hba([f"host all {ROLE} 127.0.0.1/32 reject", *HBA])
    try:
        observation = eye.look(server.port)
    finally:
        server.replace_hba(HBA)
    assert "SQLSTATE 28000" in reason(observation.login)
    assert PHRASE not in repr(observation)


def test_a_database_that_may_not_be_connected_to_is_replaced_by_the_own_one(
    server: PostgresServer, eye: Prober
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


def test_a_tag_chooses_the_database(server: PostgresServer, eye: Prober) -> None:
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
    server: PostgresServer, connect: Connect, eye: Prober
) -> None:
    for _ in range(ROLE_LIMIT):
        connect(ROLE, password=PHRASE, tls=True)
    observation = eye.look(server.port)
    assert "connection limit of the role, of the database" in reason(observation.sessions)
    assert value(observation.plaintext).accepted


@pytest.mark.usefixtures("connect")  # waits until everybody has left
def test_a_login_trigger_that_writes_does_not_shut_us_out(
    server: PostgresServer, eye: Prober
) -> None:
    with contextlib.closing(through_the_socket(server, "postgres", "orders")) as admin:
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
    with contextlib.closing(through_the_socket(server, "postgres", "orders")) as admin:
        noted = admin.run("SELECT DISTINCT role FROM logins")
        admin.run("DROP EVENT TRIGGER noted")
    assert value(observation.sessions).why_partial is None
    assert [ROLE] in noted


def test_a_password_with_too_few_scram_iterations_for_our_driver_is_told_as_such(
    server: PostgresServer, eye: Prober
) -> None:
    assert "SCRAM fails" in reason(replace(eye, role="weak").look(server.port).login)
