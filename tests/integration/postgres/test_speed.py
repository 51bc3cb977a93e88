"""What a look costs the client, and what dead hosts cost a run.

Seconds of a shared machine are noise. CPU is that of this process alone (the server is another),
and the best of several rounds counts; a bare login measured beside it shows what part is ours.
The figures: pytest --log-cli-level=INFO tests/integration/postgres/test_speed.py
"""

import contextlib
import logging
import ssl
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pg8000.native
import pytest

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
    reason,
    target,
    value,
)
from tests.integration.postgres.proxy import DeadHost
from tests.support.builders import HOST

_log = logging.getLogger(__name__)

REACHABLE, DEAD, THREADS, ROUNDS = 200, 20, 32, 3
DEADLINE_SECONDS = 4
MOST_MILLISECONDS = 12
MOST_BARE_LOGINS = 6
"""About four: five connections, two of them with a TLS handshake, and six queries."""

SCRAM_ROLE = "rds_tls_audit_scram"
LINES = (
    f"hostssl all {SCRAM_ROLE} 127.0.0.1/32 scram-sha-256",
    # For the client as IAM is: the token goes over TLS as a password.
    "hostssl all all 127.0.0.1/32 password",
)
SETUP = (
    f"CREATE ROLE {ROLE} LOGIN PASSWORD '{PHRASE}'",
    f"CREATE ROLE {SCRAM_ROLE} LOGIN PASSWORD '{PHRASE}'",
    f"GRANT pg_monitor TO {ROLE}, {SCRAM_ROLE}",
)


class SignedLogin(CredentialSource):
    """Signs a token for every database as IAM asks for, and hands the server's password on."""

    def find(self, database: Database) -> Observed[Credentials]:
        found = super().find(database)
        if isinstance(found, Unseen):
            return found
        return Seen(value=replace(found.value, password=PHRASE))


@pytest.fixture(scope="module")
def busy_server(authority: Authority) -> Iterator[PostgresServer]:
    with PostgresServer(
        hba=LINES,
        certificate=authority.issue([HOST, LOOPBACK]),
        settings={"max_connections": "200"},
        setup_sql=SETUP,
    ) as running:
        yield running


@pytest.fixture(scope="module")
def real_bundle(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """RDS's own bundle with our root in it: as many roots as there are to look through."""
    path = tmp_path_factory.mktemp("real") / "bundle.pem"
    path.write_bytes(authority.certificate_pem + rds_ca.where().read_bytes())
    return path


@pytest.fixture
def look(real_bundle: Path, monkeypatch: pytest.MonkeyPatch) -> "Look":
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "of-a-documented-example")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "t" * 900)
    return Look(real_bundle)


class Look:
    """Looks at many databases in one invocation; what it needs is made before, once."""

    def __init__(self, bundle: Path) -> None:
        self._eye = Prober(
            bundle=bundle,
            environment={
                "PROBE_CONCURRENCY": str(THREADS),
                "PROBE_DEADLINE_SECONDS": str(DEADLINE_SECONDS),
            },
        )
        self._ports = self._eye.ports()

    def __call__(self, ports: Sequence[int], role: str = ROLE) -> tuple[ProbedTarget, ...]:
        probe = replace(self._ports, credentials=SignedLogin(role))
        return probe_databases(FULL, _targets(ports), self._eye.settings, probe)


def _targets(ports: Sequence[int]) -> list[Target]:
    return [
        target(port, replace(DATABASE, id=f"db-{number}", iam_authentication=True))
        for number, port in enumerate(ports)
    ]


def _log_in_barely(server: PostgresServer, role: str, context: ssl.SSLContext) -> None:
    """What any client does that verifies: one handshake, one login, no query."""
    pg8000.native.Connection(
        role,
        host=LOOPBACK,
        port=server.port,
        database="postgres",
        password=PHRASE,
        ssl_context=context,
    ).close()


def _milliseconds(work: Callable[[], object]) -> float:
    """CPU of this process for one of `REACHABLE`."""
    begin = time.process_time()
    work()
    return (time.process_time() - begin) * 1000 / REACHABLE


def _assert_full(observation: Observation) -> None:
    """Nothing was left out: a look that gives up early would be cheap."""
    value(observation.plaintext)
    value(observation.legacy_tls)
    value(observation.weak_ciphers)
    value(observation.certificate)
    value(observation.login)
    assert value(observation.settings)
    assert value(observation.sessions).why_partial is None


@pytest.mark.parametrize("role", [ROLE, SCRAM_ROLE], ids=["password", "scram"])
def test_two_hundred_databases_cost_a_few_milliseconds_of_cpu_each(
    busy_server: PostgresServer,
    real_bundle: Path,
    look: Look,
    role: str,
) -> None:
    context = ssl.create_default_context(cafile=real_bundle)
    ports = [busy_server.port] * REACHABLE

    def look_fully() -> None:
        for witnessed in look(ports, role):
            _assert_full(witnessed.observation)

    def log_in_barely() -> None:
        with ThreadPoolExecutor(THREADS) as pool:
            logins = [
                pool.submit(_log_in_barely, busy_server, role, context) for _ in range(REACHABLE)
            ]
            for login in logins:
                login.result()

    full, bare = [], []
    for _ in range(ROUNDS):
        full.append(_milliseconds(look_fully))
        bare.append(_milliseconds(log_in_barely))
    _log.info("CPU per database: %.2f ms, of a bare login: %.2f ms", min(full), min(bare))
    assert min(full) <= MOST_MILLISECONDS, full
    # Another process slows both down alike.
    assert min(full) <= MOST_BARE_LOGINS * min(bare), (full, bare)


def test_dead_hosts_among_two_hundred_cost_one_deadline_at_most(
    busy_server: PostgresServer, look: Look
) -> None:
    alive = [busy_server.port] * (REACHABLE - DEAD)
    seconds_before, _ = _timed(lambda: look(alive))
    with contextlib.ExitStack() as stack:
        dead = [stack.enter_context(DeadHost()).port for _ in range(DEAD)]
        # In the first half: the last of them would end a whole deadline after all others, to the
        # very bound. Seven are among those that begin.
        ports = list(alive)
        for number, port in enumerate(dead):
            ports.insert(number * REACHABLE // DEAD // 2, port)
        seconds, seen = _timed(lambda: look(ports))
    seconds_after, _ = _timed(lambda: look(alive))
    seconds_alive = max(seconds_before, seconds_after)
    _log.info("%.2f s without, %.2f s with dead hosts", seconds_alive, seconds)
    assert seconds <= seconds_alive + DEADLINE_SECONDS, (seconds, seconds_alive)
    for port, witnessed in zip(ports, seen, strict=True):
        if port in dead:
            assert reason(witnessed.observation.plaintext) == "no answer within the deadline"
        else:
            _assert_full(witnessed.observation)


def _timed(work: Callable[[], tuple[ProbedTarget, ...]]) -> tuple[float, tuple[ProbedTarget, ...]]:
    begin = time.monotonic()
    seen = work()
    return time.monotonic() - begin, seen
