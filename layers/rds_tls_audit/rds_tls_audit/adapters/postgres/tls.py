"""The three ways in which we speak TLS, and what OpenSSL says when it does not trust."""

import ssl
from dataclasses import dataclass

from rds_tls_audit.adapters.postgres.sockets import BoundedTlsSocket
from rds_tls_audit.evidence.observation import Trust
from rds_tls_audit.protocol.key_exchange import SERVER_HELLO, SERVER_KEY_EXCHANGE

_ANY_SUITE = "ALL:COMPLEMENTOFALL:@SECLEVEL=0"

_HANDSHAKE = 22
_MAX_MESSAGE_BYTES = 4_096

# OpenSSL's X509_V_ERR_… (include/openssl/x509_vfy.h)
_TRUST = {
    2: Trust.UNKNOWN_CA,
    18: Trust.UNKNOWN_CA,
    19: Trust.UNKNOWN_CA,
    20: Trust.UNKNOWN_CA,
    21: Trust.UNKNOWN_CA,
    9: Trust.NOT_YET_VALID,
    10: Trust.EXPIRED,
    62: Trust.NAME_MISMATCH,
    64: Trust.NAME_MISMATCH,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsContexts:
    """Contexts to share: one with the bundle takes some 30 ms to build."""

    verified: ssl.SSLContext
    """Trusts the roots alone, checks the name, TLS 1.2 or later: the one that logs in."""
    verified_any_protocol: ssl.SSLContext
    """Verifies alike, but takes any protocol and suite; nothing secret goes through it."""
    unverified: ssl.SSLContext
    """Takes any certificate, protocol and suite; nothing secret goes through it."""

    @classmethod
    def trusting(cls, bundle: str) -> "TlsContexts":
        """Build all three, with the roots in the PEM file `bundle`.

        Raises:
            ValueError: the file is not there, or holds no certificate.
        """
        return cls(
            verified=_verified(bundle),
            # Without anonymous suites: there would be nothing to verify.
            verified_any_protocol=_any_protocol(_verified(bundle), f"{_ANY_SUITE}:!aNULL"),
            unverified=_unverified(),
        )


def trust_of(error: ssl.SSLCertVerificationError) -> Trust:
    """Classify a failed verification."""
    return _TRUST.get(error.verify_code, Trust.OTHER_FAILURE)


def _verified(bundle: str) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=bundle)
    except OSError as error:  # ssl.SSLError is one
        raise ValueError(
            f"the CA bundle {bundle} cannot be loaded: set RDS_CA_BUNDLE to a PEM file"
        ) from error
    # As libpq and JDBC verify: Python 3.13 alone would refuse a leaf without an Authority Key
    # Identifier, and would trust an intermediate of the file by itself.
    context.verify_flags &= ~(ssl.VERIFY_X509_STRICT | ssl.VERIFY_X509_PARTIAL_CHAIN)
    context.hostname_checks_common_name = False
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return _bounded(context)


def _unverified() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return _any_protocol(_bounded(context), _ANY_SUITE)


def _bounded(context: ssl.SSLContext) -> ssl.SSLContext:
    context.sslsocket_class = BoundedTlsSocket
    # Not public, but the one way to the group of the key exchange without a connection of its own.
    context._msg_callback = _note  # type: ignore[attr-defined]  # noqa: SLF001
    return context


def _note(
    tls: BoundedTlsSocket,
    direction: str,
    _version: int,
    content: int,
    message: int,
    data: bytes,
) -> None:
    told = {SERVER_HELLO, SERVER_KEY_EXCHANGE}
    if direction == "read" and content == _HANDSHAKE and message in told:
        tls.key_exchange[int(message)] = bytes(data[:_MAX_MESSAGE_BYTES])


def _any_protocol(context: ssl.SSLContext, suites: str) -> ssl.SSLContext:
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.set_ciphers(suites)
    return context
