"""A master user like that of RDS can create the documented role, which sees all it needs."""

import contextlib
from collections.abc import Iterator

import pg8000.native
import pytest
from pg8000.exceptions import DatabaseError

from emulation.pki import IssuedCertificate
from emulation.postgresql import PostgresServer
from tests.integration.postgres.clients import close, through_the_socket
from tests.integration.postgres.probe_helpers import LOOPBACK, PHRASE, ROLE, Prober, value
from tests.support.repository import ROOT

SCRIPT = ROOT / "docs" / "database-role.sql"
MASTER = "dba"
HBA = (
    f"hostssl all {ROLE} 127.0.0.1/32 scram-sha-256",
    "host all all 127.0.0.1/32 trust",
)
# rds_superuser has ADMIN on pg_monitor since RDS for PostgreSQL 16, but on none of its parts.
SETUP = (
    f"CREATE ROLE {MASTER} LOGIN CREATEROLE",
    "CREATE ROLE rds_iam",
    f"GRANT pg_monitor, rds_iam TO {MASTER} WITH ADMIN OPTION",
    "CREATE ROLE orders_app LOGIN",
)


@pytest.fixture(scope="module")
def managed(certificate: IssuedCertificate) -> Iterator[PostgresServer]:
    """A server on which the master user has run the script."""
    with PostgresServer(hba=HBA, certificate=certificate, setup_sql=SETUP) as running:
        with contextlib.closing(through_the_socket(running, MASTER)) as master:
            master.run(SCRIPT.read_text())
            master.run(f"ALTER ROLE {ROLE} PASSWORD '{PHRASE}'")
        yield running


@pytest.fixture
def master(managed: PostgresServer) -> Iterator[pg8000.native.Connection]:
    with contextlib.closing(through_the_socket(managed, MASTER)) as session:
        yield session


def test_the_master_user_is_not_a_superuser(managed: PostgresServer) -> None:
    ((superuser, creates),) = managed.sql(
        "SELECT rolsuper, rolcreaterole FROM pg_roles WHERE rolname = 'dba'"
    )
    assert (superuser, creates) == (False, True)


def test_the_role_of_the_script_can_only_log_in(
    managed: PostgresServer,
) -> None:
    ((role,),) = managed.sql(
        "SELECT row_to_json(r)::text FROM (SELECT rolcanlogin, rolconnlimit, rolsuper,"
        " rolcreaterole, rolcreatedb, rolreplication, rolbypassrls, rolinherit"
        " FROM pg_roles WHERE rolname = 'rds_tls_audit') r"
    )
    assert role == (
        '{"rolcanlogin":true,"rolconnlimit":3,"rolsuper":false,"rolcreaterole":false,'
        '"rolcreatedb":false,"rolreplication":false,"rolbypassrls":false,"rolinherit":true}'
    )
    memberships = managed.sql(
        "SELECT roleid::regrole::text, admin_option FROM pg_auth_members"
        " WHERE member = 'rds_tls_audit'::regrole ORDER BY 1"
    )
    assert memberships == [("pg_monitor", False), ("rds_iam", False)]


def test_the_role_of_the_script_sees_every_session_and_setting(
    managed: PostgresServer, prober: Prober
) -> None:
    client = pg8000.native.Connection(
        "orders_app", host=LOOPBACK, port=managed.port, database="postgres", ssl_context=False
    )
    try:
        observation = prober.probe(managed.port)
    finally:
        close(client)
    view = value(observation.sessions)
    assert (view.why_partial, view.total, view.clear) == (None, 1, 1)
    assert [group.role for group in view.groups] == ["orders_app"]
    assert {"ssl_min_protocol_version", "ssl_ciphers"} <= value(observation.settings).keys()


@pytest.mark.parametrize("part", ["pg_read_all_stats", "pg_read_all_settings"])
def test_the_master_user_cannot_grant_the_parts_of_pg_monitor(
    master: pg8000.native.Connection, part: str
) -> None:
    with pytest.raises(DatabaseError, match="permission denied to grant role") as denied:
        master.run(f"GRANT {part} TO {ROLE}")
    assert denied.value.args[0]["C"] == "42501"
