"""Servers that do not listen, for what is about who is asked, not about what they answer."""

from collections.abc import Callable

from rds_tls_audit.adapters.credentials import CredentialSource
from rds_tls_audit.adapters.postgres.server import Server
from rds_tls_audit.evidence.credentials import Credentials
from rds_tls_audit.evidence.observed import Observed, Unseen
from rds_tls_audit.fleet.database import Database
from rds_tls_audit.protocol.startup import Reply

LOOKED_AT = "looked at"


class DeafServer(Server):
    """Is not reached, once it has done something."""

    def __init__(self, does: Callable[[], object]) -> None:
        self.reached = False
        self._does = does

    def in_clear(self, message: bytes) -> Observed[Reply]:
        del message  # it does not listen
        self._does()
        return Unseen(reason=LOOKED_AT)

    def close(self) -> None:
        """Nothing is open."""


class NoLogin(CredentialSource):
    """Knows no way in."""

    def __init__(self) -> None:
        """Ask nobody."""

    def find(self, database: Database) -> Observed[Credentials]:
        return Unseen(reason=f"no login is given for {database.id}")
