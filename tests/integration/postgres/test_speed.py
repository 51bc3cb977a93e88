"""Two hundred databases at once: each is observed in full, and dead hosts among them cost little.

`make bench` measures the cost of a probe.
"""

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from emulation.pki import RootAuthority
from emulation.postgresql import PostgresServer
from rds_tls_audit.adapters.postgres.limits import DEADLINE_EXCEEDED
from tests.integration.postgres.crowd import (
    DATABASES,
    SCRAM_ROLE,
    SIGNING,
    Crowd,
    assert_full,
    crowded_server,
    mix_ports,
    write_real_bundle,
)
from tests.integration.postgres.probe_helpers import ROLE, reason
from tests.integration.postgres.proxy import DeadHost
from tests.support.waiting import seconds_of

DEAD = 20


@pytest.fixture(scope="module")
def busy_server(authority: RootAuthority) -> Iterator[PostgresServer]:
    with crowded_server(authority) as running:
        yield running


@pytest.fixture(scope="module")
def real_bundle(authority: RootAuthority, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("real") / "bundle.pem"
    write_real_bundle(path, authority)
    return path


@pytest.fixture(autouse=True)
def _signing(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, text in SIGNING.items():
        monkeypatch.setenv(name, text)


@pytest.mark.parametrize("role", [ROLE, SCRAM_ROLE], ids=["password", "scram"])
def test_each_of_two_hundred_databases_is_observed_in_full(
    busy_server: PostgresServer, real_bundle: Path, role: str
) -> None:
    seen = Crowd(bundle=real_bundle, role=role).probe([busy_server.port] * DATABASES)

    assert len(seen) == DATABASES
    for probed in seen:
        assert_full(probed.observation)


def test_dead_hosts_among_two_hundred_cost_one_deadline_not_one_each(
    busy_server: PostgresServer, real_bundle: Path
) -> None:
    alive = [busy_server.port] * (DATABASES - DEAD)
    seconds_alive = seconds_of(lambda: Crowd(bundle=real_bundle).probe(alive))
    # With 32 threads, each probe has a dozen times the time that it takes.
    deadline = max(4, 2 * seconds_alive)
    with contextlib.ExitStack() as stack:
        dead = [stack.enter_context(DeadHost()).port for _ in range(DEAD)]
        ports = mix_ports(alive, dead)
        begin = time.monotonic()
        seen = Crowd(bundle=real_bundle, deadline=deadline).probe(ports)
        seconds = time.monotonic() - begin
    assert seconds < 2 * (seconds_alive + deadline)
    for port, probed in zip(ports, seen, strict=True):
        if port in dead:
            assert reason(probed.observation.plaintext) == DEADLINE_EXCEEDED
        else:
            assert_full(probed.observation)
