"""Two hundred databases in one invocation: one server, which stands for all of them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import rds_ca
from emulation.pki import Authority
from emulation.postgresql import PostgresServer
from rds_tls_audit.adapters.credentials import CredentialSource
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
"""The environment to look in: what a token is signed with."""
_LINES = (
    f"hostssl all {SCRAM_ROLE} 127.0.0.1/32 scram-sha-256",
    # For the client as IAM is: the token goes over TLS as a password.
    "hostssl all all 127.0.0.1/32 password",
)
_SETUP = (
    f"CREATE ROLE {ROLE} LOGIN PASSWORD '{PHRASE}'",
    f"CREATE ROLE {SCRAM_ROLE} LOGIN PASSWORD '{PHRASE}'",
    f"GRANT pg_monitor TO {ROLE}, {SCRAM_ROLE}",
)


def crowded_server(authority: Authority) -> PostgresServer:
    return PostgresServer(
        hba=_LINES,
        certificate=authority.issue([HOST, LOOPBACK]),
        settings={"max_connections": "200"},
        setup_sql=_SETUP,
    )


def write_real_bundle(path: Path, authority: Authority) -> None:
    """RDS's own bundle with our root in it: as many roots as there are to look through."""
    path.write_bytes(authority.certificate_pem + rds_ca.where().read_bytes())


class SignedLogin(CredentialSource):
    """Signs a token for every database as IAM asks for, and hands the server's password on."""

    def find(self, database: Database) -> Observed[Credentials]:
        found = super().find(database)
        if isinstance(found, Unseen):
            return found
        return Seen(value=replace(found.value, password=PHRASE))


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """Looks at many databases in one invocation, within `SIGNING`."""

    bundle: Path
    role: str = ROLE
    deadline: float = 300

    def __call__(self, ports: Sequence[int]) -> tuple[ProbedTarget, ...]:
        environment = {
            "PROBE_CONCURRENCY": str(THREADS),
            "PROBE_DEADLINE_SECONDS": str(self.deadline),
        }
        eye = Prober(bundle=self.bundle, environment=environment)
        probe = replace(eye.ports(), credentials=SignedLogin(self.role))
        return probe_databases(FULL, _targets(ports), eye.settings, probe)


def _targets(ports: Sequence[int]) -> list[Target]:
    return [
        target(port, replace(DATABASE, id=f"db-{number}", iam_authentication=True))
        for number, port in enumerate(ports)
    ]


def among(alive: Sequence[int], dead: Sequence[int]) -> list[int]:
    """Put ports that never answer among the first half of those that do.

    The last of them would end a whole deadline after all others.
    """
    ports = list(alive)
    for number, port in enumerate(dead):
        ports.insert(number * DATABASES // len(dead) // 2, port)
    return ports


def assert_full(observation: Observation) -> None:
    """Nothing was left out: a look that gives up early would be cheap."""
    value(observation.plaintext)
    value(observation.legacy_tls)
    value(observation.weak_ciphers)
    value(observation.certificate)
    value(observation.login)
    assert value(observation.settings)
    assert value(observation.sessions).why_partial is None
