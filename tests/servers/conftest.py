"""An authority for all servers here, and the bundle that trusts it."""

from pathlib import Path

import pytest

from demo.pki import Authority, IssuedCertificate
from tests.servers.looking import HOST


@pytest.fixture(scope="session")
def authority() -> Authority:
    return Authority.create("Local RDS Root CA")


@pytest.fixture(scope="session")
def bundle(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("roots") / "bundle.pem"
    path.write_bytes(authority.certificate_pem)
    return path


@pytest.fixture(scope="session")
def certificate(authority: Authority) -> IssuedCertificate:
    """A server certificate that verifies."""
    return authority.issue([HOST])
