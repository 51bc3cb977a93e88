"""What TLS handshakes with a server showed, before anybody logs in."""

from dataclasses import dataclass

from rds_tls_audit.evidence.observation import NegotiatedTls, Trust
from rds_tls_audit.evidence.observed import Observed
from rds_tls_audit.protocol.startup import Reply


@dataclass(frozen=True, slots=True, kw_only=True)
class Handshake:
    """The outcome of a handshake that verifies."""

    trust: Trust
    detail: str
    """OpenSSL's words where it did not verify, or why we do not log in all the same."""
    certificate: bytes | None = None
    """DER of the leaf; None where it did not verify."""
    root: bytes | None = None
    """DER of the root it verified against."""
    tls: NegotiatedTls | None = None
    """None where it did not verify."""
    may_log_in: bool = False
    """Verified, over TLS 1.2 or later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsStartup:
    """What was seen through a handshake that verifies nothing."""

    reply: Observed[Reply]
    """To the startup message; unseen where none was sent."""
    certificate: bytes | None
    tls: NegotiatedTls
