"""Probe a server with the real adapters, given credentials, and a port of the loopback address."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from rds_tls_audit.adapters.clock import time_left
from rds_tls_audit.adapters.environment import read_settings
from rds_tls_audit.evidence.credentials import Credentials
from rds_tls_audit.evidence.observation import Observation
from rds_tls_audit.evidence.observed import Observed, Seen, Unseen
from rds_tls_audit.fleet.configuration import Target
from rds_tls_audit.fleet.database import Database, Endpoint
from rds_tls_audit.pipeline.run import RunKind
from rds_tls_audit.settings import Settings
from rds_tls_audit.stages.steps.probe_database import ProbePorts, probe_database
from rds_tls_audit.wiring.probe import probe_ports
from tests.support import builders

LOOPBACK = "127.0.0.1"
FOREVER = time_left(None, reserve=0)
ROLE = "rds_tls_audit"
PHRASE = "correct-horse-battery-staple"

DATABASE = builders.database(engine_version="17.4")
FULL, SAMPLE = builders.run(), builders.run(RunKind.SAMPLE)


@dataclass(frozen=True, slots=True)
class GivenLogin:
    """Implements `CredentialSource`: returns one login for every database, or none."""

    role: str | None
    password: str

    def find(self, database: Database) -> Observed[Credentials]:
        """Return the login, or nothing without a role."""
        if self.role is None:
            return Unseen(reason=f"the test gives no credentials for {database.id}")
        return Seen(value=Credentials(role=self.role, password=self.password, source="given"))


def target(port: int, database: Database = DATABASE) -> Target:
    """Return a database whose endpoint is an RDS name, with a port of loopback to connect to."""
    return replace(builders.target(database), dial=Endpoint(address=LOOPBACK, port=port))


@dataclass(frozen=True, slots=True, kw_only=True)
class Prober:
    """Probes servers with the roots of `bundle`; without `role`, it does not log in."""

    bundle: Path
    role: str | None = None
    password: str = PHRASE
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def settings(self) -> Settings:
        given = {"RDS_CA_BUNDLE": str(self.bundle), "PROBE_DEADLINE_SECONDS": "120"}
        return read_settings({**given, **self.environment})

    def ports(self) -> ProbePorts:
        ports = probe_ports(self.settings, FOREVER)
        return replace(ports, credentials=GivenLogin(self.role, self.password))

    def probe(self, port: int, database: Database = DATABASE) -> Observation:
        """Probe once; an error fails the test."""
        return probe_database(target(port, database), self.settings, self.ports())


def reason(evidence: Observed[object]) -> str:
    """Return why a value is unseen; a value that was seen fails the test."""
    assert isinstance(evidence, Unseen), evidence
    return evidence.reason


def value[T](evidence: Observed[T]) -> T:
    """Return the value that was seen; an unseen one fails the test."""
    assert isinstance(evidence, Seen), evidence
    return evidence.value
