"""One session of pg8000 on a verified TLS socket, and the questions asked in it."""

import re
from collections.abc import Callable, Mapping
from typing import Any, override

from pg8000.exceptions import DatabaseError
from pg8000.native import Connection
from scramp import ScramException

from rds_tls_audit.credentials import Credentials
from rds_tls_audit.evidence import Observed, Seen, Unseen
from rds_tls_audit.observation import Login, SessionGroup, SessionView
from rds_tls_audit.ports import queries
from rds_tls_audit.ports.sockets import BoundedTlsSocket
from rds_tls_audit.text import counted, printable

type _Row = Mapping[str, object]

APPLICATION_NAME = "rds_tls_audit"

_NULL = -1
"""The length of a NULL in a row."""
_SASL_CONTINUE = 11
_MAX_SCRAM_ITERATIONS = 1_000_000
"""PostgreSQL's default is 4,096; a million cost about a second, and hashing heeds no deadline."""

_LOGIN_REASONS = {
    "28P01": "the password is wrong, or the role does not exist",
    "28000": "the role may not log in: it does not exist, lacks rds_iam, or IAM refuses it",
    "3D000": "the database does not exist",
    "42501": "the role may not connect to the database: grant CONNECT",
    "53300": "the connection limit of the role or of the server is reached",
    "57P03": "the server is starting up or shutting down",
}
_QUERY_REASONS = {
    "42501": "the role may not ask this",
    "57014": "a query ran into the deadline",
}
_ANOTHER_DATABASE_MAY_DO = frozenset({"3D000", "42501"})


class SessionError(Exception):
    """We are not in, or were thrown out; the text says why, and holds no secret."""

    def __init__(self, reason: str, *, another_database_may_do: bool = False) -> None:
        """Keep whether it lies with the database, not with the role."""
        super().__init__(reason)
        self.another_database_may_do = another_database_may_do


class _Connection(Connection):  # type: ignore[misc]  # pg8000 has no types
    """pg8000's connection, which does not believe a server everything."""

    @override
    def handle_AUTHENTICATION_REQUEST(self, data: bytes, context: object) -> None:
        if int.from_bytes(data[:4]) == _SASL_CONTINUE:
            found = re.search(rb"(?:^|,)i=(\d+)", data[4:])
            if found and int(found[1][:12]) > _MAX_SCRAM_ITERATIONS:
                raise ValueError(
                    "the server asks for more SCRAM iterations than an honest one would"
                )
        super().handle_AUTHENTICATION_REQUEST(data, context)

    @override
    def handle_DATA_ROW(self, data: bytes, context: object) -> None:
        # pg8000 believes the lengths: a negative one leads it back to what it has read already,
        # so that a small row grows without end.
        position = 2
        for _ in range(int.from_bytes(data[:2])):
            length = int.from_bytes(data[position : position + 4], signed=True)
            if length < _NULL:
                raise ValueError("the server sends a row with a negative length")
            position += 4 + max(length, 0)
        if position != len(data):
            raise ValueError("the server sends a row whose lengths do not add up")
        super().handle_DATA_ROW(data, context)


class Session:
    """A session that reads and never writes; each query is a transaction of its own."""

    def __init__(self, tls: BoundedTlsSocket, credentials: Credentials, database: str) -> None:
        """Log in.

        Raises:
            SessionError: it does not let us in.
            TypeError: `tls` is not a TLS socket.
        """
        if not isinstance(tls, BoundedTlsSocket):
            raise TypeError("credentials go over verified TLS only")
        self._tls = tls
        self._role = credentials.role
        self._database = database
        milliseconds = str(int(tls.bounds.remaining() * 1000) + 1)
        try:
            self._connection = _Connection(
                credentials.role,
                password=credentials.password,
                database=database,
                sock=tls,
                ssl_context=False,
                application_name=APPLICATION_NAME,
                # Nothing else at startup: a login event trigger (17+) that writes would trip
                # over default_transaction_read_only and turn our login into an error.
                startup_params={"statement_timeout": milliseconds, "lock_timeout": milliseconds},
            )
        except Exception as error:
            tls.close()
            raise self._why(error, _LOGIN_REASONS) from error
        try:
            self._run("SET default_transaction_read_only = on")
        except SessionError:
            self.close()
            raise

    def login(self) -> Observed[Login]:
        """Say how we came in."""
        return _observed(self._login)

    def settings(self) -> Observed[Mapping[str, str]]:
        """Read the live settings about TLS that our role is shown."""
        return _observed(self._settings)

    def sample(self, own_role: str) -> Observed[SessionView]:
        """Look at the client sessions once; those of `own_role` are not clients."""
        return _observed(lambda: self._sample(own_role))

    def pause(self, seconds: float) -> None:
        """Wait between samples.

        Raises:
            TimeoutError: the deadline is nearer than that.
        """
        self._tls.bounds.pause(seconds)

    def close(self) -> None:
        """End the session."""
        try:
            self._connection.close()
        except Exception:  # noqa: BLE001 - the peer may have gone in any way; we are leaving
            self._tls.close()

    def _login(self) -> Login:
        row = self._one(queries.OWN_SESSION)
        return Login(
            role=self._role,
            database=self._database,
            server_version=printable(str(row["server_version"])),
            tls_version=printable(str(row["version"])),
            cipher=printable(str(row["cipher"])),
            bits=_integer(row, "bits"),
        )

    def _settings(self) -> Mapping[str, str]:
        return {
            printable(str(row["name"])): printable(str(row["setting"]))
            for row in self._rows(queries.SETTINGS)
        }

    def _sample(self, own_role: str) -> SessionView:
        version = int(str(self._one(queries.SERVER_VERSION)["number"]))
        allowed = bool(self._one(queries.SEES_OTHERS)["allowed"])
        return _view(self._rows(queries.sessions(version, own_role)), sees_others=allowed)

    def _one(self, sql: str) -> _Row:
        rows = self._rows(sql)
        if len(rows) != 1:
            raise SessionError("the server answers a query with another number of rows")
        return rows[0]

    def _rows(self, sql: str) -> list[_Row]:
        rows = self._run(sql)
        try:
            names = [column["name"] for column in self._connection.columns]
            return [dict(zip(names, row, strict=True)) for row in rows]
        except Exception as error:
            raise self._why(error, _QUERY_REASONS) from error

    def _run(self, sql: str) -> list[list[Any]]:
        try:
            return self._connection.run(sql) or []
        except Exception as error:
            raise self._why(error, _QUERY_REASONS) from error

    def _why(self, error: Exception, reasons: Mapping[str, str]) -> SessionError:
        """Give any way in which a server can trip pg8000 a reason.

        Besides its own errors, KeyError, ValueError, struct.error, AttributeError and scramp's
        leak out when a server breaks the protocol.
        """
        who = f"role {printable(self._role, 63)} in database {printable(self._database, 63)}"
        if isinstance(error, SessionError):
            return error
        if isinstance(error, DatabaseError) and isinstance(error.args[0], dict):
            sqlstate = str(error.args[0].get("C", ""))
            said = printable(str(error.args[0].get("M", "")))
            reason = reasons.get(sqlstate, "the server refuses")
            return SessionError(
                f"{who}: {reason} (SQLSTATE {printable(sqlstate, 5)}: {said})",
                another_database_may_do=sqlstate in _ANOTHER_DATABASE_MAY_DO,
            )
        if isinstance(error, ScramException):
            return SessionError(f"{who}: SCRAM fails ({printable(str(error), 100)})")
        cause = error.__cause__ if isinstance(error.__cause__, OSError) else error
        if isinstance(cause, TimeoutError):
            return SessionError(f"{who}: no answer within the deadline")
        if isinstance(cause, OSError):
            return SessionError(f"{who}: the session breaks off ({printable(str(cause), 100)})")
        return SessionError(f"{who}: the server breaks the protocol ({type(error).__name__})")


def _observed[T](look: Callable[[], T]) -> Observed[T]:
    try:
        return Seen(value=look())
    except SessionError as error:
        return Unseen(reason=str(error))
    except (KeyError, TypeError, ValueError) as error:
        return Unseen(reason=f"the server answers a query oddly ({type(error).__name__})")


def _view(rows: list[_Row], *, sees_others: bool) -> SessionView:
    clients = [row for row in rows if row["kind"] == queries.CLIENT]
    hidden = [row for row in rows if row["kind"] == queries.HIDDEN]
    return SessionView(
        total=_integer(clients[0], "total") if clients else 0,
        clear=_integer(clients[0], "clear") if clients else 0,
        groups=tuple(_group(row) for row in clients),
        groups_cut=_integer(clients[0], "groups") - len(clients) if clients else 0,
        rds_own=tuple(_group(row) for row in rows if row["kind"] == queries.RDS_OWN),
        why_partial=_why_partial(
            _integer(hidden[0], "total") if hidden else 0, sees_others=sees_others
        ),
    )


def _why_partial(hidden: int, *, sees_others: bool) -> str | None:
    if not sees_others:
        return "the role may not see the sessions of others: grant pg_monitor to it"
    if hidden:
        return f"the server hides {counted(hidden, 'session')} from the role"
    return None


def _group(row: _Row) -> SessionGroup:
    encrypted = row["encrypted"]
    if not isinstance(encrypted, bool):
        raise TypeError("encrypted is no boolean")
    return SessionGroup(
        role=_text(row, "role"),
        application=_text(row, "application"),
        network=_text(row, "network"),
        encrypted=encrypted,
        tls_version=_text(row, "version"),
        cipher=_text(row, "cipher"),
        count=_integer(row, "sessions"),
    )


def _integer(row: _Row, name: str) -> int:
    # The server says which type a column has: believed, it would go on as anything.
    value = row[name]
    if not isinstance(value, int):
        raise TypeError(f"{name} is no number")
    return value


def _text(row: _Row, name: str) -> str | None:
    value = row[name]
    if not isinstance(value, str | None):
        raise TypeError(f"{name} is no text")
    return printable(value, 100) if value else None
