"""The cost of probing one database for this process, and of dead hosts for a run."""

import contextlib
import os
import ssl
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pg8000.native

from emulation.pki import RootAuthority
from emulation.postgresql import PostgresServer
from tests.integration.postgres.crowd import (
    DATABASES,
    SCRAM_ROLE,
    SIGNING,
    THREADS,
    Crowd,
    assert_full,
    crowded_server,
    mix_ports,
    write_real_bundle,
)
from tests.integration.postgres.probe_helpers import LOOPBACK, PHRASE, ROLE
from tests.integration.postgres.proxy import DeadHost
from tests.support.waiting import seconds_of

_ROUNDS, _DEAD = 3, 20


def lines() -> Iterator[str]:
    """Measure, and return a line for each ratio."""
    authority = RootAuthority.create("RDS root of the bench")
    with tempfile.TemporaryDirectory() as directory, crowded_server(authority) as server:
        bundle = Path(directory, "bundle.pem")
        write_real_bundle(bundle, authority)
        os.environ |= SIGNING
        for role, login in ((ROLE, "a token"), (SCRAM_ROLE, "SCRAM")):
            yield _cost(server, bundle, role, login)
        yield _dead_hosts(server, bundle)


def _cost(server: PostgresServer, bundle: Path, role: str, login: str) -> str:
    crowd = Crowd(bundle=bundle, role=role)
    context = ssl.create_default_context(cafile=bundle)

    def probe_fully() -> None:
        for probed in crowd.probe([server.port] * DATABASES):
            assert_full(probed.observation)

    def only_log_in() -> None:
        with ThreadPoolExecutor(THREADS) as pool:
            logins = [pool.submit(_log_in, server, role, context) for _ in range(DATABASES)]
            for done in logins:
                done.result()

    full, bare = [], []
    for _ in range(_ROUNDS):  # Alternate, so that other load slows both down in the same way.
        full.append(_cpu_milliseconds(probe_fully))
        bare.append(_cpu_milliseconds(only_log_in))
    return (
        f"probing one database with {login} takes {min(full) / min(bare):.1f} times the CPU of a "
        f"verified login ({min(full):.1f} ms and {min(bare):.1f} ms)"
    )


def _log_in(server: PostgresServer, role: str, context: ssl.SSLContext) -> None:
    """Do what any verifying client does: one handshake, one login, no query."""
    pg8000.native.Connection(
        role,
        host=LOOPBACK,
        port=server.port,
        database="postgres",
        password=PHRASE,
        ssl_context=context,
    ).close()


def _cpu_milliseconds(work: Callable[[], object]) -> float:
    """Measure the CPU time per database of this process; the server is another process."""
    begin = time.process_time()
    work()
    return (time.process_time() - begin) * 1000 / DATABASES


def _dead_hosts(server: PostgresServer, bundle: Path) -> str:
    alive = [server.port] * (DATABASES - _DEAD)
    before = seconds_of(lambda: Crowd(bundle=bundle).probe(alive))
    deadline = max(4, 2 * before)
    with contextlib.ExitStack() as stack:
        dead = [stack.enter_context(DeadHost()).port for _ in range(_DEAD)]
        ports = mix_ports(alive, dead)
        seconds = seconds_of(lambda: Crowd(bundle=bundle, deadline=deadline).probe(ports))
    after = seconds_of(lambda: Crowd(bundle=bundle).probe(alive))
    more = seconds - min(before, after)
    return (
        f"{_DEAD} dead hosts among {DATABASES} databases add {more / deadline:.2f} deadlines "
        f"({seconds:.1f} s with them, {min(before, after):.1f} s without; the deadline is "
        f"{deadline:.1f} s)"
    )
