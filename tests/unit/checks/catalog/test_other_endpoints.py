"""A cluster's other endpoints that a served certificate is not for are told, and its key."""

from dataclasses import replace

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from emulation.pki import Authority, IssuedCertificate
from rds_tls_audit.checks.catalog.certificate_trusted import evaluate
from rds_tls_audit.checks.verdict import Status
from rds_tls_audit.evidence.certificate import MAX_NAMES, read_certificate
from rds_tls_audit.evidence.observation import Certificate, Trust
from tests.support.builders import DOMAIN, days, seen
from tests.support.builders import certificate as example
from tests.support.empty_evidence import blank_case

MEMBER = f"ledger-1.{DOMAIN}"
WRITER, READER = f"ledger.cluster-{DOMAIN}", f"ledger.cluster-ro-{DOMAIN}"
CUSTOM = f"reports.cluster-custom-{DOMAIN}"
AUTHORITY = Authority.create("Local RDS Root CA")


def der(issued: IssuedCertificate) -> bytes:
    return x509.load_pem_x509_certificate(issued.certificate_pem).public_bytes(Encoding.DER)


def served(*names: str, hosts: tuple[str, ...]) -> Certificate:
    leaf = der(AUTHORITY.issue(names, key="ec"))
    return read_certificate(leaf, trust=Trust.VERIFIED, detail="", hosts=hosts, root=None)


@pytest.mark.parametrize(
    ("names", "missing"),
    [
        pytest.param((MEMBER, WRITER, READER), (), id="all"),
        pytest.param((MEMBER,), (WRITER, READER), id="member-alone"),
        pytest.param((MEMBER, WRITER.upper()), (READER,), id="another-case"),
        pytest.param((MEMBER, f"*.cluster-{DOMAIN}"), (READER,), id="wildcard"),
        pytest.param((WRITER, READER), (), id="only-the-others"),
    ],
)
def test_an_endpoint_that_the_certificate_is_not_for_is_told(
    names: tuple[str, ...], missing: tuple[str, ...]
) -> None:
    certificate = served(*names, hosts=(MEMBER, WRITER, READER))

    assert certificate.host == MEMBER
    assert certificate.other_endpoints == missing


def test_an_endpoint_among_names_that_are_not_listed_is_covered_all_the_same() -> None:
    names = [f"n{number}.example.com" for number in range(MAX_NAMES)]

    certificate = served(*names, WRITER, hosts=(MEMBER, WRITER, READER))

    assert WRITER not in certificate.names
    assert certificate.other_endpoints == (READER,)


def test_a_database_without_a_cluster_has_no_other_endpoint() -> None:
    assert served(MEMBER, hosts=(MEMBER,)).other_endpoints == ()


def test_the_endpoints_that_are_missing_are_a_note_and_no_fault() -> None:
    certificate = served(MEMBER, WRITER, hosts=(MEMBER, WRITER, READER, CUSTOM))

    verdict = evaluate(blank_case(certificate=seen(certificate)))

    assert verdict.status is Status.PASSED
    assert "(EC secp256r1)" in verdict.because
    assert f"do not get in by {READER}, {CUSTOM}, which it is not for" in verdict.because


def test_a_certificate_for_all_endpoints_has_no_note() -> None:
    certificate = served(MEMBER, WRITER, hosts=(MEMBER, WRITER))

    assert "note" not in evaluate(blank_case(certificate=seen(certificate))).because


def test_both_notes_are_told_and_many_endpoints_are_cut() -> None:
    missing = tuple(f"custom-{number}.{DOMAIN}" for number in range(10))
    certificate = replace(example(strict_note="it has no AKI"), other_endpoints=missing)

    because = evaluate(blank_case(certificate=seen(certificate))).because

    assert "note: it has no AKI; note: clients" in because
    assert missing[0] in because
    assert len(because) < 700


type Key = (
    rsa.RSAPublicKey | ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey | ed448.Ed448PublicKey
)


def leaf_with(key: Key) -> bytes:
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, MEMBER)])
    builder = x509.CertificateBuilder(
        AUTHORITY.certificate.subject, subject, key, 1, days(-1), days(1)
    )
    return builder.sign(AUTHORITY.key, SHA256()).public_bytes(Encoding.DER)


def told_key(key: Key) -> str:
    leaf = leaf_with(key)
    return read_certificate(leaf, trust=Trust.VERIFIED, detail="", hosts=[MEMBER], root=None).key


@pytest.mark.parametrize(
    ("key", "told"),
    [
        pytest.param(rsa.generate_private_key(65537, 2048).public_key(), "RSA 2048", id="rsa"),
        pytest.param(ec.generate_private_key(ec.SECP256R1()).public_key(), "EC secp256r1", id="ec"),
        pytest.param(
            ec.generate_private_key(ec.SECP384R1()).public_key(), "EC secp384r1", id="ec-384"
        ),
    ],
)
def test_the_key_is_told_by_its_kind_and_its_size(key: Key, told: str) -> None:
    assert told_key(key) == told


@pytest.mark.parametrize(
    ("key", "told"),
    [
        pytest.param(ed25519.Ed25519PrivateKey.generate().public_key(), "ed25519", id="ed25519"),
        pytest.param(ed448.Ed448PrivateKey.generate().public_key(), "ed448", id="ed448"),
    ],
)
def test_a_key_whose_kind_is_its_size_is_told_by_its_kind(key: Key, told: str) -> None:
    assert told_key(key).lower() == told
