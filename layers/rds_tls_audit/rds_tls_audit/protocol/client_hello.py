"""ClientHellos that are built by hand, and the first record that a server replies with.

A failed handshake of a modern TLS library says nothing about the server, because the library's own
policy refuses first. A ClientHello that is built here can offer anything. The handshake is not
completed: the server's choice or its alert is enough. Formats: RFC 5246 section 7.4, RFC 8422,
RFC 6066.
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
"""The largest record that RFC 5246 section 6.2.3 allows."""

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
    """The reply is not one that a TLS server sends to a ClientHello."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What a ClientHello offers, and nothing else."""

    version: int
    """The highest version; a server selects the highest one that it supports up to this."""
    suites: Mapping[int, str]


LEGACY = Offer(version=TLS_1_1, suites=ANY_VERSION)
"""TLS 1.1 and earlier, with every cipher suite that these versions can use.

Without the weak ones, a server that supports only those would refuse the offer for its cipher
suites, not for its version.
"""

WEAK_SUITES = Offer(version=TLS_1_2, suites=WEAK)
"""Only weak cipher suites, up to TLS 1.2; TLS 1.3 has none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferAccepted:
    """The server selected a version and a cipher suite of the offer."""

    version: str
    suite: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferRefused:
    """The server refused the version or the cipher suites of the offer."""

    reason: str


type OfferReply = OfferAccepted | OfferRefused


def build_client_hello(offer: Offer, host: str, random: bytes) -> bytes:
    """Build the record that carries a ClientHello.

    Args:
        offer: The version and the cipher suites to offer.
        host: The name for the server_name extension; an IP address is not sent.
        random: 32 random bytes.
    """
    suites = [*offer.suites, _RENEGOTIATION_SCSV]
    extensions = b"".join(
        (
            _encode_server_name(host),
            _encode_extension(_GROUPS, _encode_vector(_encode_codes(_GROUP_CODES))),
            _encode_extension(_POINT_FORMATS, b"\x01\x00"),
            _encode_extension(_SIGNATURES, _encode_vector(_encode_codes(_SIGNATURE_CODES))),
            _encode_extension(_EXTENDED_MASTER_SECRET, b""),
        )
    )
    body = b"".join(
        (
            struct.pack("!H", offer.version),
            random,
            b"\0",
            _encode_vector(_encode_codes(suites)),
            b"\x01\x00",
            _encode_vector(extensions),
        )
    )
    handshake = b"\x01" + len(body).to_bytes(3) + body
    # Clients keep the version of the record at TLS 1.0 or below, since old servers refuse others.
    return struct.pack("!BHH", _HANDSHAKE, min(offer.version, 0x0301), len(handshake)) + handshake


def read_record_length(header: bytes) -> int:
    """Read from a five-byte record header how many bytes follow it.

    Raises:
        NotTlsError: The header does not belong to an alert or a handshake record.
    """
    if len(header) != RECORD_HEADER_BYTES:
        raise NotTlsError("the reply to the ClientHello ends before its first record")
    kind, major, _, length = struct.unpack("!BBBH", header)
    if kind not in {_ALERT, _HANDSHAKE} or major != 3 or not 2 <= length <= MAX_RECORD_BYTES:  # noqa: PLR2004 - all of SSL 3 and TLS have the major version 3
        raise NotTlsError("the reply to the ClientHello is not a TLS record")
    return int(length)


def parse_server_reply(offer: Offer, header: bytes, record: bytes) -> OfferReply:
    """Parse the first record of the reply to a ClientHello.

    Raises:
        NotTlsError: The record neither accepts nor refuses the offer.
    """
    if len(record) < read_record_length(header):
        raise NotTlsError("the reply to the ClientHello ends within its first record")
    if header[0] == _ALERT:
        return _parse_alert(record)
    try:
        kind, version = record[0], struct.unpack("!H", record[4:6])[0]
        session_id = record[38]
        suite = struct.unpack("!H", record[39 + session_id : 41 + session_id])[0]
    except (IndexError, struct.error) as error:
        raise NotTlsError(
            "the reply to the ClientHello is an incomplete handshake record"
        ) from error
    if kind != _SERVER_HELLO or not SSL_3 <= version <= offer.version:
        raise NotTlsError(
            "the reply to the ClientHello is not a ServerHello up to "
            f"{VERSION_NAMES[offer.version]}"
        )
    if suite not in offer.suites:
        raise NotTlsError(
            f"the reply to the ClientHello selects cipher suite {suite:#06x}, which was not offered"
        )
    return OfferAccepted(version=VERSION_NAMES[version], suite=offer.suites[suite])


def _parse_alert(record: bytes) -> OfferRefused:
    if len(record) == 2 and record[1] == _PROTOCOL_VERSION:  # noqa: PLR2004 - an alert is a level and a description
        return OfferRefused(reason="TLS alert 70: protocol version not supported")
    if len(record) == 2 and record[1] == _HANDSHAKE_FAILURE:  # noqa: PLR2004
        return OfferRefused(reason="TLS alert 40: no cipher suite in common")
    raise NotTlsError(
        f"the reply to the ClientHello is TLS alert {record[-1]}, which is neither acceptance nor "
        "refusal"
    )


def _encode_server_name(host: str) -> bytes:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return _encode_extension(
            _SERVER_NAME, _encode_vector(b"\0" + _encode_vector(host.encode()))
        )
    return b""  # RFC 6066 section 3 does not permit IP addresses in server_name.


def _encode_vector(content: bytes) -> bytes:
    return struct.pack("!H", len(content)) + content


def _encode_codes(codes: Iterable[int]) -> bytes:
    return b"".join(struct.pack("!H", code) for code in codes)


def _encode_extension(kind: int, content: bytes) -> bytes:
    return struct.pack("!H", kind) + _encode_vector(content)
