"""Read a server certificate from its DER, whether it verified or not."""

from collections.abc import Sequence
from datetime import datetime

from asn1crypto import x509

from rds_tls_audit.evidence.observation import Certificate, Trust
from rds_tls_audit.protocol.host_names import covers
from rds_tls_audit.text import escape

MAX_NAMES = 20
_SIZED = frozenset({"RSA", "DSA"})
NO_AKI = "it has no Authority Key Identifier, which strict verifiers such as Python 3.13 require"


class UnreadableCertificateError(ValueError):
    """The DER cannot be parsed as a certificate."""


def read_certificate(
    der: bytes,
    *,
    trust: Trust,
    detail: str,
    hosts: Sequence[str],
    root: bytes | None,
) -> Certificate:
    """Combine the outcome of the verification with the content of the certificate.

    Args:
        der: The leaf as the server sent it.
        trust: The outcome of the verification.
        detail: OpenSSL's message if the verification failed.
        hosts: The name that was verified, then other names by which clients may connect.
        root: DER of the root that the leaf verified against.

    Raises:
        UnreadableCertificateError: The leaf or the root cannot be parsed.
    """
    try:
        leaf = x509.Certificate.load(der)
        names = _alternative_names(leaf)
        return Certificate(
            trust=trust,
            detail=escape(detail),
            host=hosts[0],
            subject=_describe_name(leaf.subject),
            issuer=_describe_name(leaf.issuer),
            names=_limit_names(names),
            key=_describe_key(leaf),
            not_before=_require_aware(leaf.not_valid_before),
            not_after=_require_aware(leaf.not_valid_after),
            authority_not_after=_root_not_after(root),
            other_endpoints=tuple(host for host in hosts[1:] if not covers(names, host)),
            strict_note=None if leaf.authority_key_identifier_value else NO_AKI,
        )
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
        # asn1crypto parses lazily and raises any of these for malformed input.
        raise UnreadableCertificateError(
            f"the server certificate cannot be parsed ({type(error).__name__})"
        ) from error


def _describe_name(name: x509.Name) -> str:
    return escape(str(name.native.get("common_name") or name.human_friendly or "without a name"))


def _root_not_after(root: bytes | None) -> datetime | None:
    if root is None:
        return None
    return _require_aware(x509.Certificate.load(root).not_valid_after)


def _require_aware(at: object) -> datetime:
    # A date without a time zone, or before the year 1, is returned as a value of another kind,
    # which cannot be compared.
    if isinstance(at, datetime) and at.tzinfo is not None:
        return at
    raise ValueError("a date of the certificate is not a time with a time zone")


def _describe_key(leaf: x509.Certificate) -> str:
    key = leaf.public_key
    kind = str(key.algorithm).upper()
    if kind == "EC":
        return escape(f"EC {key.curve[1]}")
    # Ed25519 and Ed448 have one size each.
    return f"{kind} {key.bit_size}" if kind in _SIZED else escape(kind.title())


def _alternative_names(leaf: x509.Certificate) -> tuple[str, ...]:
    names = leaf.subject_alt_name_value or ()
    return tuple(escape(str(name.native)) for name in names)


def _limit_names(names: tuple[str, ...]) -> tuple[str, ...]:
    more = [f"and {len(names) - MAX_NAMES} more"] if len(names) > MAX_NAMES else []
    return (*names[:MAX_NAMES], *more)
