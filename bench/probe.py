"""What the probe of one database costs this process, and what dead hosts cost a run."""

import contextlib
import os
import ssl
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pg8000.native

from emulation.pki import Authority
from emulation.postgresql import PostgresServer
from tests.integration.postgres.crowd import (
    DATABASES,
    SCRAM_ROLE,
    SIGNING,
    THREADS,
    Look,
    among,
    assert_full,
    crowded_server,
    write_real_bundle,
)
from tests.integration.postgres.probe_helpers import LOOPBACK, PHRASE, ROLE
from tests.integration.postgres.proxy import DeadHost
from tests.support.waiting import seconds_of

_ROUNDS, _DEAD = 3, 20


def lines() -> Iterator[str]:
    """Measure, and give a line for each ratio."""
    authority = Authority.create("RDS root of the bench")
    with tempfile.TemporaryDirectory() as directory, crowded_server(authority) as server:
        bundle = Path(directory, "bundle.pem")
        write_real_bundle(bundle, authority)
        os.environ |= SIGNING
        for role, login in ((ROLE, "a token"), (SCRAM_ROLE, "SCRAM")):
            yield _cost(server, bundle, role, login)
        yield _dead_hosts(server, bundle)


def _cost(server: PostgresServer, bundle: Path, role: str, login: str) -> str:
    look = Look(bundle=bundle, role=role)
    context = ssl.create_default_context(cafile=bundle)

    def look_fully() -> None:
        for witnessed in look([server.port] * DATABASES):
            assert_full(witnessed.observation)

    def log_in_barely() -> None:
        with ThreadPoolExecutor(THREADS) as pool:
            logins = [pool.submit(_log_in, server, role, context) for _ in range(DATABASES)]
            for each in logins:
                each.result()

    full, bare = [], []
    for _ in range(_ROUNDS):  # in turn, so that what else runs slows both down alike
        full.append(_cpu_milliseconds(look_fully))
        bare.append(_cpu_milliseconds(log_in_barely))
    return (
        f"one database's probe, with {login}, costs {min(full) / min(bare):.1f} bare verified "
        f"logins of CPU ({min(full):.1f} ms to {min(bare):.1f} ms)"
    )


def _log_in(server: PostgresServer, role: str, context: ssl.SSLContext) -> None:
    """Do what any client does that verifies: one handshake, one login, no query."""
    pg8000.native.Connection(
        role,
        host=LOOPBACK,
        port=server.port,
        database="postgres",
        password=PHRASE,
        ssl_context=context,
    ).close()


def _cpu_milliseconds(work: Callable[[], object]) -> float:
    """Measure the CPU of this process alone, for one database; the server is another."""
    begin = time.process_time()
    work()
    return (time.process_time() - begin) * 1000 / DATABASES


def _dead_hosts(server: PostgresServer, bundle: Path) -> str:
    alive = [server.port] * (DATABASES - _DEAD)
    before = seconds_of(lambda: Look(bundle=bundle)(alive))
    deadline = max(4, 2 * before)
    with contextlib.ExitStack() as stack:
        dead = [stack.enter_context(DeadHost()).port for _ in range(_DEAD)]
        ports = among(alive, dead)
        seconds = seconds_of(lambda: Look(bundle=bundle, deadline=deadline)(ports))
    after = seconds_of(lambda: Look(bundle=bundle)(alive))
    more = seconds - min(before, after)
    return (
        f"{_DEAD} dead hosts among {DATABASES} databases cost {more / deadline:.2f} deadlines "
        f"({seconds:.1f} s to {min(before, after):.1f} s, with a deadline of {deadline:.1f} s)"
    )
