"""The login of the probe to a real server: which database it reaches, and why it fails."""

import contextlib
from dataclasses import replace

import pytest

from emulation.postgresql import PostgresServer
from rds_tls_audit.fleet.database import TAG_DATABASE
from tests.integration.postgres.clients import HBA, ROLE_LIMIT, Connect, through_the_socket
from tests.integration.postgres.probe_helpers import DATABASE, PHRASE, ROLE, Prober, reason, value
from tests.integration.postgres.proxy import CountingProxy


def test_the_own_session_is_described(server: PostgresServer, prober: Prober) -> None:
    observation = prober.probe(server.port)
    login = value(observation.login)
    assert (login.role, login.database, login.bits) == (ROLE, "postgres", 256)
    assert (login.tls.version, login.tls.suite) == ("TLSv1.3", "TLS_AES_256_GCM_SHA384")
    assert login.server_version.startswith("17.")
    assert value(observation.settings)["ssl_min_protocol_version"].value == "TLSv1.2"


def test_a_login_with_a_role_that_does_not_exist_gives_the_reason(
    server: PostgresServer, prober: Prober
) -> None:
    why = reason(replace(prober, role="nobody").probe(server.port).sessions)
    assert "role nobody in database postgres: the password is wrong or has expired (given)" in why
    assert PHRASE not in why


def test_a_login_with_a_wrong_password_gives_the_reason_without_the_password(
    server: PostgresServer, prober: Prober
) -> None:
    wrong = PHRASE.upper()
    observation = replace(prober, password=wrong).probe(server.port)
    assert "SQLSTATE 28P01" in reason(observation.login)
    assert wrong not in repr(observation)


def test_a_login_without_an_hba_line_gives_the_reason(
    server: PostgresServer, prober: Prober
) -> None:
    server.replace_hba([f"host all {ROLE} 127.0.0.1/32 reject", *HBA])
    try:
        observation = prober.probe(server.port)
    finally:
        server.replace_hba(HBA)
    assert "SQLSTATE 28000" in reason(observation.login)
    assert PHRASE not in repr(observation)


def test_a_database_without_connect_is_replaced_by_the_initial_database(
    server: PostgresServer, prober: Prober
) -> None:
    server.sql("REVOKE CONNECT ON DATABASE postgres FROM PUBLIC")
    try:
        with CountingProxy(server.port) as proxy:
            observation = prober.probe(proxy.port, replace(DATABASE, db_name="orders"))
            refused = prober.probe(server.port, replace(DATABASE, db_name="closed"))
    finally:
        server.sql("GRANT CONNECT ON DATABASE postgres TO PUBLIC")
    assert value(observation.login).database == "orders"
    assert proxy.connections == 6
    why = reason(refused.login)
    assert "in database closed: the role lacks the CONNECT privilege" in why


def test_the_tag_selects_the_database(server: PostgresServer, prober: Prober) -> None:
    for name, expected in {
        "no_such_database": "the database does not exist",
        "closed": "the role lacks the CONNECT privilege",
        "template1": "never uses a template database",
    }.items():
        tagged = replace(DATABASE, tags={TAG_DATABASE: name}, db_name="orders")
        assert expected in reason(prober.probe(server.port, tagged).login)
    tagged = replace(DATABASE, tags={TAG_DATABASE: "orders"})
    assert value(prober.probe(server.port, tagged).login).database == "orders"


def test_the_connection_limit_of_the_role_gives_the_reason(
    server: PostgresServer, connect: Connect, prober: Prober
) -> None:
    for _ in range(ROLE_LIMIT):
        connect(ROLE, password=PHRASE, tls=True)
    observation = prober.probe(server.port)
    assert "connection limit of the role" in reason(observation.sessions)
    assert value(observation.plaintext).accepted


@pytest.mark.usefixtures("connect")  # waits until all clients have disconnected
def test_a_login_trigger_that_writes_does_not_prevent_the_login(
    server: PostgresServer, prober: Prober
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
    observation = prober.probe(server.port, tagged)
    with contextlib.closing(through_the_socket(server, "postgres", "orders")) as admin:
        noted = admin.run("SELECT DISTINCT role FROM logins")
        admin.run("DROP EVENT TRIGGER noted")
    assert value(observation.sessions).why_partial is None
    assert [ROLE] in noted


def test_too_few_scram_iterations_for_the_driver_give_the_reason(
    server: PostgresServer, prober: Prober
) -> None:
    assert "SCRAM failed" in reason(replace(prober, role="weak").probe(server.port).login)
