"""A certificate read from its DER, verified or not."""

from datetime import datetime

from asn1crypto import x509

from rds_tls_audit.observation import Certificate, Trust
from rds_tls_audit.text import printable

MAX_NAMES = 20
NO_AKI = "it has no Authority Key Identifier, which a strict verifier asks for"


class UnreadableCertificateError(ValueError):
    """The DER is not a certificate that can be read."""


def read_certificate(
    der: bytes, *, trust: Trust, detail: str, host: str, root: bytes | None
) -> Certificate:
    """Put the outcome of verification beside what the certificate itself says.

    Args:
        der: the leaf as served.
        trust: outcome of verification.
        detail: OpenSSL's words where it did not verify.
        host: the name it was verified for.
        root: DER of the root it verified against.

    Raises:
        UnreadableCertificateError: the leaf or the root cannot be parsed.
    """
    try:
        leaf = x509.Certificate.load(der)
        return Certificate(
            trust=trust,
            detail=printable(detail),
            host=host,
            subject=_called(leaf.subject),
            issuer=_called(leaf.issuer),
            names=_names(leaf),
            not_before=_moment(leaf.not_valid_before),
            not_after=_moment(leaf.not_valid_after),
            authority_not_after=_end(root),
            strict_note=None if leaf.authority_key_identifier_value else NO_AKI,
        )
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
        # asn1crypto parses lazily and lets these out for malformed input.
        raise UnreadableCertificateError(
            f"the served certificate cannot be read: {type(error).__name__}"
        ) from error


def _called(name: x509.Name) -> str:
    return printable(str(name.native.get("common_name") or name.human_friendly or "without a name"))


def _end(root: bytes | None) -> datetime | None:
    if root is None:
        return None
    return _moment(x509.Certificate.load(root).not_valid_after)


def _moment(at: object) -> datetime:
    # A date without a zone, or before the year 1, comes as something that does not compare.
    if isinstance(at, datetime) and at.tzinfo is not None:
        return at
    raise ValueError("a date of the certificate is out of form")


def _names(leaf: x509.Certificate) -> tuple[str, ...]:
    if leaf.subject_alt_name_value is None:
        return ()
    names = [printable(str(name.native)) for name in leaf.subject_alt_name_value]
    more = [f"and {len(names) - MAX_NAMES} more"] if len(names) > MAX_NAMES else []
    return (*names[:MAX_NAMES], *more)
