"""The group of a key exchange is read from the server's handshake messages."""

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rds_tls_audit.protocol.key_exchange import (
    SERVER_HELLO,
    SERVER_KEY_EXCHANGE,
    read_group_from_key_exchange,
    read_group_from_server_hello,
)

KEY_SHARE, SUPPORTED_VERSIONS, SESSION_TICKET = 0x33, 0x2B, 0x23
X25519, SECP256R1, HYBRID = 0x1D, 0x17, 0x11EC
RETRY = bytes.fromhex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c")
"""The random value that makes a ServerHello a HelloRetryRequest (RFC 8446 section 4.1.3)."""
ECDHE, DHE = "ECDHE-RSA-AES256-GCM-SHA384", "DHE-RSA-AES256-GCM-SHA384"


def vector(content: bytes) -> bytes:
    return struct.pack("!H", len(content)) + content


def extension(kind: int, content: bytes) -> bytes:
    return struct.pack("!H", kind) + vector(content)


def handshake(kind: int, body: bytes) -> bytes:
    return bytes([kind]) + len(body).to_bytes(3) + body


def hello(*extensions: bytes, session_id: bytes = b"i" * 32, random: bytes = b"r" * 32) -> bytes:
    body = b"\x03\x03" + random + bytes([len(session_id)]) + session_id + b"\x13\x02\0"
    return handshake(SERVER_HELLO, body + vector(b"".join(extensions)))


def share(group: int) -> bytes:
    return extension(KEY_SHARE, struct.pack("!H", group) + vector(b"k" * 32))


def curve(group: int, kind: int = 3) -> bytes:
    body = bytes([kind]) + struct.pack("!H", group) + bytes([65]) + b"p" * 65
    return handshake(SERVER_KEY_EXCHANGE, body)


def prime(bits: int) -> bytes:
    number = (1 << bits - 1 | 1).to_bytes((bits + 7) // 8)
    return handshake(SERVER_KEY_EXCHANGE, vector(number) + vector(b"\2") + vector(b"y" * 8))


VERSION = extension(SUPPORTED_VERSIONS, b"\x03\x04")


@pytest.mark.parametrize(
    ("message", "group"),
    [
        pytest.param(hello(VERSION, share(X25519)), "x25519", id="last"),
        pytest.param(hello(share(SECP256R1), VERSION), "secp256r1", id="first"),
        pytest.param(hello(share(HYBRID)), "X25519MLKEM768", id="hybrid"),
        pytest.param(hello(share(X25519), session_id=b""), "x25519", id="no-session-id"),
        pytest.param(hello(share(0x7A7A)), "group 0x7a7a", id="not-known"),
        pytest.param(
            hello(extension(KEY_SHARE, struct.pack("!H", SECP256R1)), random=RETRY),
            "secp256r1",
            id="retry-request",
        ),
        pytest.param(hello(VERSION), None, id="no-share"),
        pytest.param(hello(), None, id="no-extension"),
        pytest.param(hello(extension(SESSION_TICKET, b"")), None, id="tls-1.2"),
        pytest.param(hello()[:-2], None, id="nothing-after-the-suite"),
        pytest.param(b"", None, id="empty"),
    ],
)
def test_a_hello_of_tls_1_3_names_its_group(message: bytes, group: str | None) -> None:
    assert read_group_from_server_hello(message) == group


def test_a_hello_that_ends_before_its_group_names_none() -> None:
    whole = hello(VERSION, share(X25519))
    group_ends = len(whole) - 34  # A length and the key follow.

    groups = [read_group_from_server_hello(whole[:length]) for length in range(len(whole) + 1)]

    assert groups == [None] * group_ends + ["x25519"] * 35


@pytest.mark.parametrize(
    ("message", "suite", "group"),
    [
        pytest.param(curve(SECP256R1), ECDHE, "secp256r1", id="ecdhe"),
        pytest.param(curve(X25519), "ECDHE-ECDSA-AES128-SHA", "x25519", id="ecdhe-ecdsa"),
        pytest.param(curve(0x16), ECDHE, "group 0x0016", id="curve-not-known"),
        pytest.param(curve(SECP256R1, kind=1), ECDHE, None, id="curve-spelled-out"),
        pytest.param(prime(2048), DHE, "a 2048-bit prime", id="dhe"),
        pytest.param(prime(1023), DHE, "a 1023-bit prime", id="dhe-odd-size"),
        pytest.param(prime(512), "EDH-RSA-DES-CBC3-SHA", "a 512-bit prime", id="edh"),
        pytest.param(b"", "AES256-GCM-SHA384", None, id="static-rsa"),
        pytest.param(curve(SECP256R1), "AES256-GCM-SHA384", None, id="static-rsa-with-a-message"),
        pytest.param(b"", ECDHE, None, id="ecdhe-without-a-message"),
        pytest.param(b"", DHE, None, id="dhe-without-a-message"),
        pytest.param(curve(SECP256R1)[:6], ECDHE, None, id="ecdhe-cut-within-the-curve"),
        pytest.param(prime(2048)[:5], DHE, None, id="dhe-cut-within-the-length"),
        pytest.param(b"", "no suite", None, id="no-suite"),
    ],
)
def test_a_key_exchange_below_tls_1_3_names_its_curve_or_its_prime(
    message: bytes, suite: str, group: str | None
) -> None:
    assert read_group_from_key_exchange(message, suite) == group


@pytest.mark.parametrize("length", [6, 100, 261])
def test_an_incomplete_prime_is_not_read_as_a_smaller_one(length: int) -> None:
    assert read_group_from_key_exchange(prime(2048)[:length], DHE) is None


@settings(derandomize=True, max_examples=300, deadline=None)
@given(message=st.binary(max_size=300))
def test_any_bytes_are_read_without_an_error(message: bytes) -> None:
    groups = [read_group_from_server_hello(message)]
    groups += [
        read_group_from_key_exchange(message, suite) for suite in (ECDHE, DHE, "AES256-SHA", "")
    ]

    assert all(group is None or group.isprintable() for group in groups)


@settings(derandomize=True, max_examples=300, deadline=None)
@given(
    changes=st.lists(st.tuples(st.integers(0, 80), st.integers(0, 255)), min_size=1, max_size=4),
    length=st.integers(0, 130),
)
def test_any_damage_to_a_hello_is_read_without_an_error(
    changes: list[tuple[int, int]], length: int
) -> None:
    damaged = bytearray(hello(VERSION, share(X25519)))
    for place, byte in changes:
        damaged[place] = byte

    group = read_group_from_server_hello(bytes(damaged[:length]))

    assert group is None or group.isprintable()
