"""Classify the strength of a protocol version and cipher suite, by OpenSSL's names."""

import re
from enum import StrEnum


class Strength(StrEnum):
    """The strength of a session's TLS."""

    BROKEN = "broken"
    """A version below TLS 1.2, or a cipher suite that no longer protects anything."""
    DATED = "dated"
    """No forward secrecy, or CBC with SHA-1."""
    MODERN = "modern"
    UNKNOWN = "unknown"


OLD_PROTOCOLS = frozenset({"SSLv2", "SSLv3", "TLSv1", "TLSv1.0", "TLSv1.1"})
MODERN_PROTOCOLS = frozenset({"TLSv1.2", "TLSv1.3"})

WEAK_PATTERN = "NULL|^ADH-|^AECDH-|^EXP|DES|RC4|RC2|MD5"
"""A regular expression for Python and PostgreSQL; `DES` also matches 3DES and DES-CBC3."""

_WEAK = re.compile(WEAK_PATTERN)
# TLS 1.3 cipher suites begin with TLS_ and always have forward secrecy.
_FORWARD_SECRET = re.compile(r"^(TLS_|ECDHE-|DHE-|EDH-)")


def is_weak(cipher: str) -> bool:
    """Return whether a cipher suite is NULL, anonymous, EXPORT, DES, 3DES, RC2, RC4, or MD5."""
    return _WEAK.search(cipher) is not None


def classify_strength(tls_version: str, cipher: str | None) -> Strength:
    """Classify the `version` and `cipher` that `pg_stat_ssl` shows."""
    if tls_version in OLD_PROTOCOLS or (cipher is not None and is_weak(cipher)):
        return Strength.BROKEN
    if tls_version not in MODERN_PROTOCOLS or not cipher:
        return Strength.UNKNOWN
    # A name that ends in -SHA, without GCM or SHA-2, means CBC with HMAC-SHA-1.
    if not _FORWARD_SECRET.match(cipher) or cipher.endswith("-SHA"):
        return Strength.DATED
    return Strength.MODERN
