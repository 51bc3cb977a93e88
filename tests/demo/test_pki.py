"""Certificates of the emulated CA pass and fail verification as those of a real CA do."""

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from emulation.pki import IssuedCertificate, RootAuthority
from tests.support.builders import HOST

NOW = datetime.now(UTC)

EXPIRED = 10
NOT_YET_VALID = 9
OTHER_HOST = 62
UNKNOWN_AUTHORITY = 20
NO_AUTHORITY_KEY_ID = 85


def verify_code(
    trusted: RootAuthority,
    served: IssuedCertificate,
    directory: Path,
    *,
    host: str = HOST,
    strict: bool = True,
) -> int:
    """Perform a handshake in memory; return OpenSSL's verify code, 0 if verification succeeds."""
    certificate, key = directory / "server.crt", directory / "server.key"
    certificate.write_bytes(served.certificate_pem)
    key.write_bytes(served.key_pem)
    server_context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_context.load_cert_chain(certificate, key)
    client_context = ssl.create_default_context(cadata=trusted.certificate_pem.decode())
    client_context.hostname_checks_common_name = False
    assert client_context.verify_flags & ssl.VERIFY_X509_STRICT
    if not strict:
        client_context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    server = server_context.wrap_bio(to_server, to_client, server_side=True)
    client = client_context.wrap_bio(to_client, to_server, server_hostname=host)
    for _ in range(4):
        try:
            client.do_handshake()
        except ssl.SSLWantReadError:
            expect_server_to_wait(server)
        except ssl.SSLCertVerificationError as error:
            return error.verify_code
        else:
            return 0
    pytest.fail("The handshake did not end.")


def expect_server_to_wait(server: ssl.SSLObject) -> None:
    with pytest.raises(ssl.SSLWantReadError):
        server.do_handshake()


@pytest.mark.parametrize("key", ["ec", "rsa"])
def test_a_certificate_passes_strict_verification(
    authority: RootAuthority, tmp_path: Path, key: str
) -> None:
    served = authority.issue([HOST], key="ec" if key == "ec" else "rsa")
    assert verify_code(authority, served, tmp_path) == 0


def test_a_certificate_for_an_ip_address_passes(authority: RootAuthority, tmp_path: Path) -> None:
    served = authority.issue([HOST, "127.0.0.1"])
    assert verify_code(authority, served, tmp_path, host="127.0.0.1") == 0


def test_an_expired_certificate_is_refused(authority: RootAuthority, tmp_path: Path) -> None:
    served = authority.issue(
        [HOST], not_before=NOW - timedelta(days=9), not_after=NOW - timedelta(days=1)
    )
    assert verify_code(authority, served, tmp_path) == EXPIRED


def test_a_certificate_that_is_not_yet_valid_is_refused(
    authority: RootAuthority, tmp_path: Path
) -> None:
    served = authority.issue([HOST], not_before=NOW + timedelta(days=1))
    assert verify_code(authority, served, tmp_path) == NOT_YET_VALID


def test_a_certificate_for_another_host_is_refused(
    authority: RootAuthority, tmp_path: Path
) -> None:
    served = authority.issue(["billing.example.com"])
    assert verify_code(authority, served, tmp_path) == OTHER_HOST


def test_a_certificate_without_names_is_refused(authority: RootAuthority, tmp_path: Path) -> None:
    served = authority.issue([HOST], with_san=False)
    assert verify_code(authority, served, tmp_path) == OTHER_HOST


def test_the_certificate_of_another_authority_is_refused(
    authority: RootAuthority, tmp_path: Path
) -> None:
    served = RootAuthority.create("Another CA").issue([HOST])
    assert verify_code(authority, served, tmp_path) == UNKNOWN_AUTHORITY


def test_only_a_strict_client_refuses_a_certificate_without_authority_key_id(
    authority: RootAuthority, tmp_path: Path
) -> None:
    served = authority.issue([HOST], with_aki=False)
    assert verify_code(authority, served, tmp_path) == NO_AUTHORITY_KEY_ID
    assert verify_code(authority, served, tmp_path, strict=False) == 0


def test_the_certificate_of_an_expired_authority_is_refused(tmp_path: Path) -> None:
    expired = RootAuthority.create(
        "Expired CA", not_before=NOW - timedelta(days=9), not_after=NOW - timedelta(days=1)
    )
    assert verify_code(expired, expired.issue([HOST]), tmp_path) == EXPIRED
