"""Read the group of a key exchange from the handshake messages that a server sends unencrypted.

Python's ssl module does not offer it before 3.15. Formats: RFC 8446 section 4.2.8, RFC 8422 section
5.4, RFC 5246 section 7.4.3. Numbers: https://www.iana.org/assignments/tls-parameters
"""

import struct

SERVER_HELLO, SERVER_KEY_EXCHANGE = 2, 12

_KEY_SHARE, _NAMED_CURVE = 0x0033, 3
_HEADER_BYTES = 4
"""The size of the header of a handshake message: its type and its length."""
_GROUPS = {
    0x0017: "secp256r1",
    0x0018: "secp384r1",
    0x0019: "secp521r1",
    0x001A: "brainpoolP256r1",
    0x001B: "brainpoolP384r1",
    0x001C: "brainpoolP512r1",
    0x001D: "x25519",
    0x001E: "x448",
    0x0100: "ffdhe2048",
    0x0101: "ffdhe3072",
    0x0102: "ffdhe4096",
    0x11EB: "SecP256r1MLKEM768",
    0x11EC: "X25519MLKEM768",
    0x11ED: "SecP384r1MLKEM1024",
}


def read_group_from_server_hello(message: bytes) -> str | None:
    """Return the group that a ServerHello of TLS 1.3 selects; None for any other message."""
    try:
        at = 38 + 1 + message[38] + 3  # header, version and random; session id; suite, compression
        end = at + 2 + struct.unpack_from("!H", message, at)[0]
        at += 2
        while at + 4 <= min(end, len(message)):
            kind, size = struct.unpack_from("!HH", message, at)
            if kind == _KEY_SHARE:
                return _group_name(struct.unpack_from("!H", message, at + 4)[0])
            at += 4 + size
    except (IndexError, struct.error):
        pass
    return None


def read_group_from_key_exchange(message: bytes, suite: str) -> str | None:
    """Return the curve or the prime's size in a ServerKeyExchange of TLS 1.2 or earlier.

    Args:
        message: The handshake message, with its header.
        suite: The negotiated cipher suite.
    """
    try:
        if suite.startswith("ECDHE-"):
            curve_type, code = struct.unpack_from("!BH", message, _HEADER_BYTES)
            return _group_name(code) if curve_type == _NAMED_CURVE else None
        if suite.startswith(("DHE-", "EDH-")):
            size = struct.unpack_from("!H", message, _HEADER_BYTES)[0]
            prime = message[6 : 6 + size]
            if len(prime) == size:
                return f"a {int.from_bytes(prime).bit_length()}-bit prime"
    except struct.error:
        pass
    return None


def _group_name(code: int) -> str:
    return _GROUPS.get(code, f"group {code:#06x}")
