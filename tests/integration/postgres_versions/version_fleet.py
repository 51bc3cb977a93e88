"""Servers of one version in every state of the matrix, with clients, audited once."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from demo.clients import PASSWORD, connect
from demo.scene import AUDIT_PASSWORD, DOMAIN, SECRET
from demo.states import FORCING, OPEN, Client, ClientTls, Served, State
from emulation.account import LocalAccount
from emulation.pki import Authority, IssuedCertificate
from emulation.postgresql import PostgresServer
from functions.audit.app import handler

ROLE = "rds_tls_audit"
# Settings that a version does not know keep it from starting.
_FIRST_VERSION = {"ssl_min_protocol_version": 12, "ssl_max_protocol_version": 12}
# Before 14 the default is md5, which a line for SCRAM does not let in.
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

    state: State
    first_version: int = 10
    sql: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Audited:
    """What the audit says of each state, and what its servers say of themselves."""

    verdicts: Mapping[str, list[dict[str, str]]]
    versions: Mapping[str, int]
    """The major version, as each server knows it."""
    logins_noted: int | None
    """How often the login trigger met our role; None where there is no such trigger."""

    def because(self, state: str, check: str) -> str:
        """Give the reason of one verdict."""
        return next(it["because"] for it in self.verdicts[state] if it["check"] == check)


_MODERN = Client(role="orders", application="orders-api", tls=ClientTls.MODERN)
_IN_CLEAR = Client(role="orders", application="nightly-export", tls=ClientTls.NONE)
_LEGACY = Client(role="erp", application="erp-connector", tls=ClientTls.LEGACY)

ENTRIES = (
    Entry(
        state=State(
            id="forcing", story="forces TLS", force_ssl="1", hba=FORCING, clients=(_MODERN,)
        )
    ),
    Entry(
        state=State(
            id="open",
            story="lets connections without TLS in",
            force_ssl="0",
            hba=OPEN,
            clients=(_MODERN, _IN_CLEAR),
        )
    ),
    Entry(
        state=State(
            id="legacy",
            story="accepts any TLS",
            force_ssl="1",
            hba=FORCING,
            settings={"ssl_min_protocol_version": "TLSv1", "ssl_ciphers": _EVERYTHING},
            clients=(_MODERN, _LEGACY),
        )
    ),
    Entry(
        state=State(
            id="weak",
            story="has weak suites only, besides those of TLS 1.3",
            force_ssl="1",
            hba=FORCING,
            settings={"ssl_ciphers": _ANONYMOUS},
            clients=(_MODERN,),
        )
    ),
    Entry(
        state=State(
            id="weak-alone",
            story="has weak suites only, and no TLS 1.3",
            force_ssl="1",
            hba=FORCING,
            settings={"ssl_ciphers": _ANONYMOUS, "ssl_max_protocol_version": "TLSv1.2"},
        ),
        first_version=12,
    ),
    Entry(
        state=State(
            id="expired",
            story="serves an expired certificate",
            force_ssl="1",
            hba=FORCING,
            served=Served.EXPIRED,
            clients=(_MODERN,),
        )
    ),
    Entry(
        state=State(
            id="blind",
            story="our role may not see the sessions of others",
            force_ssl="1",
            hba=FORCING,
            sees_sessions=False,
            clients=(_MODERN,),
        )
    ),
    Entry(
        state=State(
            id="login-trigger",
            story="an event trigger writes to a table at every login",
            force_ssl="1",
            hba=FORCING,
            clients=(_MODERN,),
        ),
        first_version=17,
        sql=_LOGIN_TRIGGER,
    ),
)


def entries(version: int) -> list[Entry]:
    """Give the states that a version can be in."""
    return [entry for entry in ENTRIES if version >= entry.first_version]


def audit(
    account: LocalAccount, authority: Authority, version: int, bin_dir: Path | None
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
        for entry in entries(version)
    }
    with ExitStack() as cleanup:
        for server in running.values():
            cleanup.callback(server.stop)
        with ThreadPoolExecutor(max_workers=4) as pool:
            list(pool.map(PostgresServer.start, running.values()))
        for entry in entries(version):
            _describe(account, entry.state, version)
            for client in entry.state.clients:
                cleanup.callback(connect(client, running[entry.state.id].port).close)
        return _run(running, version)


def _run(running: Mapping[str, PostgresServer], version: int) -> Audited:
    listening = {_name(it, version): f"127.0.0.1:{running[it].port}" for it in running}
    answer: dict[str, Any] = handler({"databases": list(listening), "connect_to": listening}, None)
    by_name = {database["id"]: database["verdicts"] for database in answer["databases"]}
    return Audited(
        verdicts={it: by_name[_name(it, version)] for it in running},
        versions={it: _major_version(server) for it, server in running.items()},
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


def _host(state: State, version: int) -> str:
    return f"{_name(state.id, version)}.{DOMAIN}"


def _settings(state: State, version: int) -> dict[str, str]:
    wanted = {**_SETTINGS, **state.settings}
    return {it: wanted[it] for it in wanted if version >= _FIRST_VERSION.get(it, version)}


def _certificate(authority: Authority, state: State, version: int) -> IssuedCertificate:
    now = datetime.now(UTC)
    days = -3 if state.served is Served.EXPIRED else 300
    return authority.issue(
        [_host(state, version)],
        not_before=now - timedelta(days=400),
        not_after=now + timedelta(days=days),
    )


def _roles(state: State) -> list[str]:
    roles = dict.fromkeys(client.role for client in state.clients)
    return [
        f"CREATE ROLE {ROLE} LOGIN PASSWORD '{AUDIT_PASSWORD}' CONNECTION LIMIT 3",
        *([f"GRANT pg_monitor TO {ROLE}"] if state.sees_sessions else []),
        *(f"CREATE ROLE {role} LOGIN PASSWORD '{PASSWORD}'" for role in roles),
    ]


def _describe(account: LocalAccount, state: State, version: int) -> None:
    group = f"{_name(state.id, version)}-group"
    account.create_parameter_group(group, f"postgres{version}", {"rds.force_ssl": state.force_ssl})
    account.create_database(
        _name(state.id, version),
        engine_version=f"{version}.4",
        group=group,
        host=_host(state, version),
        tags={"rds-tls-audit:secret": SECRET},
    )
