"""An authority for all servers here, the bundle that trusts it, and who looks with it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from emulation.pki import Authority, IssuedCertificate
from emulation.postgresql import PostgresServer
from tests.integration.postgres.clients import HBA, SETUP, Connect, opening
from tests.integration.postgres.probe_helpers import IMPATIENT_SECONDS, ROLE, Prober
from tests.support.builders import HOST


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


@pytest.fixture(scope="session")
def eye(bundle: Path) -> Prober:
    return Prober(bundle=bundle, role=ROLE)


@pytest.fixture(scope="session")
def impatient_eye(bundle: Path) -> Prober:
    environment = {"PROBE_DEADLINE_SECONDS": str(IMPATIENT_SECONDS)}
    return Prober(bundle=bundle, role=ROLE, environment=environment)


@pytest.fixture(scope="module")
def server(certificate: IssuedCertificate) -> Iterator[PostgresServer]:
    """A server with roles and databases of many kinds."""
    settings = {"log_connections": "on"}
    with PostgresServer(
        hba=HBA, certificate=certificate, settings=settings, setup_sql=SETUP
    ) as running:
        yield running


@pytest.fixture
def connect(server: PostgresServer) -> Iterator[Connect]:
    """Opens sessions; nobody is there before, nor afterwards."""
    with opening(server) as open_session:
        yield open_session
