"""How strong a protocol version and a cipher suite are, by OpenSSL's names."""

import re
from enum import StrEnum


class Strength(StrEnum):
    """What a session's TLS is worth."""

    BROKEN = "broken"
    """Below TLS 1.2, or a suite that protects nothing today."""
    DATED = "dated"
    """No forward secrecy, or CBC with SHA-1."""
    MODERN = "modern"
    UNKNOWN = "unknown"


OLD_PROTOCOLS = frozenset({"SSLv2", "SSLv3", "TLSv1", "TLSv1.0", "TLSv1.1"})
MODERN_PROTOCOLS = frozenset({"TLSv1.2", "TLSv1.3"})

WEAK_PATTERN = "NULL|^ADH-|^AECDH-|^EXP|DES|RC4|RC2|MD5"
"""For Python and for PostgreSQL alike; DES is in 3DES and in DES-CBC3 too."""

_WEAK = re.compile(WEAK_PATTERN)
# TLS 1.3 suites begin with TLS_ and always have forward secrecy.
_FORWARD_SECRET = re.compile(r"^(TLS_|ECDHE-|DHE-|EDH-)")


def is_weak(cipher: str) -> bool:
    """Whether the suite is NULL, anonymous, EXPORT, DES, 3DES, RC2, RC4 or MD5."""
    return _WEAK.search(cipher) is not None


def strength_of(tls_version: str, cipher: str | None) -> Strength:
    """Grade what `pg_stat_ssl` shows as `version` and `cipher`."""
    if tls_version in OLD_PROTOCOLS or (cipher is not None and is_weak(cipher)):
        return Strength.BROKEN
    if tls_version not in MODERN_PROTOCOLS or not cipher:
        return Strength.UNKNOWN
    # A suite named without a hash for GCM or SHA-2 at its end is CBC with HMAC-SHA-1.
    if not _FORWARD_SECRET.match(cipher) or cipher.endswith("-SHA"):
        return Strength.DATED
    return Strength.MODERN
