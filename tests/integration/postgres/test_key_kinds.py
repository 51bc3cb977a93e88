"""A real server's certificate is read whatever the kind of its key."""

from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from emulation.pki import IssuedCertificate, RootAuthority
from emulation.postgresql import PostgresServer
from rds_tls_audit.evidence.observation import Trust
from tests.integration.postgres.probe_helpers import Prober, value
from tests.support.builders import HOST


def with_ed25519(authority: RootAuthority) -> IssuedCertificate:
    key, now = ed25519.Ed25519PrivateKey.generate(), datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "ed25519")]))
        .issuer_name(authority.certificate.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .sign(authority.key, SHA256())
    )
    return IssuedCertificate(
        certificate_pem=made.public_bytes(Encoding.PEM),
        key_pem=key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
    )


def test_an_ed25519_certificate_is_read_and_the_rest_is_observed(
    authority: RootAuthority, prober: Prober
) -> None:
    lines = ["hostssl all all 127.0.0.1/32 scram-sha-256"]
    with PostgresServer(hba=lines, certificate=with_ed25519(authority)) as server:
        observation = prober.probe(server.port)
    certificate = value(observation.certificate)
    assert (certificate.trust, certificate.key.lower()) == (Trust.VERIFIED, "ed25519")
    assert value(observation.plaintext).accepted is False
