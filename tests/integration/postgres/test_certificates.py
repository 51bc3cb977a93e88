"""The certificate of a real server is verified by OpenSSL, for the endpoint's name."""

import contextlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from emulation.pki import IssuedCertificate, RootAuthority
from emulation.postgresql import PostgresServer
from rds_tls_audit.adapters.environment import read_settings
from rds_tls_audit.evidence.certificate import NO_AKI
from rds_tls_audit.evidence.observation import Certificate, Observation, Trust
from rds_tls_audit.fleet.database import Endpoint
from rds_tls_audit.stages.steps.probe_database import probe_database
from rds_tls_audit.wiring.probe import probe_ports
from tests.integration.postgres.probe_helpers import (
    DATABASE,
    FOREVER,
    PHRASE,
    ROLE,
    GivenLogin,
    Prober,
    reason,
    target,
    value,
)
from tests.support.builders import HOST

PATIENCE_SECONDS = 300
NOW = datetime.now(UTC)
DAY = timedelta(days=1)
LAST_WEEK, YESTERDAY, TOMORROW, NEXT_WEEK = NOW - 7 * DAY, NOW - DAY, NOW + DAY, NOW + 7 * DAY


def self_signed(_: RootAuthority) -> IssuedCertificate:
    """A leaf that is its own issuer."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "self")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(YESTERDAY)
        .not_valid_after(NEXT_WEEK)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .sign(key, SHA256())
    )
    return IssuedCertificate(
        certificate_pem=made.public_bytes(Encoding.PEM),
        key_pem=key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateCase:
    """A certificate, and the expected outcome of its verification."""

    issue: Callable[[RootAuthority], IssuedCertificate]
    trust: Trust
    detail: str = ""
    strict_note: str | None = None


CASES = {
    "verified": CertificateCase(issue=lambda ca: ca.issue([HOST]), trust=Trust.VERIFIED),
    "verified, EC key": CertificateCase(
        issue=lambda ca: ca.issue([HOST], key="ec"), trust=Trust.VERIFIED
    ),
    "verified, one of many names": CertificateCase(
        issue=lambda ca: ca.issue([f"n{n}.example.com" for n in range(30)] + [HOST]),
        trust=Trust.VERIFIED,
    ),
    "verified, without key identifier": CertificateCase(
        issue=lambda ca: ca.issue([HOST], with_aki=False),
        trust=Trust.VERIFIED,
        strict_note=NO_AKI,
    ),
    "other name": CertificateCase(
        issue=lambda ca: ca.issue(["billing.example.com"]),
        trust=Trust.NAME_MISMATCH,
        detail="Hostname mismatch",
    ),
    "address in place of the name": CertificateCase(
        issue=lambda ca: ca.issue(["127.0.0.1"]),
        trust=Trust.NAME_MISMATCH,
        detail="Hostname mismatch",
    ),
    "common name only": CertificateCase(
        issue=lambda ca: ca.issue([HOST], with_san=False),
        trust=Trust.NAME_MISMATCH,
        detail="Hostname mismatch",
    ),
    "unknown CA": CertificateCase(
        issue=lambda _: RootAuthority.create("Another CA").issue([HOST]),
        trust=Trust.UNKNOWN_CA,
        detail="unable to get local issuer certificate",
    ),
    "unknown CA of the same name": CertificateCase(
        issue=lambda _: RootAuthority.create("Local RDS Root CA").issue([HOST]),
        trust=Trust.UNKNOWN_CA,
        detail="unable to get local issuer certificate",
    ),
    "unknown CA, without key identifier": CertificateCase(
        issue=lambda _: RootAuthority.create("Local RDS Root CA").issue([HOST], with_aki=False),
        trust=Trust.OTHER_FAILURE,
        detail="certificate signature failure",
    ),
    "expired": CertificateCase(
        issue=lambda ca: ca.issue([HOST], not_before=LAST_WEEK, not_after=YESTERDAY),
        trust=Trust.EXPIRED,
        detail="certificate has expired",
    ),
    "not yet valid": CertificateCase(
        issue=lambda ca: ca.issue([HOST], not_before=TOMORROW, not_after=NEXT_WEEK),
        trust=Trust.NOT_YET_VALID,
        detail="certificate is not yet valid",
    ),
    "self-signed": CertificateCase(
        issue=self_signed, trust=Trust.UNKNOWN_CA, detail="self-signed certificate"
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Probed:
    """A server with a certificate, and the observation of it."""

    server: PostgresServer
    observation: Observation


@pytest.fixture(scope="module")
def probed(authority: RootAuthority, prober: Prober) -> Iterator[dict[str, Probed]]:
    """A server with each of these certificates."""

    def probe(case: CertificateCase) -> Probed:
        server = PostgresServer(
            hba=["hostssl all all 127.0.0.1/32 scram-sha-256"],
            certificate=case.issue(authority),
            setup_sql=[f"CREATE ROLE {ROLE} LOGIN PASSWORD '{PHRASE}'"],
        )
        stack.enter_context(server)
        return Probed(server=server, observation=prober.probe(server.port))

    with contextlib.ExitStack() as stack, ThreadPoolExecutor(4) as pool:
        seen = pool.map(probe, CASES.values(), timeout=PATIENCE_SECONDS)
        yield dict(zip(CASES, seen, strict=True))


def certificate_of(probed: dict[str, Probed], kind: str) -> Certificate:
    return value(probed[kind].observation.certificate)


@pytest.mark.parametrize("kind", CASES)
def test_a_certificate_has_the_outcome_of_its_verification(
    probed: dict[str, Probed], kind: str
) -> None:
    case, certificate = CASES[kind], certificate_of(probed, kind)
    assert certificate.trust is case.trust
    assert certificate.detail.startswith(case.detail)
    assert bool(certificate.detail) is (case.trust is not Trust.VERIFIED)
    assert certificate.host == HOST


@pytest.mark.parametrize("kind", CASES)
def test_the_probe_logs_in_only_if_the_certificate_verifies(
    probed: dict[str, Probed], kind: str
) -> None:
    login = probed[kind].observation.login
    if CASES[kind].trust is Trust.VERIFIED:
        assert value(login).role == ROLE
    else:
        assert "did not log in" in reason(login)
        assert CASES[kind].detail in reason(login)


@pytest.mark.parametrize("kind", CASES)
def test_the_wire_is_observed_whatever_the_certificate(
    probed: dict[str, Probed], kind: str
) -> None:
    observation = probed[kind].observation
    assert value(observation.plaintext).accepted is False
    assert value(observation.legacy_tls).accepted is False


@pytest.mark.parametrize("kind", ["verified", "verified, without key identifier", "other name"])
def test_a_defect_that_only_strict_verifiers_refuse_is_a_note(
    probed: dict[str, Probed], kind: str
) -> None:
    assert certificate_of(probed, kind).strict_note == CASES[kind].strict_note


def test_the_dates_are_those_of_the_server_certificate_verified_or_not(
    probed: dict[str, Probed],
) -> None:
    expired = certificate_of(probed, "expired")
    assert (expired.not_before, expired.not_after) == (
        LAST_WEEK.replace(microsecond=0),
        YESTERDAY.replace(microsecond=0),
    )
    assert expired.authority_not_after is None


def test_the_end_of_the_root_is_known_if_the_certificate_verifies(
    probed: dict[str, Probed], authority: RootAuthority
) -> None:
    certificate = certificate_of(probed, "verified")
    assert certificate.authority_not_after == authority.certificate.not_valid_after_utc
    assert "Local RDS Root CA" in certificate.issuer
    assert certificate.names == (HOST,)


def test_many_names_are_cut_off_and_counted(probed: dict[str, Probed]) -> None:
    names = certificate_of(probed, "verified, one of many names").names
    assert (len(names), names[-1]) == (21, "and 11 more")


def test_the_certificate_is_verified_for_the_endpoint_not_for_the_tunnel(
    probed: dict[str, Probed], prober: Prober
) -> None:
    port = probed["verified"].server.port
    tunneled = value(prober.probe(port).certificate)
    assert (tunneled.trust, tunneled.host) == (Trust.VERIFIED, HOST)
    elsewhere = replace(DATABASE, endpoint=Endpoint(address="localhost", port=port))
    certificate = value(prober.probe(port, elsewhere).certificate)
    assert (certificate.trust, certificate.host) == (Trust.NAME_MISMATCH, "localhost")


def test_without_a_tunnel_the_probe_connects_to_the_endpoint(
    probed: dict[str, Probed], prober: Prober
) -> None:
    port = probed["address in place of the name"].server.port
    endpoint = Endpoint(address="127.0.0.1", port=port)
    direct = replace(target(port, replace(DATABASE, endpoint=endpoint)), dial=None)
    certificate = value(probe_database(direct, prober.settings, prober.ports()).certificate)
    assert (certificate.trust, certificate.host) == (Trust.VERIFIED, "127.0.0.1")


def test_the_default_bundle_loads_and_does_not_trust_the_test_ca(
    probed: dict[str, Probed],
) -> None:
    settings = read_settings({})
    ports = replace(probe_ports(settings, FOREVER), credentials=GivenLogin(None, PHRASE))
    seen = probe_database(target(probed["verified"].server.port), settings, ports)
    assert value(seen.certificate).trust is Trust.UNKNOWN_CA


def test_the_error_names_a_bundle_that_does_not_exist(tmp_path: Path) -> None:
    missing = tmp_path / "missing.pem"
    with pytest.raises(ValueError, match=r"missing\.pem cannot be loaded; set RDS_CA_BUNDLE"):
        probe_ports(read_settings({"RDS_CA_BUNDLE": str(missing)}), FOREVER)


@pytest.mark.parametrize("content", [b"", b"no certificate", b"\x00\xff" * 100])
def test_the_error_names_a_bundle_without_certificates(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "odd.pem"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"odd\.pem cannot be loaded"):
        probe_ports(read_settings({"RDS_CA_BUNDLE": str(path)}), FOREVER)


def test_a_certificate_of_an_expired_root_is_expired(
    tmp_path: Path, authority: RootAuthority
) -> None:
    expired = RootAuthority.create("Last decade's CA", not_before=LAST_WEEK, not_after=YESTERDAY)
    path = tmp_path / "roots.pem"
    path.write_bytes(authority.certificate_pem + expired.certificate_pem)
    served = expired.issue([HOST])
    with PostgresServer(hba=["hostssl all all all trust"], certificate=served) as server:
        certificate = value(Prober(bundle=path).probe(server.port).certificate)
    assert certificate.trust is Trust.EXPIRED
    assert certificate.not_after > datetime.now(UTC)
