"""Whether a real server turns plaintext away is told as it is, and as unknown where it is not."""

import contextlib
import socket
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from emulation.pki import IssuedCertificate
from emulation.postgresql import PostgresServer
from rds_tls_audit.adapters.postgres.server import Server
from rds_tls_audit.evidence.observation import Observation, OfferOutcome, Trust
from rds_tls_audit.fleet.configuration import Target
from rds_tls_audit.fleet.database import TAG_SKIP, TAG_WIRE, Database, Endpoint
from rds_tls_audit.stages.probe import probe_databases
from rds_tls_audit.stages.steps.probe_database import probe_database
from tests.integration.postgres.clients import through_the_socket
from tests.integration.postgres.probe_helpers import (
    DATABASE,
    FULL,
    LOOPBACK,
    PHRASE,
    ROLE,
    SAMPLE,
    Prober,
    reason,
    target,
    value,
)
from tests.integration.postgres.proxy import CountingProxy, DeadHost
from tests.support.builders import cluster

PATIENCE_SECONDS = 300
FREE, RESERVED = 2, 14
"""Slots of the small server: more are reserved than one look leaves behind for a moment."""
TLS_ONLY = ["hostssl all all 127.0.0.1/32 scram-sha-256"]
ACCEPTING = {
    "scram-sha-256": "SCRAM asked in clear",
    "md5": "SCRAM asked in clear",  # of a role that does not exist, since nobody has an MD5 hash
    "password": "a password in clear asked in clear",
    "trust": "no password asked (trust) in clear",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Servers:
    """One whose pg_hba.conf each test writes anew, two without TLS, and a small one."""

    lined: PostgresServer
    plain: PostgresServer
    plain_but_tls_only: PostgresServer
    small: PostgresServer


@pytest.fixture(scope="module")
def servers(certificate: IssuedCertificate) -> Iterator[Servers]:
    made = Servers(
        lined=PostgresServer(
            hba=TLS_ONLY,
            certificate=certificate,
            settings={"log_connections": "on", "ssl_ca_file": "server.crt"},
            setup_sql=["CREATE ROLE other LOGIN"],
        ),
        plain=PostgresServer(hba=["host all all 127.0.0.1/32 trust"]),
        plain_but_tls_only=PostgresServer(hba=TLS_ONLY),
        small=PostgresServer(
            hba=["host all all 127.0.0.1/32 trust"],
            certificate=certificate,
            settings={
                "max_connections": str(FREE + RESERVED),
                "superuser_reserved_connections": str(RESERVED),
                "max_wal_senders": "0",
            },
            setup_sql=["CREATE ROLE other LOGIN", f"CREATE ROLE {ROLE} LOGIN"],
        ),
    )
    started = (made.lined, made.plain, made.plain_but_tls_only, made.small)
    with contextlib.ExitStack() as stack, ThreadPoolExecutor(len(started)) as pool:
        list(pool.map(stack.enter_context, started, timeout=PATIENCE_SECONDS))
        yield made


@pytest.fixture(scope="module")
def eye(bundle: Path) -> Prober:
    return Prober(bundle=bundle)


def with_lines(server: PostgresServer, lines: Sequence[str], eye: Prober) -> Observation:
    server.replace_hba(lines)
    return eye.look(server.port)


def test_only_hostssl_lines_refuse_plaintext(servers: Servers, eye: Prober) -> None:
    observation = with_lines(servers.lined, TLS_ONLY, eye)
    assert value(observation.plaintext) == OfferOutcome(
        accepted=False, detail="SQLSTATE 28000 in clear, SCRAM asked inside TLS"
    )
    assert value(observation.certificate).trust is Trust.VERIFIED


@pytest.mark.parametrize("method", ACCEPTING)
def test_a_host_line_lets_plaintext_in(servers: Servers, eye: Prober, method: str) -> None:
    observation = with_lines(servers.lined, [f"host all all 127.0.0.1/32 {method}"], eye)
    assert value(observation.plaintext) == OfferOutcome(accepted=True, detail=ACCEPTING[method])


@pytest.mark.parametrize("method", ACCEPTING)
def test_a_hostssl_line_refuses_plaintext_by_any_method(
    servers: Servers, eye: Prober, method: str
) -> None:
    observation = with_lines(servers.lined, [f"hostssl all all 127.0.0.1/32 {method}"], eye)
    assert value(observation.plaintext).accepted is False


def test_a_hostnossl_reject_before_a_host_line_refuses_plaintext(
    servers: Servers, eye: Prober
) -> None:
    lines = ["hostnossl all all all reject", "host all all all scram-sha-256"]
    assert value(with_lines(servers.lined, lines, eye).plaintext).accepted is False


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("hostssl all all 192.0.2.0/24 scram-sha-256", id="another address"),
        pytest.param("host all all 127.0.0.1/32 reject", id="reject"),
        pytest.param("hostssl all other 127.0.0.1/32 scram-sha-256", id="another role"),
        pytest.param("hostssl no_such all 127.0.0.1/32 scram-sha-256", id="another database"),
        pytest.param("hostssl all all 127.0.0.1/32 cert", id="client certificate"),
    ],
)
def test_a_server_that_refuses_us_either_way_is_unknown(
    servers: Servers, eye: Prober, line: str
) -> None:
    observation = with_lines(servers.lined, [line], eye)
    why = reason(observation.plaintext)
    assert "no line for our source address, or asks for a client certificate" in why
    assert value(observation.certificate).trust is Trust.VERIFIED


def test_without_tls_plaintext_is_seen_and_everything_about_tls_is_not(
    servers: Servers, eye: Prober
) -> None:
    observation = replace(eye, role=ROLE).look(servers.plain.port)
    assert value(observation.plaintext).accepted is True
    for evidence in (observation.legacy_tls, observation.weak_ciphers, observation.certificate):
        assert reason(evidence) == "TLS is off on the server"
    assert "TLS is off on the server" in reason(observation.login)


def test_a_server_without_tls_that_refuses_plaintext_is_unknown(
    servers: Servers, eye: Prober
) -> None:
    observation = eye.look(servers.plain_but_tls_only.port)
    assert "not confirmed inside TLS: TLS is off" in reason(observation.plaintext)


def open_sessions(server: PostgresServer, roles: Sequence[str]) -> contextlib.ExitStack:
    """Open a session each, through the unix socket."""
    with contextlib.ExitStack() as stack:
        for role in roles:
            stack.callback(through_the_socket(server, role).close)
        return stack.pop_all()


def test_a_full_server_is_unknown(servers: Servers, eye: Prober) -> None:
    with open_sessions(servers.small, ["other"] * FREE + ["postgres"] * RESERVED):
        observation = eye.look(servers.small.port)
    why = reason(observation.plaintext)
    assert "SQLSTATE 53300: the server's connection limit is reached" in why
    assert value(observation.certificate).trust is Trust.VERIFIED


def test_a_server_with_reserved_slots_only_answers_on_the_wire_but_not_the_login(
    servers: Servers, eye: Prober
) -> None:
    with open_sessions(servers.small, ["other"] * FREE):
        observation = replace(eye, role=ROLE).look(servers.small.port)
    assert value(observation.plaintext).accepted is True
    assert "SQLSTATE 53300" in reason(observation.login)


def look_and_count(eye: Prober, looked_at: Target) -> tuple[Observation, int]:
    """Count the connections that are tried, those that fail too."""
    made: list[Server] = []

    def server(of: Target) -> Server:
        opened = ports.server(of)
        assert isinstance(opened, Server)
        made.append(opened)
        return opened

    ports = eye.ports()
    observation = probe_database(looked_at, eye.settings, replace(ports, server=server))
    return observation, sum(server.connections for server in made)


def closed_port() -> int:
    with socket.create_server((LOOPBACK, 0)) as listener:
        return int(listener.getsockname()[1])


def test_a_closed_port_is_tried_once_and_the_security_group_is_named(eye: Prober) -> None:
    observation, tried = look_and_count(replace(eye, role=ROLE), target(closed_port()))
    assert tried == 1
    assert "refuses the connection" in reason(observation.plaintext)
    assert "security group" in reason(observation.plaintext)
    assert observation == Observation.unseen(reason(observation.plaintext))


# Neither asks a name server anything: both break the rules for names.
@pytest.mark.parametrize("name", ["x" * 64 + ".invalid", "orders..invalid"])
def test_a_name_that_does_not_resolve_is_not_connected_to(eye: Prober, name: str) -> None:
    there = replace(target(5432), dial=Endpoint(address=name, port=5432))
    observation, tried = look_and_count(replace(eye, role=ROLE), there)
    assert tried == 0
    assert "cannot be resolved" in reason(observation.plaintext)
    assert observation == Observation.unseen(reason(observation.plaintext))


@pytest.mark.parametrize(
    ("database", "environment", "why"),
    [
        pytest.param(DATABASE, {"WIRE_PROBE": "off"}, "WIRE_PROBE", id="setting"),
        pytest.param(replace(DATABASE, tags={TAG_WIRE: "Off "}), {}, TAG_WIRE, id="tag"),
    ],
)
def test_without_the_wire_probe_nothing_goes_in_clear_but_the_certificate_is_judged(
    servers: Servers, eye: Prober, database: Database, environment: dict[str, str], why: str
) -> None:
    with CountingProxy(servers.lined.port) as proxy:
        observation = replace(eye, environment=environment).look(proxy.port, database)
    assert (proxy.connections, proxy.in_clear) == (1, 0)
    for evidence in (observation.plaintext, observation.legacy_tls, observation.weak_ciphers):
        assert f"turned off by {why}" in reason(evidence).replace("the tag ", "")
    assert value(observation.certificate).trust is Trust.VERIFIED


def test_the_wire_probe_leaves_one_line_of_its_role_in_the_log(
    servers: Servers, eye: Prober
) -> None:
    servers.lined.replace_hba(TLS_ONLY)
    before = len(servers.lined.log())
    eye.look(servers.lined.port)
    logged = servers.lined.log()[before:]
    fatal = [line for line in logged.splitlines() if "FATAL" in line]
    assert len(fatal) == 1
    assert 'user "rds_tls_audit_probe"' in fatal[0]


PAUSED = replace(DATABASE, instance_class="db.serverless", cluster=cluster(min_capacity=0))


@pytest.mark.parametrize(
    ("database", "why"),
    [
        pytest.param(replace(DATABASE, tags={TAG_SKIP: ""}), TAG_SKIP, id="skip tag"),
        pytest.param(PAUSED, "may be paused", id="paused"),
        pytest.param(replace(DATABASE, status="stopped"), "status is stopped", id="stopped"),
        pytest.param(replace(DATABASE, endpoint=None), "no endpoint", id="no endpoint"),
    ],
)
def test_a_database_that_must_not_be_connected_to_is_not(
    eye: Prober, database: Database, why: str
) -> None:
    with DeadHost() as host:
        observation = replace(eye, role=ROLE).look(host.port, database)
        assert host.count() == 0
    assert why in reason(observation.plaintext)
    assert observation == Observation.unseen(reason(observation.plaintext))


def test_a_paused_database_is_woken_where_that_is_wanted_but_never_by_a_sample(
    servers: Servers, eye: Prober
) -> None:
    waking = replace(eye, environment={"WAKE_PAUSED_DATABASES": "true"})
    with CountingProxy(servers.lined.port) as proxy:
        there = [target(proxy.port, PAUSED)]
        (sampled,) = probe_databases(SAMPLE, there, waking.settings, waking.ports())
        assert proxy.connections == 0
        (woken,) = probe_databases(FULL, there, waking.settings, waking.ports())
        assert proxy.connections > 0
    assert "may be paused" in reason(sampled.observation.certificate)
    assert value(woken.observation.certificate).trust is Trust.VERIFIED


def test_our_login_is_not_tried_where_none_is_given(servers: Servers, eye: Prober) -> None:
    observation = eye.look(servers.lined.port)
    assert reason(observation.login) == "no login is given for orders-prod"
    assert PHRASE not in repr(observation)
