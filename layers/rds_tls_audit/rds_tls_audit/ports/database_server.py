"""One database server: its replies on the wire, its sessions, and the credentials for it."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from rds_tls_audit.evidence.credentials import Credentials
from rds_tls_audit.evidence.handshake import Handshake, TlsStartup
from rds_tls_audit.evidence.observation import Login, SessionView, Setting
from rds_tls_audit.evidence.observed import Observed
from rds_tls_audit.fleet.database import Database
from rds_tls_audit.protocol.client_hello import Offer, OfferReply
from rds_tls_audit.protocol.startup import Reply


class Session(Protocol):
    """A session that reads and never writes."""

    def login(self) -> Observed[Login]:
        """Describe the audit's own session."""

    def settings(self) -> Observed[Mapping[str, Setting]]:
        """Read the live settings that are visible to the audit's role, by name."""

    def sample(self, own_role: str) -> Observed[SessionView]:
        """Sample the client sessions once; sessions of `own_role` are not clients."""

    def pause(self, seconds: float) -> None:
        """Wait between samples.

        Raises:
            TimeoutError: The deadline comes first.
        """

    def close(self) -> None:
        """End the session."""


class Server(Protocol):
    """A server to connect to, within limits; opens a connection for each question."""

    @property
    def host(self) -> str:
        """The name that its certificate is verified for."""

    @property
    def reached(self) -> bool:
        """Whether any connection was established."""

    def send_startup_plaintext(self, message: bytes) -> Observed[Reply]:
        """Send a startup message without TLS."""

    def send_startup_over_tls(self, message: bytes | None) -> Observed[TlsStartup]:
        """Complete a TLS handshake without verification; send a startup message if one is given."""

    def offer_hello(self, offer: Offer) -> Observed[OfferReply]:
        """Send a ClientHello that offers this and nothing else."""

    def verify_handshake(self) -> Observed[Handshake]:
        """Complete a TLS handshake and verify the certificate."""

    def log_in(self, credentials: Credentials, databases: Sequence[str]) -> Observed[Session]:
        """Log in over verified TLS, to the first of these databases that accepts the login."""

    def close(self) -> None:
        """Close any connection that is still open."""


class CredentialSource(Protocol):
    """Finds the credentials to log in with."""

    def find(self, database: Database) -> Observed[Credentials]:
        """Return the credentials of the tagged secret, else an IAM token if IAM logins are on."""
