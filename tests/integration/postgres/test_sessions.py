"""Which clients of a real server the session of the probe sees, and which it does not."""

from dataclasses import replace

import pytest

from emulation.postgresql import PostgresServer
from rds_tls_audit.checks.evaluation import evaluate_database
from rds_tls_audit.checks.verdict import Status
from rds_tls_audit.evidence.observation import Observation
from rds_tls_audit.pipeline.messages import ProbedTarget
from tests.integration.postgres.clients import Connect
from tests.integration.postgres.probe_helpers import (
    FULL,
    LOOPBACK,
    PHRASE,
    ROLE,
    Prober,
    target,
    value,
)
from tests.support.builders import plaintext_session, settings, tls_session

SESSION_CHECKS = ("sessions-encrypted", "sessions-modern-tls")


def status_of(observation: Observation, check: str) -> Status:
    probed = ProbedTarget(target=target(0), observation=observation)
    (found,) = (
        each for each in evaluate_database(probed, FULL, settings()) if each.check.id == check
    )
    return found.verdict.status


def test_clients_are_counted_by_role_application_and_address(
    server: PostgresServer, connect: Connect, prober: Prober
) -> None:
    connect("orders_app", "web")
    connect("orders_app", "web", database="orders")
    connect("orders_app", "batch", tls=True)
    view = value(prober.probe(server.port).sessions)
    assert (view.total, view.clear, view.why_partial, view.rds_own) == (3, 2, None, ())
    plaintext = plaintext_session(network=LOOPBACK, count=2)
    encrypted = tls_session(network=LOOPBACK, application="batch")
    assert view.groups == (plaintext, encrypted)


@pytest.mark.usefixtures("connect")  # waits until all clients have disconnected
def test_a_server_without_clients_has_none(server: PostgresServer, prober: Prober) -> None:
    view = value(prober.probe(server.port).sessions)
    assert (view.total, view.clear, view.groups, view.why_partial) == (0, 0, (), None)


def test_other_sessions_of_the_own_role_are_not_clients(
    server: PostgresServer, connect: Connect, prober: Prober
) -> None:
    connect(ROLE, password=PHRASE)
    connect(ROLE, password=PHRASE, tls=True)
    assert value(prober.probe(server.port).sessions).total == 0


def test_sessions_through_the_unix_socket_are_not_clients(
    server: PostgresServer, connect: Connect, prober: Prober
) -> None:
    ((directory,),) = server.sql("SHOW unix_socket_directories")
    connect("orders_app", host=None, unix_sock=f"{directory}/.s.PGSQL.{server.port}")
    view = value(prober.probe(server.port).sessions)
    assert (view.total, view.groups, view.why_partial) == (0, (), None)


def test_a_role_of_rds_is_shown_separately_and_not_evaluated(
    server: PostgresServer, connect: Connect, prober: Prober
) -> None:
    connect("rdsadmin", "rds")
    connect("rds_app", "web", tls=True)
    observation = prober.probe(server.port)
    view = value(observation.sessions)
    assert [group.role for group in view.groups] == ["rds_app"]
    assert [(group.role, group.encrypted) for group in view.rds_own] == [("rdsadmin", False)]
    assert (view.total, view.clear) == (1, 0)
    assert status_of(observation, "sessions-encrypted") is Status.PASSED


def test_a_role_whose_name_begins_like_those_of_rds_is_a_client(
    server: PostgresServer, connect: Connect, prober: Prober
) -> None:
    connect("rds_app", "web")
    observation = prober.probe(server.port)
    assert value(observation.sessions).clear == 1
    assert status_of(observation, "sessions-encrypted") is Status.FAILED


@pytest.mark.parametrize("role", ["blind", "noinherit"])
def test_the_session_checks_are_unknown_if_the_role_cannot_see_other_sessions(
    server: PostgresServer, connect: Connect, prober: Prober, role: str
) -> None:
    connect("orders_app", "web")
    connect("orders_app", "batch", tls=True)
    limited = replace(prober, role=role, environment={"DATABASE_USER": role})
    observation = limited.probe(server.port)
    assert "grant pg_monitor" in (value(observation.sessions).why_partial or "")
    assert {status_of(observation, check) for check in SESSION_CHECKS} == {Status.UNKNOWN}


@pytest.mark.usefixtures("connect")  # waits until all clients have disconnected
def test_a_view_without_pg_monitor_is_partial_even_without_clients(
    server: PostgresServer, prober: Prober
) -> None:
    limited = replace(prober, role="blind", environment={"DATABASE_USER": "blind"})
    view = value(limited.probe(server.port).sessions)
    assert (view.total, view.why_partial is None) == (0, False)


def test_a_replication_client_is_a_client(
    server: PostgresServer, connect: Connect, prober: Prober
) -> None:
    connect("replica", "standby", replication="database")
    kinds = server.sql("SELECT backend_type FROM pg_stat_activity WHERE usename = 'replica'")
    assert kinds == [("walsender",)]
    view = value(prober.probe(server.port).sessions)
    assert [(group.role, group.application, group.count) for group in view.groups] == [
        ("replica", "standby", 1)
    ]
    assert view.clear == 1
