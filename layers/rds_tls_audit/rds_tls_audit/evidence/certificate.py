"""A certificate read from its DER, verified or not."""

from collections.abc import Sequence
from datetime import datetime

from asn1crypto import x509

from rds_tls_audit.evidence.observation import Certificate, Trust
from rds_tls_audit.protocol.host_names import covers
from rds_tls_audit.text import escape

MAX_NAMES = 20
_SIZED = frozenset({"RSA", "DSA"})
NO_AKI = "it has no Authority Key Identifier, which a strict verifier asks for"


class UnreadableCertificateError(ValueError):
    """The DER is not a certificate that can be read."""


def read_certificate(
    der: bytes,
    *,
    trust: Trust,
    detail: str,
    hosts: Sequence[str],
    root: bytes | None,
) -> Certificate:
    """Put the outcome of verification beside what the certificate itself says.

    Args:
        der: the leaf as served.
        trust: outcome of verification.
        detail: OpenSSL's words where it did not verify.
        hosts: the name it was verified for, and others that clients may connect by.
        root: DER of the root it verified against.

    Raises:
        UnreadableCertificateError: the leaf or the root cannot be parsed.
    """
    try:
        leaf = x509.Certificate.load(der)
        names = _names(leaf)
        return Certificate(
            trust=trust,
            detail=escape(detail),
            host=hosts[0],
            subject=_called(leaf.subject),
            issuer=_called(leaf.issuer),
            names=_listed(names),
            key=_key(leaf),
            not_before=_moment(leaf.not_valid_before),
            not_after=_moment(leaf.not_valid_after),
            authority_not_after=_end(root),
            other_endpoints=tuple(it for it in hosts[1:] if not covers(names, it)),
            strict_note=None if leaf.authority_key_identifier_value else NO_AKI,
        )
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
        # asn1crypto parses lazily and lets these out for malformed input.
        raise UnreadableCertificateError(
            f"the served certificate cannot be read: {type(error).__name__}"
        ) from error


def _called(name: x509.Name) -> str:
    return escape(str(name.native.get("common_name") or name.human_friendly or "without a name"))


def _end(root: bytes | None) -> datetime | None:
    if root is None:
        return None
    return _moment(x509.Certificate.load(root).not_valid_after)


def _moment(at: object) -> datetime:
    # A date without a zone, or before the year 1, comes as something that does not compare.
    if isinstance(at, datetime) and at.tzinfo is not None:
        return at
    raise ValueError("a date of the certificate is out of form")


def _key(leaf: x509.Certificate) -> str:
    key = leaf.public_key
    kind = str(key.algorithm).upper()
    if kind == "EC":
        return escape(f"EC {key.curve[1]}")
    # Ed25519 and Ed448 have one size each.
    return f"{kind} {key.bit_size}" if kind in _SIZED else escape(kind.title())


def _names(leaf: x509.Certificate) -> tuple[str, ...]:
    names = leaf.subject_alt_name_value or ()
    return tuple(escape(str(name.native)) for name in names)


def _listed(names: tuple[str, ...]) -> tuple[str, ...]:
    more = [f"and {len(names) - MAX_NAMES} more"] if len(names) > MAX_NAMES else []
    return (*names[:MAX_NAMES], *more)
