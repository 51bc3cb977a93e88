"""A login that a real server refuses gives the reason and what to do about it."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pg8000.native
import pytest

from emulation.pki import IssuedCertificate
from emulation.postgresql import PostgresServer
from rds_tls_audit.evidence.observation import Observation
from rds_tls_audit.fleet.database import TAG_DATABASE
from tests.integration.postgres.clients import (
    close,
    through_the_socket,
    wait_for_clients,
    when_free,
)
from tests.integration.postgres.probe_helpers import DATABASE, PHRASE, ROLE, Prober, reason, value
from tests.integration.postgres.proxy import CountingProxy

HBA = (
    "host all rejected 127.0.0.1/32 reject",
    "host all unlisted 127.0.0.2/32 scram-sha-256",
    "hostssl all rds_tls_audit_probe 127.0.0.1/32 scram-sha-256",
    "host limited all 127.0.0.1/32 scram-sha-256",
    *(
        f"host all {role} 127.0.0.1/32 scram-sha-256"
        for role in (ROLE, "absent", "no_login", "ended", "outsider", "solitary")
    ),
)
WITH_PASSWORD = f"PASSWORD '{PHRASE}'"
SETUP = (
    f"CREATE ROLE {ROLE} LOGIN {WITH_PASSWORD}",
    f"CREATE ROLE no_login NOLOGIN {WITH_PASSWORD}",
    f"CREATE ROLE ended LOGIN {WITH_PASSWORD} VALID UNTIL '2020-01-01'",
    f"CREATE ROLE rejected LOGIN {WITH_PASSWORD}",
    f"CREATE ROLE unlisted LOGIN {WITH_PASSWORD}",
    f"CREATE ROLE solitary LOGIN CONNECTION LIMIT 0 {WITH_PASSWORD}",
    "CREATE DATABASE closed",
    "REVOKE CONNECT ON DATABASE closed FROM PUBLIC",
    "CREATE DATABASE shut ALLOW_CONNECTIONS false",
    "CREATE DATABASE limited CONNECTION LIMIT 0",
    "CREATE DATABASE guarded",
    "CREATE DATABASE orders",
)


FREE, RESERVED = 20, 14
"""The connection slots: more of each kind than one probe occupies for a moment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedLogin:
    """A login that the server refuses, and the expected part of the reason."""

    role: str = ROLE
    password: str = PHRASE
    database: str = "postgres"
    sqlstate: str
    expected: str


WRONG = "the password is wrong or has expired (given), or the role does not exist"
NOT_AUTHORIZED = (
    "the role has NOLOGIN, is a member of rds_iam and can only use IAM tokens, or matches no"
)
LIMIT = "the connection limit of the role, the database, or the server is reached"
CASES = {
    "no such role": RefusedLogin(role="absent", sqlstate="28P01", expected=WRONG),
    "wrong password": RefusedLogin(password="battery", sqlstate="28P01", expected=WRONG),  # noqa: S106 - opens nothing
    "expired password": RefusedLogin(role="ended", sqlstate="28P01", expected=WRONG),
    "NOLOGIN": RefusedLogin(role="no_login", sqlstate="28000", expected=NOT_AUTHORIZED),
    "hba line that rejects": RefusedLogin(
        role="rejected", sqlstate="28000", expected=NOT_AUTHORIZED
    ),
    "no hba line": RefusedLogin(role="unlisted", sqlstate="28000", expected=NOT_AUTHORIZED),
    "no CONNECT": RefusedLogin(database="closed", sqlstate="42501", expected="grant CONNECT to it"),
    "no such database": RefusedLogin(
        database="no_such", sqlstate="3D000", expected="the database does not exist"
    ),
    "no connections": RefusedLogin(database="shut", sqlstate="55000", expected="ALLOW_CONNECTIONS"),
    "role's limit": RefusedLogin(role="solitary", sqlstate="53300", expected=LIMIT),
    "database's limit": RefusedLogin(database="limited", sqlstate="53300", expected=LIMIT),
}


@pytest.fixture(scope="module")
def refusing(certificate: IssuedCertificate) -> Iterator[PostgresServer]:
    """A server that refuses many logins."""
    settings = {
        "max_connections": str(FREE + RESERVED),
        "superuser_reserved_connections": str(RESERVED),
    }
    with PostgresServer(
        hba=HBA, certificate=certificate, settings=settings, setup_sql=SETUP
    ) as running:
        yield running


def tagged(database: str) -> dict[str, str]:
    return {TAG_DATABASE: database}


@pytest.fixture(scope="module")
def refused(refusing: PostgresServer, prober: Prober) -> dict[str, Observation]:
    """The observation of each case."""

    def probe(case: RefusedLogin) -> Observation:
        wait_for_clients(refusing, 0)
        as_role = replace(prober, role=case.role, password=case.password)
        return as_role.probe(refusing.port, replace(DATABASE, tags=tagged(case.database)))

    return {name: probe(case) for name, case in CASES.items()}


@pytest.mark.parametrize("name", CASES)
def test_a_refused_login_gives_the_reason(refused: dict[str, Observation], name: str) -> None:
    case, why = CASES[name], reason(refused[name].login)
    assert why.startswith(f"role {case.role} in database {case.database}: ")
    assert case.expected in why
    assert f"(SQLSTATE {case.sqlstate}: " in why
    assert case.password not in repr(refused[name])


@pytest.mark.parametrize("name", CASES)
def test_all_evidence_that_needs_a_login_is_unseen_for_one_reason(
    refused: dict[str, Observation], name: str
) -> None:
    seen = refused[name]
    assert len({reason(seen.login), reason(seen.settings), reason(seen.sessions)}) == 1
    assert value(seen.tls).version == "TLSv1.3"


def test_a_login_to_a_full_server_gives_the_reason(
    refusing: PostgresServer, prober: Prober
) -> None:
    with contextlib.ExitStack() as stack:
        for _ in range(FREE):
            session = when_free(
                lambda: pg8000.native.Connection(
                    ROLE,
                    host="127.0.0.1",
                    port=refusing.port,
                    database="orders",
                    password=PHRASE,
                    ssl_context=False,
                )
            )
            stack.callback(close, session)
        why = reason(prober.probe(refusing.port).login)
    assert LIMIT in why
    assert "SQLSTATE 53300" in why


@contextlib.contextmanager
def login_trigger(server: PostgresServer, database: str) -> Iterator[None]:
    """Make a trigger refuse every login to this database from the network."""
    with contextlib.closing(through_the_socket(server, "postgres", database)) as admin:
        admin.run(
            "CREATE FUNCTION guard() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN"
            " IF inet_client_addr() IS NOT NULL THEN RAISE 'not today, %', session_user; END IF;"
            " END $$"
        )
        admin.run("CREATE EVENT TRIGGER guards ON login EXECUTE FUNCTION guard()")
        admin.run("ALTER EVENT TRIGGER guards ENABLE ALWAYS")
        try:
            yield
        finally:
            admin.run("DROP EVENT TRIGGER guards")


def test_a_login_that_a_trigger_refuses_gives_the_reason(
    refusing: PostgresServer, prober: Prober
) -> None:
    with login_trigger(refusing, "guarded"):
        observation = prober.probe(refusing.port, replace(DATABASE, tags=tagged("guarded")))
    why = reason(observation.login)
    assert why.startswith(f"role {ROLE} in database guarded: a login event trigger")
    assert f"(SQLSTATE P0001: not today, {ROLE})" in why
    assert PHRASE not in repr(observation)


def test_the_second_database_is_tried_if_a_login_trigger_in_the_first_refuses(
    refusing: PostgresServer, prober: Prober
) -> None:
    with login_trigger(refusing, "postgres"), CountingProxy(refusing.port) as proxy:
        observation = prober.probe(proxy.port, replace(DATABASE, db_name="orders"))
    assert value(observation.login).database == "orders"
    assert proxy.connections == 6


def test_the_second_database_is_tried_if_the_first_allows_no_connections(
    refusing: PostgresServer, prober: Prober
) -> None:
    with contextlib.closing(through_the_socket(refusing, "postgres", "orders")) as admin:
        admin.run("ALTER DATABASE postgres ALLOW_CONNECTIONS false")
        try:
            observation = prober.probe(refusing.port, replace(DATABASE, db_name="orders"))
        finally:
            admin.run("ALTER DATABASE postgres ALLOW_CONNECTIONS true")
    assert value(observation.login).database == "orders"
