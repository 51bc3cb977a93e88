"""The verdict names the key of a served certificate, and the endpoints it is not valid for."""

from dataclasses import replace

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from emulation.pki import IssuedCertificate, RootAuthority
from rds_tls_audit.checks.catalog.certificate_trusted import evaluate
from rds_tls_audit.checks.verdict import Status
from rds_tls_audit.evidence.certificate import MAX_NAMES, read_certificate
from rds_tls_audit.evidence.observation import Certificate, Trust
from tests.support.builders import DOMAIN, days, seen
from tests.support.builders import certificate as example
from tests.support.empty_evidence import empty_evidence

MEMBER = f"ledger-1.{DOMAIN}"
WRITER, READER = f"ledger.cluster-{DOMAIN}", f"ledger.cluster-ro-{DOMAIN}"
CUSTOM = f"reports.cluster-custom-{DOMAIN}"
AUTHORITY = RootAuthority.create("Local RDS Root CA")


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
def test_the_endpoints_that_the_certificate_is_not_valid_for_are_collected(
    names: tuple[str, ...], missing: tuple[str, ...]
) -> None:
    certificate = served(*names, hosts=(MEMBER, WRITER, READER))

    assert certificate.host == MEMBER
    assert certificate.other_endpoints == missing


def test_the_certificate_is_valid_for_an_endpoint_beyond_the_names_that_are_kept() -> None:
    names = [f"n{number}.example.com" for number in range(MAX_NAMES)]

    certificate = served(*names, WRITER, hosts=(MEMBER, WRITER, READER))

    assert WRITER not in certificate.names
    assert certificate.other_endpoints == (READER,)


def test_a_database_without_a_cluster_has_no_other_endpoint() -> None:
    assert served(MEMBER, hosts=(MEMBER,)).other_endpoints == ()


def test_endpoints_that_the_certificate_is_not_valid_for_are_a_note_and_not_a_failure() -> None:
    certificate = served(MEMBER, WRITER, hosts=(MEMBER, WRITER, READER, CUSTOM))

    verdict = evaluate(empty_evidence(certificate=seen(certificate)))

    assert verdict.status is Status.PASSED
    assert "EC secp256r1" in verdict.because
    assert f"note: the certificate is not valid for {READER}, {CUSTOM}," in verdict.because


def test_a_certificate_for_all_endpoints_has_no_note() -> None:
    certificate = served(MEMBER, WRITER, hosts=(MEMBER, WRITER))

    assert "note" not in evaluate(empty_evidence(certificate=seen(certificate))).because


def test_both_notes_are_included_and_a_long_list_of_endpoints_is_truncated() -> None:
    uncovered = tuple(f"custom-{number}.{DOMAIN}" for number in range(10))
    certificate = replace(
        example(strict_note="strict clients refuse it"), other_endpoints=uncovered
    )

    because = evaluate(empty_evidence(certificate=seen(certificate))).because

    assert because.count("note: ") == 2
    assert "strict clients refuse it" in because
    assert uncovered[0] in because
    assert uncovered[-1] not in because
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


def described_key(key: Key) -> str:
    leaf = leaf_with(key)
    return read_certificate(leaf, trust=Trust.VERIFIED, detail="", hosts=[MEMBER], root=None).key


@pytest.mark.parametrize(
    ("key", "description"),
    [
        pytest.param(rsa.generate_private_key(65537, 2048).public_key(), "RSA 2048", id="rsa"),
        pytest.param(ec.generate_private_key(ec.SECP256R1()).public_key(), "EC secp256r1", id="ec"),
        pytest.param(
            ec.generate_private_key(ec.SECP384R1()).public_key(), "EC secp384r1", id="ec-384"
        ),
    ],
)
def test_a_key_is_described_by_its_kind_and_size(key: Key, description: str) -> None:
    assert described_key(key) == description


@pytest.mark.parametrize(
    ("key", "description"),
    [
        pytest.param(ed25519.Ed25519PrivateKey.generate().public_key(), "ed25519", id="ed25519"),
        pytest.param(ed448.Ed448PrivateKey.generate().public_key(), "ed448", id="ed448"),
    ],
)
def test_a_key_whose_kind_has_one_size_is_described_by_its_kind(key: Key, description: str) -> None:
    assert described_key(key).lower() == description
