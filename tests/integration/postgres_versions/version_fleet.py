"""Start servers of one version in every state of the matrix, with clients, and audit them once."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from demo.account import AUDIT_PASSWORD, DOMAIN, SECRET
from demo.clients import PASSWORD, connect
from demo.databases import (
    OPEN_HBA,
    TLS_ONLY_HBA,
    Client,
    ClientTls,
    DemoDatabase,
    ServedCertificate,
)
from emulation.account import EmulatedAccount
from emulation.pki import IssuedCertificate, RootAuthority
from emulation.postgresql import PostgresServer
from functions.audit.app import handler

ROLE = "rds_tls_audit"
# A server does not start with a setting that its version does not know.
_FIRST_VERSION = {"ssl_min_protocol_version": 12, "ssl_max_protocol_version": 12}
# Before 14 the default is md5, which a pg_hba.conf line for SCRAM does not accept.
_SETTINGS = {"password_encryption": "scram-sha-256"}
_EVERYTHING = "ALL:COMPLEMENTOFALL:@SECLEVEL=0"
_ANONYMOUS = "aNULL:!eNULL:@SECLEVEL=0"
_LOGIN_TRIGGER = (
    "CREATE TABLE logins (role name)",
    "GRANT INSERT ON logins TO PUBLIC",
    """CREATE FUNCTION note_login() RETURNS event_trigger LANGUAGE plpgsql
       AS 'BEGIN INSERT INTO public.logins VALUES (session_user); END'""",
    "CREATE EVENT TRIGGER note_login ON login EXECUTE FUNCTION note_login()",
)
_LOGINS = f"SELECT count(*) FROM logins WHERE role = '{ROLE}'"  # noqa: S608 - no input in it


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A state, and the first version that can be in it."""

    state: DemoDatabase
    first_version: int = 10
    sql: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Audited:
    """The verdicts of the audit for each state, and what the servers know themselves."""

    verdicts: Mapping[str, list[dict[str, str]]]
    versions: Mapping[str, int]
    """The major version according to each server."""
    logins_noted: int | None
    """How often the login trigger ran for the audit's role; None without such a trigger."""

    def because(self, state: str, check: str) -> str:
        """Return the reason of one verdict."""
        verdicts = self.verdicts[state]
        return next(verdict["because"] for verdict in verdicts if verdict["check"] == check)


_MODERN = Client(role="orders", application="orders-api", tls=ClientTls.MODERN)
_PLAINTEXT = Client(role="orders", application="nightly-export", tls=ClientTls.NONE)
_LEGACY = Client(role="erp", application="erp-connector", tls=ClientTls.LEGACY)

ENTRIES = (
    Entry(
        state=DemoDatabase(
            id="forcing",
            description="forces TLS",
            force_ssl="1",
            hba=TLS_ONLY_HBA,
            clients=(_MODERN,),
        )
    ),
    Entry(
        state=DemoDatabase(
            id="open",
            description="accepts connections without TLS",
            force_ssl="0",
            hba=OPEN_HBA,
            clients=(_MODERN, _PLAINTEXT),
        )
    ),
    Entry(
        state=DemoDatabase(
            id="legacy",
            description="accepts any TLS",
            force_ssl="1",
            hba=TLS_ONLY_HBA,
            settings={"ssl_min_protocol_version": "TLSv1", "ssl_ciphers": _EVERYTHING},
            clients=(_MODERN, _LEGACY),
        )
    ),
    Entry(
        state=DemoDatabase(
            id="weak",
            description="supports only weak cipher suites, besides those of TLS 1.3",
            force_ssl="1",
            hba=TLS_ONLY_HBA,
            settings={"ssl_ciphers": _ANONYMOUS},
            clients=(_MODERN,),
        )
    ),
    Entry(
        state=DemoDatabase(
            id="weak-alone",
            description="supports only weak cipher suites, and no TLS 1.3",
            force_ssl="1",
            hba=TLS_ONLY_HBA,
            settings={"ssl_ciphers": _ANONYMOUS, "ssl_max_protocol_version": "TLSv1.2"},
        ),
        first_version=12,
    ),
    Entry(
        state=DemoDatabase(
            id="expired",
            description="serves an expired certificate",
            force_ssl="1",
            hba=TLS_ONLY_HBA,
            served_certificate=ServedCertificate.EXPIRED,
            clients=(_MODERN,),
        )
    ),
    Entry(
        state=DemoDatabase(
            id="blind",
            description="the audit's role cannot see other roles' sessions",
            force_ssl="1",
            hba=TLS_ONLY_HBA,
            has_pg_monitor=False,
            clients=(_MODERN,),
        )
    ),
    Entry(
        state=DemoDatabase(
            id="login-trigger",
            description="an event trigger writes to a table at every login",
            force_ssl="1",
            hba=TLS_ONLY_HBA,
            clients=(_MODERN,),
        ),
        first_version=17,
        sql=_LOGIN_TRIGGER,
    ),
)


def select_entries(version: int) -> list[Entry]:
    """Return the states that a version supports."""
    return [entry for entry in ENTRIES if version >= entry.first_version]


def audit(
    account: EmulatedAccount, authority: RootAuthority, version: int, bin_dir: Path | None
) -> Audited:
    """Start a server for each state, let its clients connect, and run the audit function."""
    running = {
        entry.state.id: PostgresServer(
            hba=entry.state.hba or (),
            settings=_settings(entry.state, version),
            certificate=_certificate(authority, entry.state, version),
            setup_sql=(*_roles(entry.state), *entry.sql),
            bin_dir=bin_dir,
        )
        for entry in select_entries(version)
    }
    with ExitStack() as cleanup:
        for server in running.values():
            cleanup.callback(server.stop)
        with ThreadPoolExecutor(max_workers=4) as pool:
            list(pool.map(PostgresServer.start, running.values()))
        for entry in select_entries(version):
            _describe(account, entry.state, version)
            for client in entry.state.clients:
                cleanup.callback(connect(client, running[entry.state.id].port).close)
        return _run(running, version)


def _run(running: Mapping[str, PostgresServer], version: int) -> Audited:
    listening = {
        _name(state, version): f"127.0.0.1:{server.port}" for state, server in running.items()
    }
    response: dict[str, Any] = handler(
        {"databases": list(listening), "connect_to": listening}, None
    )
    by_name = {database["id"]: database["verdicts"] for database in response["databases"]}
    return Audited(
        verdicts={state: by_name[_name(state, version)] for state in running},
        versions={state: _major_version(server) for state, server in running.items()},
        logins_noted=_logins_noted(running),
    )


def _logins_noted(running: Mapping[str, PostgresServer]) -> int | None:
    if "login-trigger" not in running:
        return None
    ((count,),) = running["login-trigger"].sql(_LOGINS)
    return int(count)


def _major_version(server: PostgresServer) -> int:
    ((number,),) = server.sql("SELECT current_setting('server_version_num')::int / 10000")
    return int(number)


def _name(state: str, version: int) -> str:
    return f"{state}-{version}"


def _host(state: DemoDatabase, version: int) -> str:
    return f"{_name(state.id, version)}.{DOMAIN}"


def _settings(state: DemoDatabase, version: int) -> dict[str, str]:
    wanted = {**_SETTINGS, **state.settings}
    return {
        name: setting
        for name, setting in wanted.items()
        if version >= _FIRST_VERSION.get(name, version)
    }


def _certificate(authority: RootAuthority, state: DemoDatabase, version: int) -> IssuedCertificate:
    now = datetime.now(UTC)
    days = -3 if state.served_certificate is ServedCertificate.EXPIRED else 300
    return authority.issue(
        [_host(state, version)],
        not_before=now - timedelta(days=400),
        not_after=now + timedelta(days=days),
    )


def _roles(state: DemoDatabase) -> list[str]:
    roles = dict.fromkeys(client.role for client in state.clients)
    return [
        f"CREATE ROLE {ROLE} LOGIN PASSWORD '{AUDIT_PASSWORD}' CONNECTION LIMIT 3",
        *([f"GRANT pg_monitor TO {ROLE}"] if state.has_pg_monitor else []),
        *(f"CREATE ROLE {role} LOGIN PASSWORD '{PASSWORD}'" for role in roles),
    ]


def _describe(account: EmulatedAccount, state: DemoDatabase, version: int) -> None:
    group = f"{_name(state.id, version)}-group"
    account.create_parameter_group(group, f"postgres{version}", {"rds.force_ssl": state.force_ssl})
    account.create_database(
        _name(state.id, version),
        engine_version=f"{version}.4",
        group=group,
        host=_host(state, version),
        tags={"rds-tls-audit:secret": SECRET},
    )
