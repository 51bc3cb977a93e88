"""A server certificate is read whether it verifies or not, whatever it contains."""

from datetime import UTC, datetime, timedelta

import pytest
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given, settings
from hypothesis import strategies as st

from emulation.pki import IssuedCertificate, RootAuthority
from rds_tls_audit.evidence.certificate import UnreadableCertificateError, read_certificate
from rds_tls_audit.evidence.observation import Certificate, Trust

HOST = "orders-prod.c9akciq32rgw.eu-central-1.rds.amazonaws.com"
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
END = datetime(2027, 1, 1, tzinfo=UTC)
AUTHORITY_END = datetime(2061, 5, 1, tzinfo=UTC)
AUTHORITY = RootAuthority.create("Local RDS Root CA", not_before=BEGIN, not_after=AUTHORITY_END)
ROOT = AUTHORITY.certificate.public_bytes(Encoding.DER)


def der(issued: IssuedCertificate) -> bytes:
    return x509.load_pem_x509_certificate(issued.certificate_pem).public_bytes(Encoding.DER)


LEAF = der(AUTHORITY.issue([HOST], not_before=BEGIN, not_after=END, key="ec"))


def read(leaf: bytes, *, root: bytes | None = None, detail: str = "") -> Certificate:
    return read_certificate(leaf, trust=Trust.VERIFIED, detail=detail, hosts=[HOST], root=root)


def tlv(tag: int, content: bytes) -> bytes:
    return bytes([tag, 0x82]) + len(content).to_bytes(2) + content


def ending(text: bytes) -> bytes:
    """Return the leaf with another end date, as an ASN.1 GeneralizedTime."""
    certificate = asn1.Certificate.load(LEAF)
    signed = certificate["tbs_certificate"]
    validity = tlv(0x30, signed["validity"]["not_before"].dump() + tlv(0x18, text))
    parts = [validity if name == "validity" else signed[name].dump() for name in signed]
    signature = (certificate[name].dump() for name in ("signature_algorithm", "signature_value"))
    return tlv(0x30, tlv(0x30, b"".join(parts)) + b"".join(signature))


def test_a_certificate_is_read_with_its_names_and_dates() -> None:
    certificate = read(LEAF, root=ROOT)

    assert (certificate.trust, certificate.host, certificate.detail) == (Trust.VERIFIED, HOST, "")
    assert HOST in certificate.subject
    assert "Local RDS Root CA" in certificate.issuer
    assert certificate.names == (HOST,)
    assert (certificate.not_before, certificate.not_after) == (BEGIN, END)
    assert certificate.authority_not_after == AUTHORITY_END
    assert certificate.strict_note is None


@pytest.mark.parametrize("key", ["ec", "rsa"])
def test_the_kind_of_key_does_not_matter(key: str) -> None:
    served = AUTHORITY.issue([HOST], key="ec" if key == "ec" else "rsa")

    assert read(der(served)).names == (HOST,)


def test_an_expired_certificate_is_also_read() -> None:
    ended = BEGIN + timedelta(days=1)
    served = AUTHORITY.issue([HOST], not_before=BEGIN, not_after=ended, key="ec")

    certificate = read_certificate(
        der(served), trust=Trust.EXPIRED, detail="certificate has expired", hosts=[HOST], root=None
    )

    assert (certificate.trust, certificate.not_after) == (Trust.EXPIRED, ended)
    assert certificate.detail == "certificate has expired"
    assert certificate.authority_not_after is None


def test_a_defect_that_only_strict_verifiers_refuse_is_a_note() -> None:
    note = read(der(AUTHORITY.issue([HOST], with_aki=False, key="ec"))).strict_note

    assert note
    assert "Authority Key Identifier" in note


def test_a_certificate_without_names_has_none() -> None:
    assert read(der(AUTHORITY.issue([HOST], with_san=False, key="ec"))).names == ()


def test_ip_addresses_are_also_names() -> None:
    served = AUTHORITY.issue([HOST, "127.0.0.1", "::1"], key="ec")

    assert read(der(served)).names == (HOST, "127.0.0.1", "::1")


@pytest.mark.parametrize(
    ("number", "last"), [(20, "n19.example.com"), (21, "and 1 more"), (70, "and 50 more")]
)
def test_a_long_list_of_names_is_cut_off_and_counted(number: int, last: str) -> None:
    served = AUTHORITY.issue([f"n{index}.example.com" for index in range(number)], key="ec")

    names = read(der(served)).names

    assert len(names) == min(number, 21)
    assert names[-1] == last


def test_text_of_a_certificate_is_escaped() -> None:
    served = AUTHORITY.issue([HOST], common_name="evil\x1b[31m\nname", key="ec")

    certificate = read(der(served), detail="a\nb")

    assert certificate.subject.isprintable()
    assert "evil" in certificate.subject
    assert certificate.detail == "a\\nb"


@pytest.mark.parametrize(
    ("text", "end"),
    [
        (b"20500101000000Z", datetime(2050, 1, 1, tzinfo=UTC)),
        (b"99991231235959Z", datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)),
        (b"20500101000000+0530", datetime(2049, 12, 31, 18, 30, tzinfo=UTC)),
    ],
    ids=["2050", "no-end", "zone"],
)
def test_an_end_date_in_another_notation_is_the_same_time(text: bytes, end: datetime) -> None:
    assert read(ending(text)).not_after == end


@pytest.mark.parametrize("text", [b"", b"2050", b"20501301000000Z", b"20500101000000+9999"])
def test_a_certificate_with_an_invalid_end_date_is_refused(text: bytes) -> None:
    with pytest.raises(UnreadableCertificateError):
        read(ending(text))


@pytest.mark.parametrize(
    "text",
    [b"20500101000000", b"00000101000000Z", b"99991231235959.9999999Z"],
    ids=["without-a-zone", "year-0", "past-the-last-moment"],
)
def test_a_certificate_with_an_end_date_that_cannot_be_compared_is_refused(text: bytes) -> None:
    with pytest.raises(UnreadableCertificateError):
        read(ending(text))


@pytest.mark.parametrize(
    "garbage",
    [b"", b"\x30", b"\x30\x00", b"garbage", LEAF[:-1], LEAF[:100], b"\x30\x80" * 3000],
    ids=["empty", "tag", "empty-sequence", "text", "one-less", "half", "nested"],
)
def test_garbage_is_not_a_certificate(garbage: bytes) -> None:
    with pytest.raises(UnreadableCertificateError, match="cannot be parsed"):
        read(garbage)
    with pytest.raises(UnreadableCertificateError):
        read(LEAF, root=garbage)


def assert_read_or_refused(leaf: bytes) -> None:
    try:
        certificate = read(leaf)
    except UnreadableCertificateError:
        return
    texts = (certificate.subject, certificate.issuer, *certificate.names)
    assert all(text.isprintable() for text in texts)


@settings(derandomize=True, max_examples=300, deadline=None)
@given(garbage=st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(garbage: bytes) -> None:
    assert_read_or_refused(garbage)


@pytest.mark.thorough
@settings(derandomize=True, max_examples=600, deadline=None)
@given(
    changes=st.lists(
        st.tuples(st.integers(0, len(LEAF) - 1), st.integers(0, 255)), min_size=1, max_size=4
    )
)
def test_any_damage_to_a_certificate_is_read_or_refused(changes: list[tuple[int, int]]) -> None:
    damaged = bytearray(LEAF)
    for place, value in changes:
        damaged[place] = value

    assert_read_or_refused(bytes(damaged))
