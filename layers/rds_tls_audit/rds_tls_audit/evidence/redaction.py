"""How much detail about clients leaves the state table, and how the rest is removed."""

from dataclasses import replace
from enum import StrEnum

from rds_tls_audit.evidence.observation import SessionGroup, SessionView
from rds_tls_audit.evidence.observed import Observed, Seen, Unseen


class ClientDetail(StrEnum):
    """The details about clients that findings, digests, and reports contain."""

    NONE = "none"
    ROLES = "roles"
    FULL = "full"


def redact(sessions: Observed[SessionView], detail: ClientDetail) -> Observed[SessionView]:
    """Remove the client addresses below `full`, and below `roles` also roles and applications."""
    if isinstance(sessions, Unseen) or detail is ClientDetail.FULL:
        return sessions
    view = sessions.value
    return Seen(
        value=replace(
            view,
            groups=tuple(_redact_group(group, detail) for group in view.groups),
            rds_own=tuple(_redact_group(group, detail) for group in view.rds_own),
        )
    )


def _redact_group(group: SessionGroup, detail: ClientDetail) -> SessionGroup:
    without_address = replace(group, network=None)
    if detail is ClientDetail.ROLES:
        return without_address
    return replace(without_address, role=None, application=None)
