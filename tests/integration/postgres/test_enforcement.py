"""Whether a real server refuses plaintext is observed, or unseen if the replies do not prove it."""

import contextlib
import socket
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from emulation.pki import IssuedCertificate
from emulation.postgresql import PostgresServer
from rds_tls_audit.adapters.postgres.server import WireServer
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
"""The slots of the small server: more are reserved than one probe occupies for a moment."""
TLS_ONLY = ["hostssl all all 127.0.0.1/32 scram-sha-256"]
ACCEPTING = {
    "scram-sha-256": "SCRAM authentication",
    "md5": "SCRAM authentication",  # because the role does not exist and so has no MD5 hash
    "password": "cleartext password authentication",
    "trust": "no credentials",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Servers:
    """A server whose pg_hba.conf each test replaces, two servers without TLS, and a small one."""

    configurable: PostgresServer
    plain: PostgresServer
    plain_but_tls_only: PostgresServer
    small: PostgresServer


@pytest.fixture(scope="module")
def servers(certificate: IssuedCertificate) -> Iterator[Servers]:
    made = Servers(
        configurable=PostgresServer(
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
    started = (made.configurable, made.plain, made.plain_but_tls_only, made.small)
    with contextlib.ExitStack() as stack, ThreadPoolExecutor(len(started)) as pool:
        list(pool.map(stack.enter_context, started, timeout=PATIENCE_SECONDS))
        yield made


@pytest.fixture(scope="module")
def prober(bundle: Path) -> Prober:
    return Prober(bundle=bundle)


def probe_with_hba(server: PostgresServer, lines: Sequence[str], prober: Prober) -> Observation:
    server.replace_hba(lines)
    return prober.probe(server.port)


def test_only_hostssl_lines_refuse_plaintext(servers: Servers, prober: Prober) -> None:
    observation = probe_with_hba(servers.configurable, TLS_ONLY, prober)
    assert value(observation.plaintext) == OfferOutcome(
        accepted=False, detail="SQLSTATE 28000; over TLS, it asked for SCRAM authentication"
    )
    assert value(observation.certificate).trust is Trust.VERIFIED


@pytest.mark.parametrize("method", ACCEPTING)
def test_a_host_line_accepts_plaintext(servers: Servers, prober: Prober, method: str) -> None:
    observation = probe_with_hba(
        servers.configurable, [f"host all all 127.0.0.1/32 {method}"], prober
    )
    assert value(observation.plaintext) == OfferOutcome(
        accepted=True, detail=f"it asked for {ACCEPTING[method]} in plaintext"
    )


@pytest.mark.parametrize("method", ACCEPTING)
def test_a_hostssl_line_refuses_plaintext_by_any_method(
    servers: Servers, prober: Prober, method: str
) -> None:
    observation = probe_with_hba(
        servers.configurable, [f"hostssl all all 127.0.0.1/32 {method}"], prober
    )
    assert value(observation.plaintext).accepted is False


def test_a_hostnossl_reject_before_a_host_line_refuses_plaintext(
    servers: Servers, prober: Prober
) -> None:
    lines = ["hostnossl all all all reject", "host all all all scram-sha-256"]
    assert value(probe_with_hba(servers.configurable, lines, prober).plaintext).accepted is False


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
def test_enforcement_is_unseen_if_the_server_refuses_plaintext_and_tls(
    servers: Servers, prober: Prober, line: str
) -> None:
    observation = probe_with_hba(servers.configurable, [line], prober)
    why = reason(observation.plaintext)
    assert "no line of pg_hba.conf matches the probe's source address" in why
    assert value(observation.certificate).trust is Trust.VERIFIED


def test_without_tls_plaintext_is_observed_and_all_about_tls_is_unseen(
    servers: Servers, prober: Prober
) -> None:
    observation = replace(prober, role=ROLE).probe(servers.plain.port)
    assert value(observation.plaintext).accepted is True
    for evidence in (observation.legacy_tls, observation.weak_ciphers, observation.certificate):
        assert reason(evidence) == "the server does not offer TLS"
    assert "the server does not offer TLS" in reason(observation.login)


def test_enforcement_is_unseen_if_a_server_without_tls_refuses_plaintext(
    servers: Servers, prober: Prober
) -> None:
    observation = prober.probe(servers.plain_but_tls_only.port)
    assert "TLS did not confirm it: the server does not offer TLS" in reason(observation.plaintext)


def open_sessions(server: PostgresServer, roles: Sequence[str]) -> contextlib.ExitStack:
    """Open a session for each role, through the Unix socket."""
    with contextlib.ExitStack() as stack:
        for role in roles:
            stack.callback(through_the_socket(server, role).close)
        return stack.pop_all()


def test_enforcement_is_unseen_if_the_server_is_full(servers: Servers, prober: Prober) -> None:
    with open_sessions(servers.small, ["other"] * FREE + ["postgres"] * RESERVED):
        observation = prober.probe(servers.small.port)
    why = reason(observation.plaintext)
    assert "SQLSTATE 53300: the server has reached its connection limit" in why
    assert value(observation.certificate).trust is Trust.VERIFIED


def test_a_server_with_only_reserved_slots_answers_the_wire_probe_but_not_the_login(
    servers: Servers, prober: Prober
) -> None:
    with open_sessions(servers.small, ["other"] * FREE):
        observation = replace(prober, role=ROLE).probe(servers.small.port)
    assert value(observation.plaintext).accepted is True
    assert "SQLSTATE 53300" in reason(observation.login)


def probe_and_count(prober: Prober, probed: Target) -> tuple[Observation, int]:
    """Probe, and count the connections that were tried, including those that failed."""
    made: list[WireServer] = []

    def server(of: Target) -> WireServer:
        opened = ports.server(of)
        assert isinstance(opened, WireServer)
        made.append(opened)
        return opened

    ports = prober.ports()
    observation = probe_database(probed, prober.settings, replace(ports, server=server))
    return observation, sum(server.connections for server in made)


def closed_port() -> int:
    with socket.create_server((LOOPBACK, 0)) as listener:
        return int(listener.getsockname()[1])


def test_a_closed_port_is_tried_once_and_the_reason_names_the_security_group(
    prober: Prober,
) -> None:
    observation, tried = probe_and_count(replace(prober, role=ROLE), target(closed_port()))
    assert tried == 1
    assert "refused the connection" in reason(observation.plaintext)
    assert "security group" in reason(observation.plaintext)
    assert observation == Observation.unseen(reason(observation.plaintext))


# Neither name leads to a DNS query, because both violate the rules for names.
@pytest.mark.parametrize("name", ["x" * 64 + ".invalid", "orders..invalid"])
def test_no_connection_is_tried_if_the_name_does_not_resolve(prober: Prober, name: str) -> None:
    unresolvable = replace(target(5432), dial=Endpoint(address=name, port=5432))
    observation, tried = probe_and_count(replace(prober, role=ROLE), unresolvable)
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
def test_without_the_wire_probe_no_plaintext_is_sent_and_the_certificate_is_verified(
    servers: Servers, prober: Prober, database: Database, environment: dict[str, str], why: str
) -> None:
    with CountingProxy(servers.configurable.port) as proxy:
        observation = replace(prober, environment=environment).probe(proxy.port, database)
    assert (proxy.connections, proxy.plaintext_connections) == (1, 0)
    for evidence in (observation.plaintext, observation.legacy_tls, observation.weak_ciphers):
        assert reason(evidence).endswith(f" {why}")
    assert value(observation.certificate).trust is Trust.VERIFIED


def test_the_wire_probe_leaves_one_line_with_its_role_in_the_log(
    servers: Servers, prober: Prober
) -> None:
    servers.configurable.replace_hba(TLS_ONLY)
    before = len(servers.configurable.log())
    prober.probe(servers.configurable.port)
    logged = servers.configurable.log()[before:]
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
def test_the_probe_does_not_connect_to_a_database_that_it_must_not_connect_to(
    prober: Prober, database: Database, why: str
) -> None:
    with DeadHost() as host:
        observation = replace(prober, role=ROLE).probe(host.port, database)
        assert host.count() == 0
    assert why in reason(observation.plaintext)
    assert observation == Observation.unseen(reason(observation.plaintext))


def test_a_paused_database_is_resumed_on_request_but_never_by_a_sample(
    servers: Servers, prober: Prober
) -> None:
    waking = replace(prober, environment={"WAKE_PAUSED_DATABASES": "true"})
    with CountingProxy(servers.configurable.port) as proxy:
        paused = [target(proxy.port, PAUSED)]
        (sampled,) = probe_databases(SAMPLE, paused, waking.settings, waking.ports())
        assert proxy.connections == 0
        (woken,) = probe_databases(FULL, paused, waking.settings, waking.ports())
        assert proxy.connections > 0
    assert "may be paused" in reason(sampled.observation.certificate)
    assert value(woken.observation.certificate).trust is Trust.VERIFIED


def test_no_login_is_tried_without_credentials(servers: Servers, prober: Prober) -> None:
    observation = prober.probe(servers.configurable.port)
    assert reason(observation.login) == "the test gives no credentials for orders-prod"
    assert PHRASE not in repr(observation)
