"""A ClientHello offers what it should and nothing else; the reply to it is parsed as documented."""

import contextlib
import struct
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rds_tls_audit.protocol.client_hello import (
    LEGACY,
    WEAK_SUITES,
    NotTlsError,
    Offer,
    OfferAccepted,
    OfferRefused,
    OfferReply,
    build_client_hello,
    parse_server_reply,
    read_record_length,
)

HOST = "orders-prod.c9akciq32rgw.eu-central-1.rds.amazonaws.com"
RANDOM = bytes(range(32))
SCSV = 0x00FF
SERVER_NAME, GROUPS, POINT_FORMATS, SIGNATURES = 0, 10, 11, 13
OFFERS = {"legacy": LEGACY, "weak-suites": WEAK_SUITES}


class Reader:
    """Reads a message from its beginning."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def take(self, size: int) -> bytes:
        assert size <= len(self._data), "a length is more than the remaining bytes"
        part, self._data = self._data[:size], self._data[size:]
        return part

    def number(self, size: int) -> int:
        return int.from_bytes(self.take(size))

    def vector(self, size_of_length: int) -> "Reader":
        return Reader(self.take(self.number(size_of_length)))

    def numbers(self, size: int) -> list[int]:
        found = []
        while self._data:
            found.append(self.number(size))
        return found

    def ended(self) -> bool:
        return not self._data


@dataclass(frozen=True, slots=True, kw_only=True)
class Hello:
    """The content of a ClientHello, as a server reads it."""

    record_version: int
    version: int
    random: bytes
    suites: list[int]
    extensions: dict[int, bytes]


def parse(record: bytes) -> Hello:
    """Parse a ClientHello by RFC 5246, sections 6.2.1 and 7.4.1.2."""
    outer = Reader(record)
    assert outer.number(1) == 22
    record_version = outer.number(2)
    fragment = outer.vector(2)
    assert outer.ended()
    assert fragment.number(1) == 1
    body = fragment.vector(3)
    assert fragment.ended()
    version, random = body.number(2), body.take(32)
    assert body.vector(1).ended(), "no session is resumed"
    suites = body.vector(2).numbers(2)
    assert body.vector(1).numbers(1) == [0], "no compression"
    listed = body.vector(2)
    assert body.ended()
    extensions = {}
    while not listed.ended():
        kind = listed.number(2)
        assert kind not in extensions
        extensions[kind] = listed.take(listed.number(2))
    return Hello(
        record_version=record_version,
        version=version,
        random=random,
        suites=suites,
        extensions=extensions,
    )


def server_name(hello: Hello) -> str | None:
    """Return the name in the server_name extension (RFC 6066, section 3)."""
    if SERVER_NAME not in hello.extensions:
        return None
    reader = Reader(hello.extensions[SERVER_NAME])
    names = reader.vector(2)
    assert reader.ended()
    assert names.number(1) == 0
    name = names.take(names.number(2)).decode()
    assert names.ended()
    return name


@pytest.mark.parametrize("offer", OFFERS.values(), ids=OFFERS)
def test_a_hello_offers_the_suites_of_its_offer_and_no_others(offer: Offer) -> None:
    hello = parse(build_client_hello(offer, HOST, RANDOM))

    assert set(hello.suites) - {SCSV} == set(offer.suites)
    assert len(hello.suites) == len(set(hello.suites))
    assert SCSV in hello.suites
    assert hello.random == RANDOM


@pytest.mark.parametrize(
    ("offer", "version"), [(LEGACY, 0x0302), (WEAK_SUITES, 0x0303)], ids=OFFERS
)
def test_a_hello_offers_its_version_in_a_record_that_every_server_accepts(
    offer: Offer, version: int
) -> None:
    hello = parse(build_client_hello(offer, HOST, RANDOM))

    assert hello.version == version
    assert hello.record_version == 0x0301
    assert 43 not in hello.extensions, "supported_versions would offer another version"


def test_elliptic_curve_suites_come_with_the_groups_and_formats_they_need() -> None:
    hello = parse(build_client_hello(LEGACY, HOST, RANDOM))

    groups = Reader(hello.extensions[GROUPS]).vector(2).numbers(2)
    signatures = Reader(hello.extensions[SIGNATURES]).vector(2).numbers(2)
    assert {0x001D, 0x0017, 0x0018} <= set(groups)
    assert {0x0201, 0x0401, 0x0403} <= set(signatures)
    assert hello.extensions[POINT_FORMATS] == b"\x01\x00"


@pytest.mark.parametrize("host", [HOST, "localhost", "a", "10.0.0.1.example.com"])
def test_a_host_name_is_sent(host: str) -> None:
    assert server_name(parse(build_client_hello(LEGACY, host, RANDOM))) == host


@pytest.mark.parametrize("host", ["10.0.0.1", "127.0.0.1", "::1", "2001:db8::7"])
def test_an_ip_address_is_not_sent(host: str) -> None:
    assert server_name(parse(build_client_hello(LEGACY, host, RANDOM))) is None


@settings(derandomize=True, max_examples=60, deadline=None)
@given(
    suites=st.sets(st.integers(0, 0xFFFF).filter(SCSV.__ne__), min_size=1, max_size=200),
    version=st.sampled_from([0x0300, 0x0301, 0x0302, 0x0303]),
    host=st.from_regex(r"[a-z0-9]([a-z0-9.-]{0,80}[a-z])?", fullmatch=True).filter(
        lambda text: not text.isdigit()
    ),
    random=st.binary(min_size=32, max_size=32),
)
def test_any_offer_gives_a_hello_with_consistent_lengths(
    suites: set[int], version: int, host: str, random: bytes
) -> None:
    offer = Offer(version=version, suites=dict.fromkeys(suites, "NAME"))

    hello = parse(build_client_hello(offer, host, random))

    assert set(hello.suites) - {SCSV} == suites
    assert (hello.version, hello.random) == (version, random)
    assert server_name(hello) == host


@pytest.mark.parametrize(
    "suite", [0x0009, 0x0003, 0x0006, 0x000A, 0x0018, 0x0004, 0x0005, 0x0001, 0xC015], ids=hex
)
def test_both_offers_contain_the_weak_suites_of_tls_1_0(suite: int) -> None:
    assert suite in LEGACY.suites
    assert suite in WEAK_SUITES.suites


@pytest.mark.parametrize("suite", [0x002F, 0x0035, 0xC013, 0xC014, 0x0033], ids=hex)
def test_a_strong_suite_is_offered_only_with_an_old_version(suite: int) -> None:
    assert suite in LEGACY.suites
    assert suite not in WEAK_SUITES.suites


def record(content: bytes, *, kind: int = 22, version: int = 0x0303) -> bytes:
    return struct.pack("!BHH", kind, version, len(content)) + content


def alert(description: int, level: int = 2) -> bytes:
    return record(bytes([level, description]), kind=21)


def server_hello(
    suite: int, *, version: int = 0x0302, session_id: bytes = b"", kind: int = 2
) -> bytes:
    body = struct.pack("!H", version) + RANDOM + bytes([len(session_id)]) + session_id
    body += struct.pack("!H", suite) + b"\0"
    return record(bytes([kind]) + len(body).to_bytes(3) + body)


def read(offer: Offer, reply: bytes) -> OfferReply:
    """Read a reply as the adapter does: a header, then as many bytes as it names."""
    length = read_record_length(reply[:5])
    return parse_server_reply(offer, reply[:5], reply[5 : 5 + length])


@pytest.mark.parametrize(
    ("offer", "reply", "accepted"),
    [
        pytest.param(
            LEGACY,
            server_hello(0xC014),
            OfferAccepted(version="TLSv1.1", suite="ECDHE-RSA-AES256-SHA"),
            id="TLS-1.1",
        ),
        pytest.param(
            LEGACY,
            server_hello(0x002F, version=0x0301, session_id=b"s" * 32),
            OfferAccepted(version="TLSv1", suite="AES128-SHA"),
            id="TLS-1.0-with-a-session",
        ),
        pytest.param(
            LEGACY,
            server_hello(0x0005, version=0x0300),
            OfferAccepted(version="SSLv3", suite="RC4-SHA"),
            id="SSL-3",
        ),
        pytest.param(
            WEAK_SUITES,
            server_hello(0x000A, version=0x0303),
            OfferAccepted(version="TLSv1.2", suite="DES-CBC3-SHA"),
            id="3DES",
        ),
        pytest.param(
            WEAK_SUITES,
            server_hello(0x003B, version=0x0303) + record(b"more"),
            OfferAccepted(version="TLSv1.2", suite="NULL-SHA256"),
            id="NULL-with-more-to-come",
        ),
    ],
)
def test_a_server_hello_accepts_the_offer(
    offer: Offer, reply: bytes, accepted: OfferAccepted
) -> None:
    assert read(offer, reply) == accepted


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (alert(70), "TLS alert 70: protocol version not supported"),
        (alert(40), "TLS alert 40: no cipher suite in common"),
        (alert(40, level=1), "TLS alert 40: no cipher suite in common"),
    ],
    ids=["version", "suites", "suites-as-a-warning"],
)
@pytest.mark.parametrize("offer", OFFERS.values(), ids=OFFERS)
def test_two_alerts_refuse_the_offer(offer: Offer, reply: bytes, why: str) -> None:
    assert read(offer, reply) == OfferRefused(reason=why)


@pytest.mark.parametrize(
    "reply",
    [
        *(
            pytest.param(alert(description), id=f"alert-{description}")
            for description in (0, 10, 20, 47, 71, 80, 86, 112)
        ),
        pytest.param(record(b"\x02\x28\x00", kind=21), id="alert-of-three-bytes"),
        pytest.param(record(bytes(40), kind=21), id="encrypted-alert"),
        pytest.param(server_hello(0x1301), id="suite-not-offered"),
        pytest.param(server_hello(0x00FF), id="the-signaling-value-is-not-a-suite"),
        pytest.param(server_hello(0x002F, version=0x0303), id="version-above-the-offer"),
        pytest.param(server_hello(0x002F, version=0x0200), id="version-below-all"),
        pytest.param(server_hello(0x002F, kind=1), id="client-hello"),
        pytest.param(server_hello(0x002F, session_id=b"s" * 32)[:60], id="incomplete"),
        pytest.param(record(b"\x02\x00"), id="two-bytes"),
    ],
)
def test_anything_else_neither_accepts_nor_refuses(reply: bytes) -> None:
    with pytest.raises(NotTlsError):
        read(LEGACY, reply)


@settings(derandomize=True, max_examples=300, deadline=None)
@given(
    offer=st.sampled_from([LEGACY, WEAK_SUITES]),
    kind=st.sampled_from([21, 22]),
    content=st.binary(min_size=2, max_size=100)
    | st.binary(min_size=2, max_size=60).map(lambda rest: server_hello(0x002F)[5:12] + rest),
)
def test_any_record_gives_a_reply_or_the_error(offer: Offer, kind: int, content: bytes) -> None:
    with contextlib.suppress(NotTlsError):
        assert isinstance(read(offer, record(content, kind=kind)), OfferAccepted | OfferRefused)


def test_an_incomplete_handshake_record_is_refused() -> None:
    for size in range(5, len(server_hello(0x002F)) - 1):
        with pytest.raises(NotTlsError):
            read(LEGACY, server_hello(0x002F)[:size])


def test_an_alert_without_a_body_is_refused() -> None:
    with pytest.raises(NotTlsError):
        read(LEGACY, alert(70)[:5])
