"""Probe two hundred databases in one invocation; one server stands for all of them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import rds_ca
from emulation.pki import RootAuthority
from emulation.postgresql import PostgresServer
from rds_tls_audit.adapters.credentials import AwsCredentialSource
from rds_tls_audit.evidence.credentials import Credentials
from rds_tls_audit.evidence.observation import Observation
from rds_tls_audit.evidence.observed import Observed, Seen, Unseen
from rds_tls_audit.fleet.configuration import Target
from rds_tls_audit.fleet.database import Database
from rds_tls_audit.pipeline.messages import ProbedTarget
from rds_tls_audit.stages.probe import probe_databases
from tests.integration.postgres.probe_helpers import (
    DATABASE,
    FULL,
    LOOPBACK,
    PHRASE,
    ROLE,
    Prober,
    target,
    value,
)
from tests.support.builders import HOST

DATABASES, THREADS = 200, 32
SCRAM_ROLE = "rds_tls_audit_scram"
SIGNING = {
    "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "of-a-documented-example",
    "AWS_SESSION_TOKEN": "t" * 900,
}
"""The environment for the probe: the AWS credentials that sign its tokens."""
_LINES = (
    f"hostssl all {SCRAM_ROLE} 127.0.0.1/32 scram-sha-256",
    # As with IAM authentication, the client sends the token over TLS as a password.
    "hostssl all all 127.0.0.1/32 password",
)
_SETUP = (
    f"CREATE ROLE {ROLE} LOGIN PASSWORD '{PHRASE}'",
    f"CREATE ROLE {SCRAM_ROLE} LOGIN PASSWORD '{PHRASE}'",
    f"GRANT pg_monitor TO {ROLE}, {SCRAM_ROLE}",
)


def crowded_server(authority: RootAuthority) -> PostgresServer:
    return PostgresServer(
        hba=_LINES,
        certificate=authority.issue([HOST, LOOPBACK]),
        settings={"max_connections": "200"},
        setup_sql=_SETUP,
    )


def write_real_bundle(path: Path, authority: RootAuthority) -> None:
    """Write the CA bundle of RDS with the test's root in it, so that it has as many roots."""
    path.write_bytes(authority.certificate_pem + rds_ca.where().read_bytes())


@dataclass(frozen=True, slots=True)
class SignedLogin:
    """Signs an IAM token for every database, but returns the password of the server."""

    source: AwsCredentialSource

    def find(self, database: Database) -> Observed[Credentials]:
        """Return the credentials of `source`, with the password of the server."""
        found = self.source.find(database)
        if isinstance(found, Unseen):
            return found
        return Seen(value=replace(found.value, password=PHRASE))


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """Probes many databases in one invocation; the environment must contain `SIGNING`."""

    bundle: Path
    role: str = ROLE
    deadline: float = 300

    def probe(self, ports: Sequence[int]) -> tuple[ProbedTarget, ...]:
        environment = {
            "PROBE_CONCURRENCY": str(THREADS),
            "PROBE_DEADLINE_SECONDS": str(self.deadline),
        }
        prober = Prober(bundle=self.bundle, environment=environment)
        login = SignedLogin(AwsCredentialSource(self.role))
        probe_ports = replace(prober.ports(), credentials=login)
        return probe_databases(FULL, _targets(ports), prober.settings, probe_ports)


def _targets(ports: Sequence[int]) -> list[Target]:
    return [
        target(port, replace(DATABASE, id=f"db-{number}", iam_authentication=True))
        for number, port in enumerate(ports)
    ]


def mix_ports(alive: Sequence[int], dead: Sequence[int]) -> list[int]:
    """Put ports that never answer among the first half of the ports that do.

    A dead port at the end would finish a whole deadline after all others.
    """
    ports = list(alive)
    for number, port in enumerate(dead):
        ports.insert(number * DATABASES // len(dead) // 2, port)
    return ports


def assert_full(observation: Observation) -> None:
    """Assert that the probe left nothing out: one that gives up early would be cheap."""
    value(observation.plaintext)
    value(observation.legacy_tls)
    value(observation.weak_ciphers)
    value(observation.certificate)
    value(observation.login)
    assert value(observation.settings)
    assert value(observation.sessions).why_partial is None
