"""Why a database is not reached is told apart: its name, its port, the way to it, what is there."""

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
SECURITY_GROUP = "security group does not let the probe's in, or the probe is in another VPC"
WITHOUT_A_ROUTE = "255.255.255.255"
"""No TCP connection leads to a broadcast address, on no machine."""
PATIENCE_SECONDS = 120
FULL_SECONDS = 1
"""The kernel answers at once where the queue has room, however busy the machine is."""


@contextlib.contextmanager
def closed_port(host: str = LOOPBACK) -> Iterator[int]:
    """A port that nobody listens on, and that nobody else can take."""
    with socket.socket() as bound:
        bound.bind((host, 0))
        yield int(bound.getsockname()[1])


@contextlib.contextmanager
def full_host(host: str = LOOPBACK, port: int = 0) -> Iterator[int]:
    """A port whose queue is full: it answers nobody any more, as behind a firewall that drops."""
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


def look(eye: Prober, dial: Endpoint) -> Observation:
    there = replace(target(dial.port), dial=dial)
    return probe_database(there, eye.settings, eye.ports())


def why_not_reached(eye: Prober, address: str, port: int) -> str:
    """Give the one reason for everything."""
    observation = look(eye, Endpoint(address=address, port=port))
    assert observation == Observation.unseen(reason(observation.plaintext))
    return reason(observation.plaintext)


def test_a_name_that_is_not_known_is_told(eye: Prober) -> None:
    why = why_not_reached(eye, "no-such-database.invalid", 5432)
    assert why.startswith("the name no-such-database.invalid cannot be resolved: most likely")
    assert "DNS resolution turned off, or the database is gone" in why


@pytest.mark.parametrize(
    "name", ["a" * 64 + ".invalid", "a..invalid", "\0.invalid"], ids=["long", "dots", "null"]
)
def test_a_name_that_cannot_be_one_is_told(eye: Prober, name: str) -> None:
    assert "cannot be resolved" in why_not_reached(eye, name, 5432)


def test_a_port_that_nobody_listens_on_is_told(eye: Prober) -> None:
    with closed_port() as port:
        why = why_not_reached(eye, LOOPBACK, port)
    assert why.startswith(f"127.0.0.1:{port} refuses the connection: is the port right")
    assert SECURITY_GROUP in why


def test_a_host_that_does_not_answer_is_told_after_the_deadline(
    impatient_eye: Prober, deadline: float
) -> None:
    with full_host() as port:
        begin = time.monotonic()
        why = why_not_reached(impatient_eye, LOOPBACK, port)
        seconds = time.monotonic() - begin
    assert why.startswith(f"connecting to 127.0.0.1:{port} timed out: ")
    assert SECURITY_GROUP in why
    assert 0.9 * deadline < seconds < 2 * deadline


def test_a_network_without_a_route_is_told(eye: Prober) -> None:
    why = why_not_reached(eye, WITHOUT_A_ROUTE, 5432)
    assert why.startswith("255.255.255.255:5432 cannot be reached (Network is unreachable): ")
    assert SECURITY_GROUP in why


def test_a_connection_that_is_reset_blames_no_security_group(
    eye: Prober, certificate: IssuedCertificate
) -> None:
    with HostileServer(certificate=certificate, in_clear=resets, to_tls_request=resets) as server:
        observation = look(eye, Endpoint(address=LOOPBACK, port=server.port))
    for evidence in (observation.plaintext, observation.tls, observation.certificate):
        assert reason(evidence) == "the connection breaks off: Connection reset by peer"


def at(host: str, port: int) -> Address:
    return socket.AF_INET, (host, port)


def reached(*addresses: Address, seconds: float = PATIENCE_SECONDS) -> str:
    """Connect; give the address that it came to."""
    dial = Endpoint(address="orders-prod", port=addresses[0][1][1])
    with contextlib.closing(connect(dial, addresses, Limits(seconds))) as plain:
        return str(plain.getpeername()[0])


def test_the_next_address_is_tried_where_one_refuses() -> None:
    with socket.create_server((ELSEWHERE, 0)) as listener:
        port = listener.getsockname()[1]
        assert reached(at(LOOPBACK, port), at(ELSEWHERE, port)) == ELSEWHERE
        assert reached(at(WITHOUT_A_ROUTE, port), at(ELSEWHERE, port)) == ELSEWHERE


def test_an_address_that_does_not_answer_leaves_the_next_its_share_of_the_time(
    deadline: float,
) -> None:
    with socket.create_server((ELSEWHERE, 0)) as listener:
        port = listener.getsockname()[1]
        with full_host(LOOPBACK, port):
            begin = time.monotonic()
            # In time, or there would be none left to try the other.
            assert reached(at(LOOPBACK, port), at(ELSEWHERE, port), seconds=deadline) == ELSEWHERE
            assert time.monotonic() - begin > 0.4 * deadline


def test_no_further_address_is_tried_where_one_connects() -> None:
    with socket.create_server((LOOPBACK, 0)) as first:
        port = first.getsockname()[1]
        with socket.create_server((ELSEWHERE, port)) as second:
            assert reached(at(LOOPBACK, port), at(ELSEWHERE, port)) == LOOPBACK
            second.settimeout(0)
            with pytest.raises(BlockingIOError):
                second.accept()


def test_the_last_address_says_why_none_connects() -> None:
    with closed_port() as port:
        refused = re.escape(f"orders-prod:{port} refuses the connection")
        with pytest.raises(ConnectError, match=refused):
            reached(at(WITHOUT_A_ROUTE, port), at(LOOPBACK, port))
