"""One session of pg8000 on a verified TLS socket, and the questions asked in it."""

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
from rds_tls_audit.adapters.postgres.session_rows import Row, integer, sessions_opened, view
from rds_tls_audit.adapters.postgres.sockets import BoundedTlsSocket
from rds_tls_audit.evidence.credentials import Credentials
from rds_tls_audit.evidence.login_failure import ANOTHER_DATABASE_MAY_DO, explain_login_failure
from rds_tls_audit.evidence.observation import Login, SessionsOpened, SessionView, Setting
from rds_tls_audit.evidence.observed import Observed, Seen, Unseen
from rds_tls_audit.text import escape

APPLICATION_NAME = "rds_tls_audit"

_QUERY_REASONS = {
    "42501": "the role may not ask this",
    "57014": "a query ran into the deadline",
}


class SessionError(Exception):
    """We are not in, or were thrown out; the text says why, and holds no secret."""

    def __init__(self, reason: str, *, another_database_may_do: bool = False) -> None:
        """Keep whether it lies with the database, not with the role."""
        super().__init__(reason)
        self.another_database_may_do = another_database_may_do


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
            self._connection = HardenedConnection(
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
            raise self._explain_login_failure(error, credentials) from error
        try:
            self._run("SET default_transaction_read_only = on")
        except SessionError:
            self.close()
            raise

    def login(self) -> Observed[Login]:
        """Say how we came in."""
        return _observed(self._login)

    def settings(self) -> Observed[Mapping[str, Setting]]:
        """Read the live settings that our role is shown, by name."""
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
        row = self._own
        return Login(
            role=self._role,
            database=self._database,
            server_version=escape(str(row["server_version"])),
            tls=self._tls.negotiated(),
            bits=integer(row, "bits"),
        )

    @cached_property
    def _own(self) -> Row:
        return self._one(queries.OWN_SESSION)

    def _settings(self) -> Mapping[str, Setting]:
        return {
            escape(str(row["name"])): Setting(
                value=escape(str(row["setting"])), source=escape(str(row["source"]), 40)
            )
            for row in self._rows(queries.SETTINGS)
        }

    def _sample(self, own_role: str) -> SessionView:
        version = int(str(self._own["version_number"]))
        opened = self._opened(version)
        return view(
            self._rows(queries.sessions(version, own_role)),
            sees_others=bool(self._own["sees_others"]),
            opened=opened,
            ages=() if opened is None else self._rows(queries.ages(own_role)),
        )

    def _opened(self, version: int) -> SessionsOpened | None:
        if version < queries.WITH_SESSIONS_OPENED:
            return None
        return sessions_opened(self._one(queries.SESSIONS_OPENED))

    def _one(self, sql: str) -> Row:
        rows = self._rows(sql)
        if len(rows) != 1:
            raise SessionError("the server answers a query with another number of rows")
        return rows[0]

    def _rows(self, sql: str) -> list[Row]:
        rows = self._run(sql)
        try:
            names = [column["name"] for column in self._connection.columns]
            return [dict(zip(names, row, strict=True)) for row in rows]
        except Exception as error:
            raise self._why(error) from error

    def _run(self, sql: str) -> list[list[Any]]:
        try:
            return self._connection.run(sql) or []
        except Exception as error:
            raise self._why(error) from error

    def _explain_login_failure(self, error: Exception, credentials: Credentials) -> SessionError:
        if not (sqlstate := _sqlstate(error)):
            return self._why(error)
        after_login = isinstance(error, RefusedAfterLoginError)
        return self._refusal(
            error,
            explain_login_failure(sqlstate, credentials, after_login=after_login),
            another_database_may_do=after_login or sqlstate in ANOTHER_DATABASE_MAY_DO,
        )

    def _why(self, error: Exception) -> SessionError:
        """Give any way in which a server can trip pg8000 a reason.

        Besides its own errors, KeyError, ValueError, struct.error, AttributeError and scramp's
        leak out when a server breaks the protocol.
        """
        if isinstance(error, SessionError):
            return error
        if sqlstate := _sqlstate(error):
            return self._refusal(error, _QUERY_REASONS.get(sqlstate, "the server refuses"))
        if isinstance(error, ScramException):
            return SessionError(f"{self._who}: SCRAM fails ({escape(str(error), 100)})")
        cause = error.__cause__ if isinstance(error.__cause__, OSError) else error
        if isinstance(cause, TimeoutError):
            return SessionError(f"{self._who}: no answer within the deadline")
        if isinstance(cause, OSError):
            why = escape(str(cause), 100)
            return SessionError(f"{self._who}: the session breaks off ({why})")
        return SessionError(f"{self._who}: the server breaks the protocol ({type(error).__name__})")

    def _refusal(
        self, error: Exception, reason: str, *, another_database_may_do: bool = False
    ) -> SessionError:
        said = escape(str(error.args[0].get("M", "")))
        return SessionError(
            f"{self._who}: {reason} (SQLSTATE {_sqlstate(error)}: {said})",
            another_database_may_do=another_database_may_do,
        )

    @property
    def _who(self) -> str:
        return f"role {escape(self._role, 63)} in database {escape(self._database, 63)}"


def _sqlstate(error: Exception) -> str:
    """The SQLSTATE of an error that the server sent; empty of any other."""
    if isinstance(error, DatabaseError) and isinstance(error.args[0], dict):
        return escape(str(error.args[0].get("C", "")), 5) or "missing"
    return ""


def _observed[T](look: Callable[[], T]) -> Observed[T]:
    try:
        return Seen(value=look())
    except SessionError as error:
        return Unseen(reason=str(error))
    except (KeyError, TypeError, ValueError) as error:
        return Unseen(reason=f"the server answers a query oddly ({type(error).__name__})")
