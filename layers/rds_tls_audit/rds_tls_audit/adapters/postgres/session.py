"""Query a database in one pg8000 session on a verified TLS socket."""

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

from pg8000.exceptions import DatabaseError
from scramp import ScramException

from rds_tls_audit.adapters.postgres import queries
from rds_tls_audit.adapters.postgres.hardened_connection import (
    HardenedConnection,
    RefusedAfterLoginError,
)
from rds_tls_audit.adapters.postgres.limits import DEADLINE_EXCEEDED
from rds_tls_audit.adapters.postgres.session_rows import (
    Row,
    parse_session_view,
    parse_sessions_opened,
    read_integer,
)
from rds_tls_audit.adapters.postgres.sockets import BoundedTlsSocket
from rds_tls_audit.evidence.credentials import Credentials
from rds_tls_audit.evidence.login_failure import TRY_ANOTHER_DATABASE, explain_login_failure
from rds_tls_audit.evidence.observation import Login, SessionsOpened, SessionView, Setting
from rds_tls_audit.evidence.observed import Observed, Seen, Unseen
from rds_tls_audit.text import escape

APPLICATION_NAME = "rds_tls_audit"

_QUERY_REASONS = {
    "42501": "the role lacks the privilege for a query; grant it as in docs/database-role.sql",
    "57014": DEADLINE_EXCEEDED,
}


class SessionError(Exception):
    """The login or a query failed; the message says why and contains no secret."""

    def __init__(self, reason: str, *, try_another_database: bool = False) -> None:
        """Create the error.

        Args:
            reason: Why the login or query failed.
            try_another_database: Whether a login to another database can succeed.
        """
        super().__init__(reason)
        self.try_another_database = try_another_database


class Pg8000Session:
    """Implements `Session` of `ports.database_server`; each query is a transaction of its own."""

    def __init__(self, tls: BoundedTlsSocket, credentials: Credentials, database: str) -> None:
        """Log in.

        Raises:
            SessionError: The server refused the login, or the connection failed.
            TypeError: `tls` is not a TLS socket.
        """
        if not isinstance(tls, BoundedTlsSocket):
            raise TypeError("credentials are sent only over verified TLS")
        self._tls = tls
        self._role = credentials.role
        self._database = database
        milliseconds = str(int(tls.limits.remaining() * 1000) + 1)
        try:
            self._connection = HardenedConnection(
                credentials.role,
                password=credentials.password,
                database=database,
                sock=tls,
                ssl_context=False,
                application_name=APPLICATION_NAME,
                # Set nothing else at startup: with default_transaction_read_only, a login event
                # trigger (PostgreSQL 17 and later) that writes would make the login fail.
                startup_params={"statement_timeout": milliseconds, "lock_timeout": milliseconds},
            )
        except Exception as error:
            tls.close()
            raise self._to_login_error(error, credentials) from error
        try:
            self._run("SET default_transaction_read_only = on")
        except SessionError:
            self.close()
            raise

    def login(self) -> Observed[Login]:
        """Describe the audit's own session."""
        return _observe(self._login)

    def settings(self) -> Observed[Mapping[str, Setting]]:
        """Read the live settings that are visible to the audit's role, by name."""
        return _observe(self._settings)

    def sample(self, own_role: str) -> Observed[SessionView]:
        """Sample the client sessions once; sessions of `own_role` are not clients."""
        return _observe(lambda: self._sample(own_role))

    def pause(self, seconds: float) -> None:
        """Wait between samples.

        Raises:
            TimeoutError: The deadline comes first.
        """
        self._tls.limits.pause(seconds)

    def close(self) -> None:
        """End the session."""
        try:
            self._connection.close()
        except Exception:  # noqa: BLE001 - the session ends, however the peer failed
            self._tls.close()

    def _login(self) -> Login:
        row = self._own_row
        return Login(
            role=self._role,
            database=self._database,
            server_version=escape(str(row["server_version"])),
            tls=self._tls.negotiated(),
            bits=read_integer(row, "bits"),
        )

    @cached_property
    def _own_row(self) -> Row:
        return self._single_row(queries.OWN_SESSION)

    def _settings(self) -> Mapping[str, Setting]:
        return {
            escape(str(row["name"])): Setting(
                value=escape(str(row["setting"])), source=escape(str(row["source"]), 40)
            )
            for row in self._rows(queries.SETTINGS)
        }

    def _sample(self, own_role: str) -> SessionView:
        version = int(str(self._own_row["version_number"]))
        opened = self._sessions_opened(version)
        return parse_session_view(
            self._rows(queries.build_sessions_query(version, own_role)),
            sees_others=bool(self._own_row["sees_others"]),
            opened=opened,
            ages=() if opened is None else self._rows(queries.build_ages_query(own_role)),
        )

    def _sessions_opened(self, version: int) -> SessionsOpened | None:
        if version < queries.WITH_SESSIONS_OPENED:
            return None
        return parse_sessions_opened(self._single_row(queries.SESSIONS_OPENED))

    def _single_row(self, sql: str) -> Row:
        rows = self._rows(sql)
        if len(rows) != 1:
            raise SessionError("a query returned an unexpected number of rows")
        return rows[0]

    def _rows(self, sql: str) -> list[Row]:
        rows = self._run(sql)
        try:
            names = [column["name"] for column in self._connection.columns]
            return [dict(zip(names, row, strict=True)) for row in rows]
        except Exception as error:
            raise self._to_session_error(error) from error

    def _run(self, sql: str) -> list[list[Any]]:
        try:
            return self._connection.run(sql) or []
        except Exception as error:
            raise self._to_session_error(error) from error

    def _to_login_error(self, error: Exception, credentials: Credentials) -> SessionError:
        if not (sqlstate := _read_sqlstate(error)):
            return self._to_session_error(error)
        after_login = isinstance(error, RefusedAfterLoginError)
        return self._to_refusal_error(
            error,
            explain_login_failure(sqlstate, credentials, after_login=after_login),
            try_another_database=after_login or sqlstate in TRY_ANOTHER_DATABASE,
        )

    def _to_session_error(self, error: Exception) -> SessionError:
        """Turn any error that pg8000 raises into a SessionError with a reason.

        When a server violates the protocol, pg8000 raises not only its own errors, but also
        KeyError, ValueError, struct.error, AttributeError, and the errors of scramp.
        """
        if isinstance(error, SessionError):
            return error
        if sqlstate := _read_sqlstate(error):
            return self._to_refusal_error(
                error, _QUERY_REASONS.get(sqlstate, "the server refused a query")
            )
        if isinstance(error, ScramException):
            why = escape(str(error), 100)
            return SessionError(f"{self._role_and_database}: SCRAM failed ({why})")
        cause = error.__cause__ if isinstance(error.__cause__, OSError) else error
        if isinstance(cause, TimeoutError):
            return SessionError(f"{self._role_and_database}: {DEADLINE_EXCEEDED}")
        if isinstance(cause, OSError):
            why = escape(str(cause), 100)
            return SessionError(f"{self._role_and_database}: the connection was lost ({why})")
        return SessionError(
            f"{self._role_and_database}: the server violated the PostgreSQL protocol "
            f"({type(error).__name__})"
        )

    def _to_refusal_error(
        self, error: Exception, reason: str, *, try_another_database: bool = False
    ) -> SessionError:
        message = escape(str(error.args[0].get("M", "")))
        return SessionError(
            f"{self._role_and_database}: {reason} (SQLSTATE {_read_sqlstate(error)}: {message})",
            try_another_database=try_another_database,
        )

    @property
    def _role_and_database(self) -> str:
        return f"role {escape(self._role, 63)} in database {escape(self._database, 63)}"


def _read_sqlstate(error: Exception) -> str:
    """Return the SQLSTATE of an error that the server sent, or "" for any other error."""
    if isinstance(error, DatabaseError) and isinstance(error.args[0], dict):
        return escape(str(error.args[0].get("C", "")), 5) or "missing"
    return ""


def _observe[T](ask: Callable[[], T]) -> Observed[T]:
    try:
        return Seen(value=ask())
    except SessionError as error:
        return Unseen(reason=str(error))
    except (KeyError, TypeError, ValueError) as error:
        return Unseen(reason=f"a query returned malformed rows ({type(error).__name__})")
