"""An authority for all servers here, the bundle that trusts it, and who looks with it."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from emulation.pki import Authority, IssuedCertificate
from emulation.postgresql import PostgresServer
from rds_tls_audit.adapters.postgres import limits
from tests.integration.postgres.clients import HBA, SETUP, Connect, opening
from tests.integration.postgres.clock import Clock, short_deadline
from tests.integration.postgres.hostile import HostileServer
from tests.integration.postgres.probe_helpers import ROLE, Prober
from tests.support.builders import HOST
from tests.support.waiting import seconds_of


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


@pytest.fixture
def deadline(certificate: IssuedCertificate, eye: Prober) -> float:
    """Seconds to let pass, of an impatient eye: many times what a look takes just now."""
    with HostileServer(certificate=certificate) as honest:
        return short_deadline(seconds_of(lambda: eye.look(honest.port)))


@pytest.fixture
def impatient_eye(eye: Prober, deadline: float) -> Prober:
    return replace(eye, environment={"PROBE_DEADLINE_SECONDS": str(deadline)})


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock of the bounds from now on."""
    moved = Clock()
    monkeypatch.setattr(limits, "time", moved)
    return moved


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
