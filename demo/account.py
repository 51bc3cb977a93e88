"""The account of the demo: emulated AWS, real PostgreSQL servers, and real clients."""

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

import pg8000.native

from demo.clients import PASSWORD, connect
from demo.databases import (
    DEMO_DATABASES,
    TLS_ONLY_HBA,
    Client,
    DemoDatabase,
    ServedCertificate,
)
from emulation.account import EmulatedAccount
from emulation.pki import IssuedCertificate, RootAuthority
from emulation.postgresql import PostgresServer
from emulation.workspace import new_directory
from functions.audit.app import handler

SECRET = "rds-tls-audit/login"  # noqa: S105 - the name of a secret
AUDIT_PASSWORD = "the-password-of-the-audit"  # noqa: S105 - of servers that live for a minute
DOMAIN = "c9akciq32rgw.eu-central-1.rds.amazonaws.com"
PORT = 5432
ENGINE_VERSION = "17.4"
UNUSED_ADDRESS = "127.0.0.1:9"
"""The port of the discard service, on which no current machine listens."""


class DemoAccount:
    """An emulated account with its servers and clients; use it as a context manager."""

    def __init__(self, databases: Sequence[DemoDatabase] = DEMO_DATABASES) -> None:
        """Prepare an account that contains these databases."""
        self.databases = databases
        self.aws = EmulatedAccount()
        self.servers: dict[str, PostgresServer] = {}
        self._clients: dict[Client, pg8000.native.Connection] = {}
        self.authority = RootAuthority.create("RDS root CA of the demo")
        self._other_authority = RootAuthority.create("Example Corp root CA")
        self._cleanup = ExitStack()

    def __enter__(self) -> Self:
        """Start the emulated account, the servers, and the clients."""
        try:
            self._cleanup.enter_context(self.aws)
            self._start_servers()
            self._create_in_rds()
            self._connect_clients()
        except BaseException:
            self._cleanup.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        """Stop the clients, the servers, and the emulated account."""
        self._cleanup.close()

    def environment(self) -> dict[str, str]:
        """Return the environment variables with which a function uses this account."""
        return self.aws.environment() | {
            "RDS_CA_BUNDLE": str(self._write_ca_bundle()),
            "PROBE_DEADLINE_SECONDS": "60",  # every server answers, though late on a busy machine
        }

    def connect_to(self) -> Mapping[str, str]:
        """Return the address at which each database listens, as the audit's field `connect_to`."""
        return {
            database.id: (
                f"127.0.0.1:{self.servers[database.id].port}"
                if database.id in self.servers
                else UNUSED_ADDRESS
            )
            for database in self.databases
        }

    def host(self, database: DemoDatabase) -> str:
        """Return the host name in a database's endpoint and in its certificate."""
        return f"{database.id}.{DOMAIN}"

    def port(self, database: DemoDatabase) -> int:  # noqa: ARG002 - for overrides
        """Return the port in a database's endpoint."""
        return PORT

    def audit(self, **event: object) -> dict[str, Any]:
        """Run the audit function in this process and return its response."""
        os.environ.update(self.environment())
        return handler({"connect_to": self.connect_to(), **event}, None)

    def force_tls(self, database: DemoDatabase) -> None:
        """Set `rds.force_ssl` to 1 in a database's parameter group and on its server."""
        self.aws.set_parameter(_parameter_group(database), "rds.force_ssl", "1")
        self.servers[database.id].replace_hba(TLS_ONLY_HBA)

    def reconnect(self, database: DemoDatabase) -> list[tuple[Client, str | None]]:
        """Reconnect a database's clients; return each with the server's refusal, or None."""
        return [(client, self._reconnect_client(client, database)) for client in database.clients]

    def _reconnect_client(self, client: Client, database: DemoDatabase) -> str | None:
        self._clients.pop(client).close()
        try:
            self._clients[client] = connect(client, self.servers[database.id].port)
        except pg8000.native.DatabaseError as error:
            return str(error.args[0]["M"])
        return None

    def _write_ca_bundle(self) -> Path:
        path = self._directory / "roots.pem"
        path.write_bytes(self.authority.certificate_pem)
        return path

    def _start_servers(self) -> None:
        self._directory = new_directory("demo")
        listening = [database for database in self.databases if database.hba is not None]
        servers = [
            PostgresServer(
                hba=database.hba or (),
                settings=database.settings,
                certificate=self._issue_certificate(database),
                setup_sql=_setup_sql(database),
            )
            for database in listening
        ]
        for server in servers:
            self._cleanup.callback(server.stop)
        with ThreadPoolExecutor(max_workers=4) as pool:
            list(pool.map(PostgresServer.start, servers))
        self.servers = {
            database.id: server for database, server in zip(listening, servers, strict=True)
        }

    def _issue_certificate(self, database: DemoDatabase) -> IssuedCertificate:
        other_ca = database.served_certificate is ServedCertificate.OTHER_CA
        issuer = self._other_authority if other_ca else self.authority
        now = datetime.now(UTC)
        expired = database.served_certificate is ServedCertificate.EXPIRED
        return issuer.issue(
            [self.host(database)],
            not_before=now - timedelta(days=400),
            not_after=now + (timedelta(days=-3) if expired else timedelta(days=300)),
        )

    def _create_in_rds(self) -> None:
        self.aws.put_secret(SECRET, "rds_tls_audit", AUDIT_PASSWORD)
        members = {database.cluster: database for database in self.databases if database.cluster}
        for cluster, member in members.items():
            group = _parameter_group(member)
            self.aws.create_parameter_group(
                group, "aurora-postgresql17", {"rds.force_ssl": member.force_ssl}, cluster=True
            )
            self.aws.create_cluster(
                cluster, engine_version=ENGINE_VERSION, group=group, iam=member.iam
            )
        for database in self.databases:
            self._create_database(database)

    def _create_database(self, database: DemoDatabase) -> None:
        tags = {"Owner": database.owner}
        if not database.iam:
            tags["rds-tls-audit:secret"] = SECRET
        if database.cluster is None:
            self.aws.create_parameter_group(
                _parameter_group(database), "postgres17", {"rds.force_ssl": database.force_ssl}
            )
        self.aws.create_database(
            database.id,
            engine_version=ENGINE_VERSION,
            group=None if database.cluster else _parameter_group(database),
            cluster=database.cluster,
            apply_status=database.apply_status,
            host=self.host(database),
            port=self.port(database),
            iam=database.iam,
            tags=tags,
        )

    def _connect_clients(self) -> None:
        for database in self.databases:
            for client in database.clients:
                self._clients[client] = connect(client, self.servers[database.id].port)
        self._cleanup.callback(self._disconnect_clients)

    def _disconnect_clients(self) -> None:
        for connection in self._clients.values():
            connection.close()


def _parameter_group(database: DemoDatabase) -> str:
    return f"{database.cluster or database.id}-pg17"


def _setup_sql(database: DemoDatabase) -> list[str]:
    # The statements of docs/database-role.sql, but with a password instead of rds_iam.
    grants = ["GRANT pg_monitor TO rds_tls_audit"] if database.has_pg_monitor else []
    roles = dict.fromkeys(client.role for client in database.clients)
    return [
        f"CREATE ROLE rds_tls_audit LOGIN PASSWORD '{AUDIT_PASSWORD}' CONNECTION LIMIT 3",
        *grants,
        *(f"CREATE ROLE {role} LOGIN PASSWORD '{PASSWORD}'" for role in roles),
    ]
