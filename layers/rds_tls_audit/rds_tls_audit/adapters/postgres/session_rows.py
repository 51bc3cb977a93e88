"""The rows of the sessions query as a view; a server may answer with anything."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from rds_tls_audit.adapters.postgres import queries
from rds_tls_audit.evidence.observation import SessionGroup, SessionsOpened, SessionView
from rds_tls_audit.text import escape, pluralize

type Row = Mapping[str, object]


def view(
    rows: Sequence[Row],
    *,
    sees_others: bool,
    opened: SessionsOpened | None = None,
    ages: Sequence[Row] = (),
) -> SessionView:
    """Read the rows of `queries.sessions` and `queries.ages`.

    Raises:
        KeyError, TypeError: they are not such rows.
    """
    clients = [row for row in rows if row["kind"] == queries.CLIENT]
    hidden = [row for row in rows if row["kind"] == queries.HIDDEN]
    return SessionView(
        total=integer(clients[0], "total") if clients else 0,
        clear=integer(clients[0], "clear") if clients else 0,
        groups=tuple(_group(row) for row in clients),
        groups_cut=integer(clients[0], "groups") - len(clients) if clients else 0,
        rds_own=tuple(_group(row) for row in rows if row["kind"] == queries.RDS_OWN),
        why_partial=_why_partial(
            integer(hidden[0], "total") if hidden else 0, sees_others=sees_others
        ),
        opened=opened,
        ages=_ages(ages),
    )


def sessions_opened(row: Row) -> SessionsOpened:
    """Read the row of `queries.SESSIONS_OPENED`.

    Raises:
        KeyError, TypeError: it is not such a row.
    """
    since = row["since"]
    if since is not None and not (isinstance(since, datetime) and since.tzinfo is not None):
        raise TypeError("since is no moment")
    count = integer(row, "opened")
    if count < 0:
        raise TypeError("opened is no count")
    return SessionsOpened(count=count, since=since)


def _why_partial(hidden: int, *, sees_others: bool) -> str | None:
    if not sees_others:
        return "the role may not see the sessions of others: grant pg_monitor to it"
    if hidden:
        return f"the server hides {pluralize(hidden, 'session')} from the role"
    return None


def _ages(rows: Sequence[Row]) -> tuple[tuple[int, int], ...]:
    ages = {integer(row, "minutes"): integer(row, "sessions") for row in rows}
    # So they are few, whatever the server sends.
    if any(not 0 <= age < queries.MAX_AGE_MINUTES or count < 0 for age, count in ages.items()):
        raise TypeError("minutes and sessions are no ages")
    return tuple(ages.items())


def _group(row: Row) -> SessionGroup:
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
        count=integer(row, "sessions"),
    )


def integer(row: Row, name: str) -> int:
    """Take a number.

    Raises:
        TypeError: it is none.
    """
    # The server says which type a column has: believed, it would go on as anything.
    value = row[name]
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"{name} is no number")
    return value


def _text(row: Row, name: str) -> str | None:
    value = row[name]
    if not isinstance(value, str | None):
        raise TypeError(f"{name} is no text")
    return escape(value, 100) if value else None
