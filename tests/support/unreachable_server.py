"""A server that accepts no connection, for tests of which databases the probe tries to reach."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rds_tls_audit.evidence.credentials import Credentials
from rds_tls_audit.evidence.handshake import Handshake, TlsStartup
from rds_tls_audit.evidence.observed import Observed, Unseen
from rds_tls_audit.fleet.database import Database
from rds_tls_audit.ports.database_server import Session
from rds_tls_audit.protocol.client_hello import Offer, OfferReply
from rds_tls_audit.protocol.startup import Reply

NOT_LISTENING = "probed, but not listening"


@dataclass(frozen=True, slots=True)
class UnreachableServer:
    """Implements `Server`; calls `on_connect` at every attempt to connect."""

    on_connect: Callable[[], object]
    host: str = "unreachable.invalid"
    reached: bool = False

    def send_startup_plaintext(self, message: bytes) -> Observed[Reply]:
        """Fail to connect."""
        del message
        return self._fail()

    def send_startup_over_tls(self, message: bytes | None) -> Observed[TlsStartup]:
        """Fail to connect."""
        del message
        return self._fail()

    def offer_hello(self, offer: Offer) -> Observed[OfferReply]:
        """Fail to connect."""
        del offer
        return self._fail()

    def verify_handshake(self) -> Observed[Handshake]:
        """Fail to connect."""
        return self._fail()

    def log_in(self, credentials: Credentials, databases: Sequence[str]) -> Observed[Session]:
        """Fail to connect."""
        del credentials, databases
        return self._fail()

    def close(self) -> None:
        """Do nothing, since nothing is open."""

    def _fail(self) -> Unseen:
        self.on_connect()
        return Unseen(reason=NOT_LISTENING)


class NoCredentials:
    """Implements `CredentialSource`; has no credentials for any database."""

    def find(self, database: Database) -> Observed[Credentials]:
        """Find none."""
        return Unseen(reason=f"the test gives no credentials for {database.id}")
