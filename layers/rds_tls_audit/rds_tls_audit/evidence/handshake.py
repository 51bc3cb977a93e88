"""The outcomes of TLS handshakes with a server, before any login."""

from dataclasses import dataclass

from rds_tls_audit.evidence.observation import NegotiatedTls, Trust
from rds_tls_audit.evidence.observed import Observed
from rds_tls_audit.protocol.startup import Reply


@dataclass(frozen=True, slots=True, kw_only=True)
class Handshake:
    """The outcome of a handshake that verifies the certificate."""

    trust: Trust
    detail: str
    """OpenSSL's message if the certificate did not verify, or why the probe does not log in."""
    certificate: bytes | None = None
    """The DER of the leaf; None if it did not verify."""
    root: bytes | None = None
    """The DER of the root that the leaf verified against."""
    tls: NegotiatedTls | None = None
    """The negotiated TLS; None if the certificate did not verify."""
    may_log_in: bool = False
    """Whether credentials may be sent: the certificate verified, over TLS 1.2 or later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsStartup:
    """The outcome of a handshake without verification."""

    reply: Observed[Reply]
    """The reply to the startup message; unseen if none was sent."""
    certificate: bytes | None
    tls: NegotiatedTls
