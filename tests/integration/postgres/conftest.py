"""The CA of all servers in these tests, the bundle that trusts it, and probers that use it."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from emulation.pki import IssuedCertificate, RootAuthority
from emulation.postgresql import PostgresServer
from rds_tls_audit.adapters.postgres import limits
from tests.integration.postgres.clients import HBA, SETUP, Connect, opening
from tests.integration.postgres.clock import Clock, short_deadline
from tests.integration.postgres.hostile import HostileServer
from tests.integration.postgres.probe_helpers import ROLE, Prober
from tests.support.builders import HOST
from tests.support.waiting import seconds_of


@pytest.fixture(scope="session")
def authority() -> RootAuthority:
    return RootAuthority.create("Local RDS Root CA")


@pytest.fixture(scope="session")
def bundle(authority: RootAuthority, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("roots") / "bundle.pem"
    path.write_bytes(authority.certificate_pem)
    return path


@pytest.fixture(scope="session")
def certificate(authority: RootAuthority) -> IssuedCertificate:
    """A server certificate that verifies."""
    return authority.issue([HOST])


@pytest.fixture(scope="session")
def prober(bundle: Path) -> Prober:
    return Prober(bundle=bundle, role=ROLE)


@pytest.fixture
def deadline(certificate: IssuedCertificate, prober: Prober) -> float:
    """The deadline of an impatient prober: many times what a probe takes just now."""
    with HostileServer(certificate=certificate) as honest:
        return short_deadline(seconds_of(lambda: prober.probe(honest.port)))


@pytest.fixture
def impatient_prober(prober: Prober, deadline: float) -> Prober:
    return replace(prober, environment={"PROBE_DEADLINE_SECONDS": str(deadline)})


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """A clock that replaces the one of the limits."""
    moved = Clock()
    monkeypatch.setattr(limits, "time", moved)
    return moved


@pytest.fixture(scope="module")
def server(certificate: IssuedCertificate) -> Iterator[PostgresServer]:
    """A server with many kinds of roles and databases."""
    settings = {"log_connections": "on"}
    with PostgresServer(
        hba=HBA, certificate=certificate, settings=settings, setup_sql=SETUP
    ) as running:
        yield running


@pytest.fixture
def connect(server: PostgresServer) -> Iterator[Connect]:
    """Opens sessions; no client is connected before or afterwards."""
    with opening(server) as open_session:
        yield open_session
