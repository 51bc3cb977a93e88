"""One session of pg8000 on a verified TLS socket, and the questions asked in it."""

from collections.abc import Callable, Mapping
from typing import Any

from pg8000.exceptions import DatabaseError
from scramp import ScramException

from rds_tls_audit.credentials import Credentials
from rds_tls_audit.evidence import Observed, Seen, Unseen
from rds_tls_audit.observation import Login, SessionView
from rds_tls_audit.ports import queries
from rds_tls_audit.ports.cautious_connection import CautiousConnection
from rds_tls_audit.ports.session_rows import Row, integer, view
from rds_tls_audit.ports.sockets import BoundedTlsSocket
from rds_tls_audit.text import printable

APPLICATION_NAME = "rds_tls_audit"

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
            self._connection = CautiousConnection(
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
            bits=integer(row, "bits"),
        )

    def _settings(self) -> Mapping[str, str]:
        return {
            printable(str(row["name"])): printable(str(row["setting"]))
            for row in self._rows(queries.SETTINGS)
        }

    def _sample(self, own_role: str) -> SessionView:
        version = int(str(self._one(queries.SERVER_VERSION)["number"]))
        allowed = bool(self._one(queries.SEES_OTHERS)["allowed"])
        return view(self._rows(queries.sessions(version, own_role)), sees_others=allowed)

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
