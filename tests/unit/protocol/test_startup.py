"""PostgreSQL's first replies are parsed as documented; anything else is refused."""

import contextlib
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rds_tls_audit.protocol.startup import (
    SSL_REQUEST,
    Challenge,
    NotPostgresError,
    Refusal,
    Reply,
    build_startup_message,
    parse_reply,
    read_body_length,
)


def authentication(code: int, rest: bytes = b"") -> bytes:
    return b"R" + struct.pack("!ii", 8 + len(rest), code) + rest


def error(*fields: bytes) -> bytes:
    body = b"".join(field + b"\0" for field in fields) + b"\0"
    return b"E" + struct.pack("!i", 4 + len(body)) + body


def read(reply: bytes) -> Reply:
    """Read a reply as the adapter does: a header, then as many bytes as it names."""
    length = read_body_length(reply[:5])
    body = reply[5 : 5 + length]
    assert len(body) == length
    return parse_reply(reply[:5], body)


def test_the_request_for_tls_is_the_documented_one() -> None:
    assert struct.unpack("!ihh", SSL_REQUEST) == (8, 1234, 5679)


def test_the_startup_message_names_a_role_and_a_database() -> None:
    assert build_startup_message("größe", "postgres") == (
        b"\0\0\0\x28\0\x03\0\0user\0gr\xc3\xb6\xc3\x9fe\0database\0postgres\0\0"
    )


@settings(derandomize=True, max_examples=50, deadline=None)
@given(user=st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])))
def test_the_startup_message_contains_its_own_length(user: str) -> None:
    message = build_startup_message(user, "postgres")

    assert struct.unpack("!i", message[:4]) == (len(message),)
    assert message.endswith(b"\0\0")


@pytest.mark.parametrize(
    ("code", "method"),
    [
        (0, "no credentials"),
        (2, "Kerberos authentication"),
        (3, "cleartext password authentication"),
        (5, "MD5 authentication"),
        (7, "GSSAPI authentication"),
        (9, "SSPI authentication"),
        (10, "SCRAM authentication"),
        (99, "authentication method 99"),
        (-1, "authentication method -1"),
    ],
)
def test_an_authentication_request_is_a_challenge(code: int, method: str) -> None:
    assert read(authentication(code)) == Challenge(method=method)


def test_the_data_after_the_method_is_ignored() -> None:
    assert read(authentication(10, b"SCRAM-SHA-256\0\0")) == Challenge(
        method="SCRAM authentication"
    )
    assert read(authentication(5, b"salt")) == Challenge(method="MD5 authentication")


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
            id="localized",
        ),
        pytest.param((b"SFATAL", b"C53300", b"Mtoo many connections"), "53300", id="full"),
        pytest.param((b"SFATAL", b"C57P03", b"Mstarting up"), "57P03", id="starting"),
        pytest.param((b"SERROR", b"C08P01", b"MSSL required"), "08P01", id="PgBouncer"),
        pytest.param((b"C28000",), "28000", id="nothing-but-the-code"),
        pytest.param((b"MC53300", b"C28000"), "28000", id="code-in-the-message"),
    ],
)
def test_an_error_is_identified_by_its_sqlstate_alone(
    fields: tuple[bytes, ...], sqlstate: str
) -> None:
    assert read(error(*fields)) == Refusal(sqlstate=sqlstate)


@pytest.mark.parametrize(
    "fields",
    [(), (b"SFATAL", b"Mno"), (b"C",), (b"C2800",), (b"C280000",), (b"C28 00",), (b"C28\xff00",)],
    ids=repr,
)
def test_an_error_without_a_sqlstate_is_refused(fields: tuple[bytes, ...]) -> None:
    with pytest.raises(NotPostgresError):
        read(error(*fields))


@settings(derandomize=True, max_examples=300, deadline=None)
@given(kind=st.sampled_from([b"R", b"E"]), body=st.binary(min_size=4, max_size=64))
def test_any_body_gives_a_reply_or_the_error(kind: bytes, body: bytes) -> None:
    with contextlib.suppress(NotPostgresError):
        assert isinstance(read(kind + struct.pack("!i", len(body) + 4) + body), Challenge | Refusal)


@pytest.mark.parametrize("body", [b"", b"\0\0\0"], ids=repr)
def test_an_incomplete_body_is_refused(body: bytes) -> None:
    with pytest.raises(NotPostgresError):
        parse_reply(b"R\0\0\0\x08", body)
