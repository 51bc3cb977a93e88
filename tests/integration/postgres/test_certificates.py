"""The certificate of a real server is told as OpenSSL judges it, for the endpoint's name."""

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

from emulation.pki import Authority, IssuedCertificate
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


def self_signed(_: Authority) -> IssuedCertificate:
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
class Case:
    """A certificate, and what comes of verifying it."""

    issue: Callable[[Authority], IssuedCertificate]
    trust: Trust
    detail: str = ""
    strict_note: str | None = None


CASES = {
    "verified": Case(issue=lambda ca: ca.issue([HOST]), trust=Trust.VERIFIED),
    "verified, EC key": Case(issue=lambda ca: ca.issue([HOST], key="ec"), trust=Trust.VERIFIED),
    "verified, one of many names": Case(
        issue=lambda ca: ca.issue([f"n{n}.example.com" for n in range(30)] + [HOST]),
        trust=Trust.VERIFIED,
    ),
    "verified, without key identifier": Case(
        issue=lambda ca: ca.issue([HOST], with_aki=False),
        trust=Trust.VERIFIED,
        strict_note=NO_AKI,
    ),
    "other name": Case(
        issue=lambda ca: ca.issue(["billing.example.com"]),
        trust=Trust.NAME_MISMATCH,
        detail="Hostname mismatch",
    ),
    "address in place of the name": Case(
        issue=lambda ca: ca.issue(["127.0.0.1"]),
        trust=Trust.NAME_MISMATCH,
        detail="Hostname mismatch",
    ),
    "common name only": Case(
        issue=lambda ca: ca.issue([HOST], with_san=False),
        trust=Trust.NAME_MISMATCH,
        detail="Hostname mismatch",
    ),
    "unknown CA": Case(
        issue=lambda _: Authority.create("Somebody else's CA").issue([HOST]),
        trust=Trust.UNKNOWN_CA,
        detail="unable to get local issuer certificate",
    ),
    "unknown CA of the same name": Case(
        issue=lambda _: Authority.create("Local RDS Root CA").issue([HOST]),
        trust=Trust.UNKNOWN_CA,
        detail="unable to get local issuer certificate",
    ),
    "unknown CA, without key identifier": Case(
        issue=lambda _: Authority.create("Local RDS Root CA").issue([HOST], with_aki=False),
        trust=Trust.OTHER_FAILURE,
        detail="certificate signature failure",
    ),
    "expired": Case(
        issue=lambda ca: ca.issue([HOST], not_before=LAST_WEEK, not_after=YESTERDAY),
        trust=Trust.EXPIRED,
        detail="certificate has expired",
    ),
    "not yet valid": Case(
        issue=lambda ca: ca.issue([HOST], not_before=TOMORROW, not_after=NEXT_WEEK),
        trust=Trust.NOT_YET_VALID,
        detail="certificate is not yet valid",
    ),
    "self-signed": Case(
        issue=self_signed, trust=Trust.UNKNOWN_CA, detail="self-signed certificate"
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """A server with a certificate, and what was seen of it."""

    server: PostgresServer
    observation: Observation


@pytest.fixture(scope="module")
def looked(authority: Authority, eye: Prober) -> Iterator[dict[str, Looked]]:
    """A server with each of these certificates."""

    def look(case: Case) -> Looked:
        server = PostgresServer(
            hba=["hostssl all all 127.0.0.1/32 scram-sha-256"],
            certificate=case.issue(authority),
            setup_sql=[f"CREATE ROLE {ROLE} LOGIN PASSWORD '{PHRASE}'"],
        )
        stack.enter_context(server)
        return Looked(server=server, observation=eye.look(server.port))

    with contextlib.ExitStack() as stack, ThreadPoolExecutor(4) as pool:
        seen = pool.map(look, CASES.values(), timeout=PATIENCE_SECONDS)
        yield dict(zip(CASES, seen, strict=True))


def certificate_of(looked: dict[str, Looked], kind: str) -> Certificate:
    return value(looked[kind].observation.certificate)


@pytest.mark.parametrize("kind", CASES)
def test_a_certificate_is_told_as_it_verifies(looked: dict[str, Looked], kind: str) -> None:
    case, certificate = CASES[kind], certificate_of(looked, kind)
    assert certificate.trust is case.trust
    assert certificate.detail.startswith(case.detail)
    assert bool(certificate.detail) is (case.trust is not Trust.VERIFIED)
    assert certificate.host == HOST


@pytest.mark.parametrize("kind", CASES)
def test_we_log_in_where_the_certificate_verifies_and_nowhere_else(
    looked: dict[str, Looked], kind: str
) -> None:
    login = looked[kind].observation.login
    if CASES[kind].trust is Trust.VERIFIED:
        assert value(login).role == ROLE
    else:
        assert "not logged in" in reason(login)
        assert CASES[kind].detail in reason(login)


@pytest.mark.parametrize("kind", CASES)
def test_the_wire_is_judged_whatever_the_certificate(looked: dict[str, Looked], kind: str) -> None:
    observation = looked[kind].observation
    assert value(observation.plaintext).accepted is False
    assert value(observation.legacy_tls).accepted is False


@pytest.mark.parametrize("kind", ["verified", "verified, without key identifier", "other name"])
def test_what_only_a_strict_verifier_minds_is_a_note(looked: dict[str, Looked], kind: str) -> None:
    assert certificate_of(looked, kind).strict_note == CASES[kind].strict_note


def test_the_dates_are_those_of_the_served_certificate_verified_or_not(
    looked: dict[str, Looked],
) -> None:
    expired = certificate_of(looked, "expired")
    assert (expired.not_before, expired.not_after) == (
        LAST_WEEK.replace(microsecond=0),
        YESTERDAY.replace(microsecond=0),
    )
    assert expired.authority_not_after is None


def test_the_end_of_the_root_is_told_where_it_verifies(
    looked: dict[str, Looked], authority: Authority
) -> None:
    certificate = certificate_of(looked, "verified")
    assert certificate.authority_not_after == authority.certificate.not_valid_after_utc
    assert "Local RDS Root CA" in certificate.issuer
    assert certificate.names == (HOST,)


def test_many_names_are_counted_not_listed(looked: dict[str, Looked]) -> None:
    names = certificate_of(looked, "verified, one of many names").names
    assert (len(names), names[-1]) == (21, "and 11 more")


def test_the_name_that_is_dialled_plays_no_part(looked: dict[str, Looked], eye: Prober) -> None:
    port = looked["verified"].server.port
    dialled = value(eye.look(port).certificate)
    assert (dialled.trust, dialled.host) == (Trust.VERIFIED, HOST)
    elsewhere = replace(DATABASE, endpoint=Endpoint(address="localhost", port=port))
    certificate = value(eye.look(port, elsewhere).certificate)
    assert (certificate.trust, certificate.host) == (Trust.NAME_MISMATCH, "localhost")


def test_without_another_place_the_endpoint_is_dialled(
    looked: dict[str, Looked], eye: Prober
) -> None:
    port = looked["address in place of the name"].server.port
    endpoint = Endpoint(address="127.0.0.1", port=port)
    there = replace(target(port, replace(DATABASE, endpoint=endpoint)), dial=None)
    certificate = value(probe_database(there, eye.settings, eye.ports()).certificate)
    assert (certificate.trust, certificate.host) == (Trust.VERIFIED, "127.0.0.1")


def test_the_default_bundle_loads_and_does_not_trust_our_own_authority(
    looked: dict[str, Looked],
) -> None:
    settings = read_settings({})
    ports = replace(probe_ports(settings, FOREVER), credentials=GivenLogin(None, PHRASE))
    seen = probe_database(target(looked["verified"].server.port), settings, ports)
    assert value(seen.certificate).trust is Trust.UNKNOWN_CA


def test_a_bundle_that_is_not_there_is_named(tmp_path: Path) -> None:
    missing = tmp_path / "missing.pem"
    with pytest.raises(ValueError, match=r"missing\.pem cannot be loaded: set RDS_CA_BUNDLE"):
        probe_ports(read_settings({"RDS_CA_BUNDLE": str(missing)}), FOREVER)


@pytest.mark.parametrize("content", [b"", b"no certificate", b"\x00\xff" * 100])
def test_a_bundle_without_certificates_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "odd.pem"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"odd\.pem cannot be loaded"):
        probe_ports(read_settings({"RDS_CA_BUNDLE": str(path)}), FOREVER)


def test_a_root_that_has_ended_makes_its_certificates_expired(
    tmp_path: Path, authority: Authority
) -> None:
    ended = Authority.create("Last decade's CA", not_before=LAST_WEEK, not_after=YESTERDAY)
    path = tmp_path / "roots.pem"
    path.write_bytes(authority.certificate_pem + ended.certificate_pem)
    served = ended.issue([HOST])
    with PostgresServer(hba=["hostssl all all all trust"], certificate=served) as server:
        certificate = value(Prober(bundle=path).look(server.port).certificate)
    assert certificate.trust is Trust.EXPIRED
    assert certificate.not_after > datetime.now(UTC)
