"""The reasons why a database is not reached differ: its name, its port, the route, its server."""

import contextlib
import re
import socket
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from emulation.pki import IssuedCertificate
from rds_tls_audit.adapters.postgres.limits import Limits
from rds_tls_audit.adapters.postgres.sockets import Address, ConnectError, connect
from rds_tls_audit.evidence.observation import Observation
from rds_tls_audit.fleet.database import Endpoint
from rds_tls_audit.stages.steps.probe_database import probe_database
from tests.integration.postgres.hostile import HostileServer
from tests.integration.postgres.misbehaviour import resets
from tests.integration.postgres.probe_helpers import LOOPBACK, Prober, reason, target

ELSEWHERE = "127.0.0.2"
SECURITY_GROUP = "allow the probe's security group in the database's security group"
WITHOUT_A_ROUTE = "255.255.255.255"
"""A broadcast address, to which no machine can open a TCP connection."""
PATIENCE_SECONDS = 120
FULL_SECONDS = 1
"""The kernel replies at once if the queue has room, however busy the machine is."""


@contextlib.contextmanager
def closed_port(host: str = LOOPBACK) -> Iterator[int]:
    """A port on which nothing listens, and which nothing else can take."""
    with socket.socket() as bound:
        bound.bind((host, 0))
        yield int(bound.getsockname()[1])


@contextlib.contextmanager
def full_host(host: str = LOOPBACK, port: int = 0) -> Iterator[int]:
    """A port whose queue is full, so that it does not reply, like behind a firewall that drops."""
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.create_server((host, port), backlog=0))
        while True:
            client = stack.enter_context(socket.socket())
            client.settimeout(FULL_SECONDS)
            try:
                client.connect(listener.getsockname())
            except TimeoutError:
                break
        yield int(listener.getsockname()[1])


def probe_at(prober: Prober, dial: Endpoint) -> Observation:
    dialed = replace(target(dial.port), dial=dial)
    return probe_database(dialed, prober.settings, prober.ports())


def why_not_reached(prober: Prober, address: str, port: int) -> str:
    """Return the one reason for which everything is unseen."""
    observation = probe_at(prober, Endpoint(address=address, port=port))
    assert observation == Observation.unseen(reason(observation.plaintext))
    return reason(observation.plaintext)


def test_the_reason_names_a_host_that_does_not_resolve(prober: Prober) -> None:
    why = why_not_reached(prober, "no-such-database.invalid", 5432)
    assert why.startswith("the name no-such-database.invalid cannot be resolved; turn on DNS")
    assert "check whether the database was deleted" in why


@pytest.mark.parametrize(
    "name", ["a" * 64 + ".invalid", "a..invalid", "\0.invalid"], ids=["long", "dots", "null"]
)
def test_an_invalid_name_cannot_be_resolved(prober: Prober, name: str) -> None:
    assert "cannot be resolved" in why_not_reached(prober, name, 5432)


def test_the_reason_names_a_port_that_refuses_connections(prober: Prober) -> None:
    with closed_port() as port:
        why = why_not_reached(prober, LOOPBACK, port)
    assert why.startswith(f"127.0.0.1:{port} refused the connection; check the port")
    assert SECURITY_GROUP in why


def test_a_host_that_does_not_reply_times_out_at_the_deadline(
    impatient_prober: Prober, deadline: float
) -> None:
    with full_host() as port:
        begin = time.monotonic()
        why = why_not_reached(impatient_prober, LOOPBACK, port)
        seconds = time.monotonic() - begin
    assert why.startswith(f"connecting to 127.0.0.1:{port} timed out; ")
    assert SECURITY_GROUP in why
    assert 0.9 * deadline < seconds < 2 * deadline


def test_the_reason_names_a_host_without_a_route(prober: Prober) -> None:
    why = why_not_reached(prober, WITHOUT_A_ROUTE, 5432)
    assert why.startswith("255.255.255.255:5432 cannot be reached (Network is unreachable); ")
    assert SECURITY_GROUP in why


def test_the_reason_for_a_reset_connection_does_not_blame_the_security_group(
    prober: Prober, certificate: IssuedCertificate
) -> None:
    with HostileServer(
        certificate=certificate, to_plaintext=resets, to_tls_request=resets
    ) as server:
        observation = probe_at(prober, Endpoint(address=LOOPBACK, port=server.port))
    for evidence in (observation.plaintext, observation.tls, observation.certificate):
        assert reason(evidence) == "the connection was lost: Connection reset by peer"


def at(host: str, port: int) -> Address:
    return socket.AF_INET, (host, port)


def connected_address(*addresses: Address, seconds: float = PATIENCE_SECONDS) -> str:
    """Connect, and return the address that accepted the connection."""
    dial = Endpoint(address="orders-prod", port=addresses[0][1][1])
    with contextlib.closing(connect(dial, addresses, Limits(seconds))) as plain:
        return str(plain.getpeername()[0])


def test_the_next_address_is_tried_if_one_refuses() -> None:
    with socket.create_server((ELSEWHERE, 0)) as listener:
        port = listener.getsockname()[1]
        assert connected_address(at(LOOPBACK, port), at(ELSEWHERE, port)) == ELSEWHERE
        assert connected_address(at(WITHOUT_A_ROUTE, port), at(ELSEWHERE, port)) == ELSEWHERE


def test_an_address_that_does_not_reply_leaves_time_for_the_next(
    deadline: float,
) -> None:
    with socket.create_server((ELSEWHERE, 0)) as listener:
        port = listener.getsockname()[1]
        with full_host(LOOPBACK, port):
            begin = time.monotonic()
            # This succeeds only if the first address leaves time to try the second.
            assert (
                connected_address(at(LOOPBACK, port), at(ELSEWHERE, port), seconds=deadline)
                == ELSEWHERE
            )
            assert time.monotonic() - begin > 0.4 * deadline


def test_no_further_address_is_tried_if_one_connects() -> None:
    with socket.create_server((LOOPBACK, 0)) as first:
        port = first.getsockname()[1]
        with socket.create_server((ELSEWHERE, port)) as second:
            assert connected_address(at(LOOPBACK, port), at(ELSEWHERE, port)) == LOOPBACK
            second.settimeout(0)
            with pytest.raises(BlockingIOError):
                second.accept()


def test_the_reason_is_that_of_the_last_address() -> None:
    with closed_port() as port:
        refused = re.escape(f"orders-prod:{port} refused the connection")
        with pytest.raises(ConnectError, match=refused):
            connected_address(at(WITHOUT_A_ROUTE, port), at(LOOPBACK, port))
