"""What of clients may leave the account's state."""

from dataclasses import replace
from enum import StrEnum

from rds_tls_audit.evidence.observation import SessionGroup, SessionView
from rds_tls_audit.evidence.observed import Observed, Seen, Unseen


class ClientDetail(StrEnum):
    """What of clients leaves the account's state."""

    NONE = "none"
    ROLES = "roles"
    FULL = "full"


def redact(sessions: Observed[SessionView], detail: ClientDetail) -> Observed[SessionView]:
    """Take addresses away, and below `roles` role and application too."""
    if isinstance(sessions, Unseen) or detail is ClientDetail.FULL:
        return sessions
    view = sessions.value
    return Seen(
        value=replace(
            view,
            groups=tuple(_redacted(group, detail) for group in view.groups),
            rds_own=tuple(_redacted(group, detail) for group in view.rds_own),
        )
    )


def _redacted(group: SessionGroup, detail: ClientDetail) -> SessionGroup:
    without_address = replace(group, network=None)
    if detail is ClientDetail.ROLES:
        return without_address
    return replace(without_address, role=None, application=None)
