"""The header of a server's first message gives a bounded length, or an error of its own."""

import contextlib
import struct
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rds_tls_audit.protocol.client_hello import MAX_RECORD_BYTES, NotTlsError, read_record_length
from rds_tls_audit.protocol.startup import MAX_REPLY_BYTES, NotPostgresError, read_body_length


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """How the header of one kind of message is read."""

    read_length: Callable[[bytes], int]
    error: type[ValueError]
    min_length: int
    max_length: int
    build: Callable[[int], bytes]
    """Builds the header of a message with a body of this length."""


POSTGRES = Header(
    read_length=read_body_length,
    error=NotPostgresError,
    min_length=4,
    max_length=MAX_REPLY_BYTES,
    build=lambda length: b"E" + struct.pack("!i", length + 4),
)
TLS = Header(
    read_length=read_record_length,
    error=NotTlsError,
    min_length=2,
    max_length=MAX_RECORD_BYTES,
    build=lambda length: struct.pack("!BHH", 22, 0x0301, length),
)
each_header = pytest.mark.parametrize("header", [POSTGRES, TLS], ids=["postgres", "tls"])


@pytest.mark.parametrize(
    ("header", "data"),
    [
        pytest.param(POSTGRES, b"", id="postgres-nothing"),
        pytest.param(POSTGRES, b"R\0\0\0", id="postgres-short"),
        pytest.param(POSTGRES, b"HTTP/", id="postgres-http"),
        pytest.param(POSTGRES, b"N\0\0\0\x08", id="postgres-notice"),
        pytest.param(POSTGRES, b"\x15\x03\x03\0\x02", id="postgres-tls-alert"),
        pytest.param(POSTGRES, b"EFATA", id="postgres-error-of-protocol-2"),
        pytest.param(POSTGRES, b"R\0\0\0\x07", id="postgres-too-short-for-a-code"),
        pytest.param(POSTGRES, b"R\xff\xff\xff\xff", id="postgres-negative"),
        pytest.param(POSTGRES, b"E\0\0\0\x04", id="postgres-empty-error"),
        pytest.param(POSTGRES, POSTGRES.build(MAX_REPLY_BYTES + 1), id="postgres-too-long"),
        pytest.param(POSTGRES, b"E\x7f\xff\xff\xff", id="postgres-two-gigabytes"),
        pytest.param(TLS, b"", id="tls-nothing"),
        pytest.param(TLS, b"\x16\x03\x03\x00", id="tls-short"),
        pytest.param(TLS, b"\x16\x03\x03\x00\x10\x02", id="tls-long"),
        pytest.param(TLS, b"HTTP/", id="tls-http"),
        pytest.param(TLS, b"\x17\x03\x03\x00\x10", id="tls-application-data"),
        pytest.param(TLS, b"\x14\x03\x03\x00\x01", id="tls-change-of-cipher"),
        pytest.param(TLS, b"\x16\x02\x00\x00\x10", id="tls-SSL-2"),
        pytest.param(TLS, b"\x16\x03\x03\x00\x01", id="tls-length-of-one"),
        pytest.param(TLS, TLS.build(MAX_RECORD_BYTES + 1), id="tls-too-long"),
        pytest.param(TLS, b"E\x00\x00\x00\x10", id="tls-error-of-postgresql"),
    ],
)
def test_an_invalid_header_is_refused(header: Header, data: bytes) -> None:
    with pytest.raises(header.error):
        header.read_length(data)


@each_header
def test_the_shortest_and_the_longest_length_are_accepted(header: Header) -> None:
    for length in (header.min_length, header.max_length):
        assert header.read_length(header.build(length)) == length


@each_header
@settings(derandomize=True, max_examples=200, deadline=None)
@given(
    data=st.binary(max_size=7)
    | st.binary(min_size=4, max_size=4).map(b"R".__add__)
    | st.binary(min_size=3, max_size=3).map(b"\x16\x03".__add__)
)
def test_any_bytes_give_a_bounded_length_or_the_error(header: Header, data: bytes) -> None:
    with contextlib.suppress(header.error):
        assert header.min_length <= header.read_length(data) <= header.max_length
