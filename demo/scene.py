"""The demo's account with its databases: real servers, real clients, emulated AWS."""

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pg8000.native

from demo.clients import PASSWORD, connect
from demo.states import FORCING, STATES, Client, Served, State
from emulation.account import LocalAccount
from emulation.pki import Authority, IssuedCertificate
from emulation.postgresql import PostgresServer
from emulation.workspace import new_directory
from functions.audit.app import handler

SECRET = "rds-tls-audit/login"  # noqa: S105 - the name of a secret
AUDIT_PASSWORD = "the-password-of-the-audit"  # noqa: S105 - of servers that live for a minute
DOMAIN = "c9akciq32rgw.eu-central-1.rds.amazonaws.com"
PORT = 5432
ENGINE_VERSION = "17.4"
NOBODY_LISTENS = "127.0.0.1:9"
"""The discard port, closed on any machine of today."""


class Scene:
    """The account and its servers; use it as a context manager."""

    def __init__(self, states: Sequence[State] = STATES) -> None:
        """Keep to these states."""
        self.states = states
        self.account = LocalAccount()
        self.servers: dict[str, PostgresServer] = {}
        self._clients: dict[Client, pg8000.native.Connection] = {}
        self.authority = Authority.create("RDS root of the demo")
        self._stranger = Authority.create("A CA of somebody else")
        self._cleanup = ExitStack()

    def __enter__(self) -> Self:
        """Start everything."""
        try:
            self._cleanup.enter_context(self.account)
            self._start_servers()
            self._describe()
            self._connect_clients()
        except BaseException:
            self._cleanup.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop everything."""
        self._cleanup.close()

    def environment(self) -> dict[str, str]:
        """Give the environment that leads a function into this account."""
        return self.account.environment() | {
            "RDS_CA_BUNDLE": str(self._bundle()),
            "PROBE_DEADLINE_SECONDS": "60",  # they all answer, on a busy machine later
        }

    def connect_to(self) -> Mapping[str, str]:
        """Give where each database really listens: the tunnel of `audit`."""
        return {
            state.id: (
                f"127.0.0.1:{self.servers[state.id].port}"
                if state.id in self.servers
                else NOBODY_LISTENS
            )
            for state in self.states
        }

    def host(self, state: State) -> str:
        """Give the name in a database's endpoint and in its certificate."""
        return f"{state.id}.{DOMAIN}"

    def port(self, state: State) -> int:  # noqa: ARG002 - one that listens elsewhere has its own
        """Give the port in a database's endpoint."""
        return PORT

    def audit(self, **event: object) -> dict[str, Any]:
        """Run the audit function in this process, as Lambda would."""
        os.environ.update(self.environment())
        return handler({"connect_to": self.connect_to(), **event}, None)

    def force_tls(self, state: State) -> None:
        """Set `rds.force_ssl` to 1 for a database, and let its server do so."""
        self.account.set_parameter(_group(state), "rds.force_ssl", "1")
        self.servers[state.id].replace_hba(FORCING)

    def reconnect(self, state: State) -> list[tuple[Client, str | None]]:
        """Let the clients of a database connect anew: with what words each was turned away."""
        return [(client, self._reconnect(client, state)) for client in state.clients]

    def _reconnect(self, client: Client, state: State) -> str | None:
        self._clients.pop(client).close()
        try:
            self._clients[client] = connect(client, self.servers[state.id].port)
        except pg8000.native.DatabaseError as error:
            return str(error.args[0]["M"])
        return None

    def _bundle(self) -> Path:
        path = self._directory / "roots.pem"
        path.write_bytes(self.authority.certificate_pem)
        return path

    def _start_servers(self) -> None:
        self._directory = new_directory("scene")
        listening = [state for state in self.states if state.hba is not None]
        servers = [
            PostgresServer(
                hba=state.hba or (),
                settings=state.settings,
                certificate=self._certificate(state),
                setup_sql=_setup_sql(state),
            )
            for state in listening
        ]
        for server in servers:
            self._cleanup.callback(server.stop)
        with ThreadPoolExecutor(max_workers=4) as pool:
            list(pool.map(PostgresServer.start, servers))
        self.servers = {state.id: server for state, server in zip(listening, servers, strict=True)}

    def _certificate(self, state: State) -> IssuedCertificate:
        issuer = self._stranger if state.served is Served.OTHER_CA else self.authority
        now = datetime.now(UTC)
        ended = state.served is Served.EXPIRED
        return issuer.issue(
            [self.host(state)],
            not_before=now - timedelta(days=400),
            not_after=now + (timedelta(days=-3) if ended else timedelta(days=300)),
        )

    def _describe(self) -> None:
        self.account.put_secret(SECRET, "rds_tls_audit", AUDIT_PASSWORD)
        for cluster in dict.fromkeys(state.cluster for state in self.states if state.cluster):
            first = next(state for state in self.states if state.cluster == cluster)
            self.account.create_parameter_group(
                _group(first),
                "aurora-postgresql17",
                {"rds.force_ssl": first.force_ssl},
                cluster=True,
            )
            self.account.create_cluster(
                cluster, engine_version=ENGINE_VERSION, group=_group(first), iam=first.iam
            )
        for state in self.states:
            self._describe_database(state)

    def _describe_database(self, state: State) -> None:
        tags = {"Owner": state.owner}
        if not state.iam:
            tags["rds-tls-audit:secret"] = SECRET
        if state.cluster is None:
            self.account.create_parameter_group(
                _group(state), "postgres17", {"rds.force_ssl": state.force_ssl}
            )
        self.account.create_database(
            state.id,
            engine_version=ENGINE_VERSION,
            group=None if state.cluster else _group(state),
            cluster=state.cluster,
            apply_status=state.apply_status,
            host=self.host(state),
            port=self.port(state),
            iam=state.iam,
            tags=tags,
        )

    def _connect_clients(self) -> None:
        for state in self.states:
            for client in state.clients:
                self._clients[client] = connect(client, self.servers[state.id].port)
        self._cleanup.callback(self._disconnect_clients)

    def _disconnect_clients(self) -> None:
        for connection in self._clients.values():
            connection.close()


def _group(state: State) -> str:
    return f"{state.cluster or state.id}-pg17"


def _setup_sql(state: State) -> list[str]:
    # The statements of docs/database-role.sql, with a password in place of rds_iam.
    grants = ["GRANT pg_monitor TO rds_tls_audit"] if state.sees_sessions else []
    roles = dict.fromkeys(client.role for client in state.clients)
    return [
        f"CREATE ROLE rds_tls_audit LOGIN PASSWORD '{AUDIT_PASSWORD}' CONNECTION LIMIT 3",
        *grants,
        *(f"CREATE ROLE {role} LOGIN PASSWORD '{PASSWORD}'" for role in roles),
    ]
