"""The three TLS contexts of the probe, and the meaning of OpenSSL's verification errors."""

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
    """Contexts that all probes share, because it takes about 30 ms to load the CA bundle."""

    verified: ssl.SSLContext
    """Trusts only the roots, checks the name, requires TLS 1.2 or later. Logins use this one."""
    verified_any_protocol: ssl.SSLContext
    """Verifies in the same way, but accepts any protocol and cipher suite. Carries no secrets."""
    unverified: ssl.SSLContext
    """Accepts any certificate, protocol, and cipher suite. Carries no secrets."""

    @classmethod
    def trusting(cls, bundle: str) -> "TlsContexts":
        """Build all three, with the roots in the PEM file `bundle`.

        Raises:
            ValueError: The file does not exist or contains no certificate.
        """
        return cls(
            verified=_build_verified(bundle),
            # No anonymous cipher suites, because those have no certificate to verify.
            verified_any_protocol=_allow_any_protocol(
                _build_verified(bundle), f"{_ANY_SUITE}:!aNULL"
            ),
            unverified=_build_unverified(),
        )


def classify_verification_error(error: ssl.SSLCertVerificationError) -> Trust:
    """Classify the error of a failed verification."""
    return _TRUST.get(error.verify_code, Trust.OTHER_FAILURE)


def _build_verified(bundle: str) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=bundle)
    except OSError as error:  # This includes ssl.SSLError.
        raise ValueError(
            f"the CA bundle {bundle} cannot be loaded; set RDS_CA_BUNDLE to a PEM file"
        ) from error
    # Verify as libpq and JDBC do. By default, Python 3.13 refuses a leaf without an Authority Key
    # Identifier, and trusts an intermediate certificate in the file as if it were a root.
    context.verify_flags &= ~(ssl.VERIFY_X509_STRICT | ssl.VERIFY_X509_PARTIAL_CHAIN)
    context.hostname_checks_common_name = False
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return _bind_sockets(context)


def _build_unverified() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return _allow_any_protocol(_bind_sockets(context), _ANY_SUITE)


def _bind_sockets(context: ssl.SSLContext) -> ssl.SSLContext:
    context.sslsocket_class = BoundedTlsSocket
    # This is not public, but no other way gives the group without one more connection.
    context._msg_callback = _keep_key_exchange  # type: ignore[attr-defined]  # noqa: SLF001
    return context


def _keep_key_exchange(
    tls: BoundedTlsSocket,
    direction: str,
    _version: int,
    content: int,
    message: int,
    data: bytes,
) -> None:
    wanted = {SERVER_HELLO, SERVER_KEY_EXCHANGE}
    if direction == "read" and content == _HANDSHAKE and message in wanted:
        tls.key_exchange[int(message)] = bytes(data[:_MAX_MESSAGE_BYTES])


def _allow_any_protocol(context: ssl.SSLContext, suites: str) -> ssl.SSLContext:
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.set_ciphers(suites)
    return context
