"""Two hundred databases at once: each is seen in full, and dead hosts among them cost little.

What a look costs is measured by `make bench`.
"""

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from emulation.pki import Authority
from emulation.postgresql import PostgresServer
from tests.integration.postgres.crowd import (
    DATABASES,
    SCRAM_ROLE,
    SIGNING,
    Look,
    among,
    assert_full,
    crowded_server,
    write_real_bundle,
)
from tests.integration.postgres.probe_helpers import ROLE, reason
from tests.integration.postgres.proxy import DeadHost
from tests.support.waiting import seconds_of

DEAD = 20


@pytest.fixture(scope="module")
def busy_server(authority: Authority) -> Iterator[PostgresServer]:
    with crowded_server(authority) as running:
        yield running


@pytest.fixture(scope="module")
def real_bundle(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("real") / "bundle.pem"
    write_real_bundle(path, authority)
    return path


@pytest.fixture(autouse=True)
def _signing(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, text in SIGNING.items():
        monkeypatch.setenv(name, text)


@pytest.mark.parametrize("role", [ROLE, SCRAM_ROLE], ids=["password", "scram"])
def test_two_hundred_databases_are_each_seen_in_full(
    busy_server: PostgresServer, real_bundle: Path, role: str
) -> None:
    seen = Look(bundle=real_bundle, role=role)([busy_server.port] * DATABASES)

    assert len(seen) == DATABASES
    for witnessed in seen:
        assert_full(witnessed.observation)


def test_dead_hosts_among_two_hundred_cost_a_deadline_and_not_one_each(
    busy_server: PostgresServer, real_bundle: Path
) -> None:
    alive = [busy_server.port] * (DATABASES - DEAD)
    seconds_alive = seconds_of(lambda: Look(bundle=real_bundle)(alive))
    # With 32 at a time, six come and go in that time: each has a dozen times what it takes.
    deadline = max(4, 2 * seconds_alive)
    with contextlib.ExitStack() as stack:
        dead = [stack.enter_context(DeadHost()).port for _ in range(DEAD)]
        ports = among(alive, dead)
        begin = time.monotonic()
        seen = Look(bundle=real_bundle, deadline=deadline)(ports)
        seconds = time.monotonic() - begin
    assert seconds < 2 * (seconds_alive + deadline)
    for port, witnessed in zip(ports, seen, strict=True):
        if port in dead:
            assert reason(witnessed.observation.plaintext) == "no answer within the deadline"
        else:
            assert_full(witnessed.observation)
