"""Servers that do not listen, for what is about who is asked, not about what they answer."""

from collections.abc import Callable

from rds_tls_audit.adapters.credentials import CredentialSource
from rds_tls_audit.adapters.postgres.server import Server
from rds_tls_audit.evidence.credentials import Credentials
from rds_tls_audit.evidence.observed import Observed, Unseen
from rds_tls_audit.fleet.database import Database
from rds_tls_audit.protocol.startup import Reply

NOT_LISTENING = "looked at"


class UnreachableServer(Server):
    """Is not reached, once it has done something."""

    def __init__(self, does: Callable[[], object]) -> None:
        self.reached = False
        self._does = does

    def send_startup_plaintext(self, message: bytes) -> Observed[Reply]:
        del message  # it does not listen
        self._does()
        return Unseen(reason=NOT_LISTENING)

    def close(self) -> None:
        """Nothing is open."""


class NoCredentials(CredentialSource):
    """Knows no way in."""

    def __init__(self) -> None:
        """Ask nobody."""

    def find(self, database: Database) -> Observed[Credentials]:
        return Unseen(reason=f"no login is given for {database.id}")
