"""Clients of a real server, which the audit should see or not see."""

import contextlib
import ssl
from collections.abc import Callable, Iterator
from typing import Protocol

import pg8000.native

from emulation.postgresql import PostgresServer
from tests.integration.postgres.probe_helpers import LOOPBACK, PHRASE, ROLE
from tests.support.waiting import wait_until

PATIENCE_SECONDS = 300
ROLE_LIMIT = 10
"""More than the three of the documented role, because a closed session can still count."""
HBA = (
    f"host all {ROLE},blind,noinherit,nobody,weak 127.0.0.1/32 scram-sha-256",
    "host all all 127.0.0.1/32 trust",
)
SETUP = (
    f"CREATE ROLE {ROLE} LOGIN PASSWORD '{PHRASE}' CONNECTION LIMIT {ROLE_LIMIT}",
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
TOO_MANY_CONNECTIONS = "53300"
CLIENTS = "SELECT count(*) FROM pg_stat_activity WHERE client_port >= 0"


class Connect(Protocol):
    """Opens a session that stays until the test ends."""

    def __call__(
        self, role: str, application: str | None = None, *, tls: bool = False, **options: str | None
    ) -> pg8000.native.Connection: ...


def wait_for_clients(server: PostgresServer, count: int) -> None:
    """Wait until the server has noticed that its clients disconnected."""
    wait_until(lambda: server.sql(CLIENTS) == [(count,)], f"{count} clients are connected")


def when_free(open_session: Callable[[], pg8000.native.Connection]) -> pg8000.native.Connection:
    """Open a session; wait until the server has freed a slot for it."""
    made: list[pg8000.native.Connection] = []

    def has_room() -> bool:
        try:
            made.append(open_session())
        except pg8000.native.DatabaseError as error:
            if error.args[0]["C"] != TOO_MANY_CONNECTIONS:
                raise
        return bool(made)

    wait_until(has_room, "the server accepts one more session")
    return made[0]


def close(connection: pg8000.native.Connection) -> None:
    with contextlib.suppress(pg8000.native.InterfaceError):  # The connection may be closed already.
        connection.close()


@contextlib.contextmanager
def opening(server: PostgresServer) -> Iterator[Connect]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    wait_for_clients(server, 0)
    with contextlib.ExitStack() as stack:

        def open_session(
            role: str, application: str | None = None, *, tls: bool = False, **options: str | None
        ) -> pg8000.native.Connection:
            connection = when_free(
                lambda: pg8000.native.Connection(
                    role,
                    **{"database": "postgres", "host": LOOPBACK, "port": server.port} | options,
                    application_name=application,
                    timeout=PATIENCE_SECONDS,
                    ssl_context=context if tls else False,
                )
            )
            stack.callback(close, connection)
            return connection

        yield open_session
    wait_for_clients(server, 0)


def through_the_socket(
    server: PostgresServer, role: str, database: str = "postgres"
) -> pg8000.native.Connection:
    """Open a session through the Unix socket."""

    def open_session() -> pg8000.native.Connection:
        ((directory,),) = server.sql("SHOW unix_socket_directories")
        return pg8000.native.Connection(
            role,
            database=database,
            unix_sock=f"{directory}/.s.PGSQL.{server.port}",
            timeout=PATIENCE_SECONDS,
            ssl_context=False,
        )

    return when_free(open_session)
