"""Hand-made ClientHellos and the server's first record in answer.

A failed handshake of a modern TLS library says nothing about the server, since the library's own
policy refuses first. A hello of our own does not complete the handshake: the server's choice, or
its alert, is all that is wanted. Formats: RFC 5246 section 7.4, RFC 8422, RFC 6066.
"""

import ipaddress
import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from rds_tls_audit.protocol.cipher_suites import ANY_VERSION, WEAK

SSL_3 = 0x0300
TLS_1_1 = 0x0302
TLS_1_2 = 0x0303
VERSION_NAMES = {SSL_3: "SSLv3", 0x0301: "TLSv1", TLS_1_1: "TLSv1.1", TLS_1_2: "TLSv1.2"}

RECORD_HEADER_BYTES = 5
MAX_RECORD_BYTES = 16_384 + 2_048
"""RFC 5246 section 6.2.3."""

_ALERT, _HANDSHAKE, _SERVER_HELLO = 21, 22, 2
_HANDSHAKE_FAILURE, _PROTOCOL_VERSION = 40, 70
_RENEGOTIATION_SCSV = 0x00FF
_SERVER_NAME, _GROUPS, _POINT_FORMATS, _SIGNATURES, _EXTENDED_MASTER_SECRET = 0, 10, 11, 13, 23
# x25519, secp256r1, secp384r1, secp521r1, x448
_GROUP_CODES = (0x001D, 0x0017, 0x0018, 0x0019, 0x001E)
# ECDSA, RSA-PSS, RSA and DSA with SHA-512 down to SHA-1, Ed25519, Ed448
_SIGNATURE_CODES = (
    *(0x0603, 0x0503, 0x0403, 0x0203, 0x0806, 0x0805, 0x0804, 0x080B, 0x080A, 0x0809),
    *(0x0601, 0x0501, 0x0401, 0x0201, 0x0602, 0x0502, 0x0402, 0x0202, 0x0807, 0x0808),
)


class NotTlsError(ValueError):
    """The answer is not one that a TLS server gives to a ClientHello."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What a hello offers, and nothing else."""

    version: int
    """The highest; a server answers with the highest it takes up to that."""
    suites: Mapping[int, str]


LEGACY = Offer(version=TLS_1_1, suites=ANY_VERSION)
"""TLS 1.1 and below, with every suite they can carry: a server whose only suites are weak would
turn an offer without them away for its suites, not for its version."""

WEAK_SUITES = Offer(version=TLS_1_2, suites=WEAK)
"""Weak suites alone, up to TLS 1.2; TLS 1.3 has none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferAccepted:
    """The server chose a version and a suite of the offer."""

    version: str
    suite: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferRefused:
    """The server refused the offer for its version or for its suites."""

    why: str


type OfferAnswer = OfferAccepted | OfferRefused


def build_client_hello(offer: Offer, host: str, random: bytes) -> bytes:
    """Build the record to send; `random` is 32 bytes, a `host` name goes into server_name."""
    suites = [*offer.suites, _RENEGOTIATION_SCSV]
    extensions = b"".join(
        (
            _server_name(host),
            _extension(_GROUPS, _vector(_shorts(_GROUP_CODES))),
            _extension(_POINT_FORMATS, b"\x01\x00"),
            _extension(_SIGNATURES, _vector(_shorts(_SIGNATURE_CODES))),
            _extension(_EXTENDED_MASTER_SECRET, b""),
        )
    )
    body = b"".join(
        (
            struct.pack("!H", offer.version),
            random,
            b"\0",
            _vector(_shorts(suites)),
            b"\x01\x00",
            _vector(extensions),
        )
    )
    handshake = b"\x01" + len(body).to_bytes(3) + body
    # The record's own version stays at 1.0 or 1.1, as clients send it for tolerance.
    return struct.pack("!BHH", _HANDSHAKE, min(offer.version, 0x0301), len(handshake)) + handshake


def record_length(header: bytes) -> int:
    """How many bytes follow this five byte record header.

    Raises:
        NotTlsError: it is not the header of an alert or a handshake record.
    """
    if len(header) != RECORD_HEADER_BYTES:
        raise NotTlsError("the answer ends before its first record")
    kind, major, _, length = struct.unpack("!BBBH", header)
    if kind not in {_ALERT, _HANDSHAKE} or major != 3 or not 2 <= length <= MAX_RECORD_BYTES:  # noqa: PLR2004 - SSL 3 is the major version of all
        raise NotTlsError("the answer is not a TLS record")
    return int(length)


def parse_answer(offer: Offer, header: bytes, record: bytes) -> OfferAnswer:
    """Read the first record of the answer.

    Raises:
        NotTlsError: it neither takes the offer nor turns it away.
    """
    if len(record) < record_length(header):
        raise NotTlsError("the answer ends within its first record")
    if header[0] == _ALERT:
        return _parse_alert(record)
    try:
        kind, version = record[0], struct.unpack("!H", record[4:6])[0]
        session_id = record[38]
        suite = struct.unpack("!H", record[39 + session_id : 41 + session_id])[0]
    except (IndexError, struct.error) as error:
        raise NotTlsError("the answer is a handshake record that is too short") from error
    if kind != _SERVER_HELLO or not SSL_3 <= version <= offer.version:
        raise NotTlsError(f"the answer is not a ServerHello up to {VERSION_NAMES[offer.version]}")
    if suite not in offer.suites:
        raise NotTlsError(f"the answer chooses suite {suite:#06x}, which was not offered")
    return OfferAccepted(version=VERSION_NAMES[version], suite=offer.suites[suite])


def _parse_alert(record: bytes) -> OfferRefused:
    if len(record) == 2 and record[1] == _PROTOCOL_VERSION:  # noqa: PLR2004 - an alert is a level and a description
        return OfferRefused(why="protocol version refused (alert 70)")
    if len(record) == 2 and record[1] == _HANDSHAKE_FAILURE:  # noqa: PLR2004
        return OfferRefused(why="no suite in common (alert 40)")
    raise NotTlsError(f"the answer is alert {record[-1]}, which says neither yes nor no")


def _server_name(host: str) -> bytes:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return _extension(_SERVER_NAME, _vector(b"\0" + _vector(host.encode())))
    return b""  # RFC 6066 section 3: addresses are not permitted there


def _vector(content: bytes) -> bytes:
    return struct.pack("!H", len(content)) + content


def _shorts(codes: Iterable[int]) -> bytes:
    return b"".join(struct.pack("!H", code) for code in codes)


def _extension(kind: int, content: bytes) -> bytes:
    return struct.pack("!H", kind) + _vector(content)
