"""PostgreSQL's first replies are read as documented; anything else is said to be none of them."""

import contextlib
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rds_tls_audit.protocol.startup import (
    MAX_REPLY_BYTES,
    SSL_REQUEST,
    Challenge,
    NotPostgresError,
    Refusal,
    Reply,
    body_length,
    parse_reply,
    startup_message,
)


def authentication(code: int, rest: bytes = b"") -> bytes:
    return b"R" + struct.pack("!ii", 8 + len(rest), code) + rest


def error(*fields: bytes) -> bytes:
    body = b"".join(field + b"\0" for field in fields) + b"\0"
    return b"E" + struct.pack("!i", 4 + len(body)) + body


def read(reply: bytes) -> Reply:
    """Read a reply as the port does: a header, then as many bytes as it says."""
    length = body_length(reply[:5])
    body = reply[5 : 5 + length]
    assert len(body) == length
    return parse_reply(reply[:5], body)


def test_the_request_for_tls_is_the_documented_one() -> None:
    assert struct.unpack("!ihh", SSL_REQUEST) == (8, 1234, 5679)


def test_the_startup_message_asks_for_a_role_and_a_database() -> None:
    assert startup_message("größe", "postgres") == (
        b"\0\0\0\x28\0\x03\0\0user\0gr\xc3\xb6\xc3\x9fe\0database\0postgres\0\0"
    )


@settings(derandomize=True, max_examples=50, deadline=None)
@given(user=st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])))
def test_the_startup_message_says_its_own_length(user: str) -> None:
    message = startup_message(user, "postgres")

    assert struct.unpack("!i", message[:4]) == (len(message),)
    assert message.endswith(b"\0\0")


@pytest.mark.parametrize(
    ("code", "method"),
    [
        (0, "no password asked (trust)"),
        (2, "Kerberos asked"),
        (3, "a password in clear asked"),
        (5, "an MD5 password asked"),
        (7, "GSSAPI asked"),
        (9, "SSPI asked"),
        (10, "SCRAM asked"),
        (99, "authentication method 99 asked"),
        (-1, "authentication method -1 asked"),
    ],
)
def test_an_authentication_request_lets_the_connection_in(code: int, method: str) -> None:
    assert read(authentication(code)) == Challenge(method=method)


def test_what_follows_the_method_is_not_looked_at() -> None:
    assert read(authentication(10, b"SCRAM-SHA-256\0\0")) == Challenge(method="SCRAM asked")
    assert read(authentication(5, b"salt")) == Challenge(method="an MD5 password asked")


@pytest.mark.parametrize(
    ("fields", "sqlstate"),
    [
        pytest.param(
            (
                b"SFATAL",
                b"VFATAL",
                b"C28000",
                b'Mno pg_hba.conf entry for host "10.0.0.1", user "a", database "b", no encryption',
                b"Fauth.c",
                b"L543",
                b"RClientAuthentication",
            ),
            "28000",
            id="no-line-of-pg_hba",
        ),
        pytest.param(
            (b"SFATAL", b"C28000", "M接続を拒否".encode()),
            "28000",
            id="localised",
        ),
        pytest.param((b"SFATAL", b"C53300", b"Mtoo many connections"), "53300", id="full"),
        pytest.param((b"SFATAL", b"C57P03", b"Mstarting up"), "57P03", id="starting"),
        pytest.param((b"SERROR", b"C08P01", b"MSSL required"), "08P01", id="PgBouncer"),
        pytest.param((b"C28000",), "28000", id="nothing-but-the-code"),
        pytest.param((b"MC53300", b"C28000"), "28000", id="code-in-the-message"),
    ],
)
def test_an_error_is_known_by_its_sqlstate_alone(fields: tuple[bytes, ...], sqlstate: str) -> None:
    assert read(error(*fields)) == Refusal(sqlstate=sqlstate)


@pytest.mark.parametrize(
    "fields",
    [(), (b"SFATAL", b"Mno"), (b"C",), (b"C2800",), (b"C280000",), (b"C28 00",), (b"C28\xff00",)],
    ids=repr,
)
def test_an_error_without_a_sqlstate_is_no_reply_of_postgresql(fields: tuple[bytes, ...]) -> None:
    with pytest.raises(NotPostgresError):
        read(error(*fields))


@pytest.mark.parametrize(
    "header",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"R\0\0\0", id="short"),
        pytest.param(b"HTTP/", id="http"),
        pytest.param(b"N\0\0\0\x08", id="notice"),
        pytest.param(b"\x15\x03\x03\0\x02", id="tls-alert"),
        pytest.param(b"EFATA", id="error-of-protocol-2"),
        pytest.param(b"R\0\0\0\x07", id="too-short-for-a-code"),
        pytest.param(b"R\xff\xff\xff\xff", id="negative"),
        pytest.param(b"E\0\0\0\x04", id="empty-error"),
        pytest.param(b"E" + struct.pack("!i", MAX_REPLY_BYTES + 5), id="too-long"),
        pytest.param(b"E\x7f\xff\xff\xff", id="two-gigabytes"),
    ],
)
def test_a_header_that_cannot_be_a_first_replys_is_refused(header: bytes) -> None:
    with pytest.raises(NotPostgresError):
        body_length(header)


@pytest.mark.parametrize("length", [4, MAX_REPLY_BYTES])
def test_a_length_at_its_bound_is_taken(length: int) -> None:
    assert body_length(b"E" + struct.pack("!i", length + 4)) == length


@settings(derandomize=True, max_examples=200, deadline=None)
@given(header=st.binary(max_size=7) | st.binary(min_size=4, max_size=4).map(b"R".__add__))
def test_any_header_gives_a_bounded_length_or_its_own_error(header: bytes) -> None:
    with contextlib.suppress(NotPostgresError):
        assert 4 <= body_length(header) <= MAX_REPLY_BYTES


@settings(derandomize=True, max_examples=300, deadline=None)
@given(kind=st.sampled_from([b"R", b"E"]), body=st.binary(min_size=4, max_size=64))
def test_any_body_gives_a_reply_or_its_own_error(kind: bytes, body: bytes) -> None:
    with contextlib.suppress(NotPostgresError):
        assert isinstance(read(kind + struct.pack("!i", len(body) + 4) + body), Challenge | Refusal)


@pytest.mark.parametrize("body", [b"", b"\0\0\0"], ids=repr)
def test_a_body_that_is_cut_off_gives_its_own_error(body: bytes) -> None:
    with pytest.raises(NotPostgresError):
        parse_reply(b"R\0\0\0\x08", body)
