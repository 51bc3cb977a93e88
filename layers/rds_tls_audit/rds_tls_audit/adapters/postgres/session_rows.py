"""Parse the rows of the session queries; a hostile server can return anything."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from rds_tls_audit.adapters.postgres import queries
from rds_tls_audit.evidence.observation import SessionGroup, SessionsOpened, SessionView
from rds_tls_audit.text import escape, pluralize

type Row = Mapping[str, object]


def parse_session_view(
    rows: Sequence[Row],
    *,
    sees_others: bool,
    opened: SessionsOpened | None = None,
    ages: Sequence[Row] = (),
) -> SessionView:
    """Parse the rows of `queries.build_sessions_query` and `queries.build_ages_query`.

    Raises:
        KeyError: A column is missing.
        TypeError: A value has the wrong type.
    """
    clients = [row for row in rows if row["kind"] == queries.CLIENT]
    hidden = [row for row in rows if row["kind"] == queries.HIDDEN]
    return SessionView(
        total=read_integer(clients[0], "total") if clients else 0,
        clear=read_integer(clients[0], "clear") if clients else 0,
        groups=tuple(_parse_group(row) for row in clients),
        groups_cut=read_integer(clients[0], "groups") - len(clients) if clients else 0,
        rds_own=tuple(_parse_group(row) for row in rows if row["kind"] == queries.RDS_OWN),
        why_partial=_explain_partial(
            read_integer(hidden[0], "total") if hidden else 0, sees_others=sees_others
        ),
        opened=opened,
        ages=_parse_ages(ages),
    )


def parse_sessions_opened(row: Row) -> SessionsOpened:
    """Parse the row of `queries.SESSIONS_OPENED`.

    Raises:
        KeyError: A column is missing.
        TypeError: A value has the wrong type.
    """
    since = row["since"]
    if since is not None and not (isinstance(since, datetime) and since.tzinfo is not None):
        raise TypeError("since is not a time with a time zone")
    count = read_integer(row, "opened")
    if count < 0:
        raise TypeError("opened is negative")
    return SessionsOpened(count=count, since=since)


def _explain_partial(hidden: int, *, sees_others: bool) -> str | None:
    if not sees_others:
        return "the role cannot see the sessions of other roles; grant pg_monitor to it"
    if hidden:
        return f"the server hides {pluralize(hidden, 'session')} from the audit's role"
    return None


def _parse_ages(rows: Sequence[Row]) -> tuple[tuple[int, int], ...]:
    ages = {read_integer(row, "minutes"): read_integer(row, "sessions") for row in rows}
    # This keeps the number of ages small, whatever the server sends.
    if any(not 0 <= age < queries.MAX_AGE_MINUTES or count < 0 for age, count in ages.items()):
        raise TypeError("minutes or sessions are out of range")
    return tuple(ages.items())


def _parse_group(row: Row) -> SessionGroup:
    encrypted = row["encrypted"]
    if not isinstance(encrypted, bool):
        raise TypeError("encrypted is not a boolean")
    return SessionGroup(
        role=_read_text(row, "role"),
        application=_read_text(row, "application"),
        network=_read_text(row, "network"),
        encrypted=encrypted,
        tls_version=_read_text(row, "version"),
        cipher=_read_text(row, "cipher"),
        count=read_integer(row, "sessions"),
    )


def read_integer(row: Row, name: str) -> int:
    """Return the number in a column.

    Raises:
        TypeError: The value is not a number.
    """
    # The server declares the type of a column, so a value can arrive as any type.
    value = row[name]
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"{name} is not a number")
    return value


def _read_text(row: Row, name: str) -> str | None:
    value = row[name]
    if not isinstance(value, str | None):
        raise TypeError(f"{name} is not a text")
    return escape(value, 100) if value else None
