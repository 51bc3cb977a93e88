"""What a session of the probe sees of the clients of a real server, and what it does not."""

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
from tests.support.builders import clear_session, settings, tls_session

SESSION_CHECKS = ("sessions-encrypted", "sessions-modern-tls")


def status_of(observation: Observation, check: str) -> Status:
    witnessed = ProbedTarget(target=target(0), observation=observation)
    (found,) = (
        each for each in evaluate_database(witnessed, FULL, settings()) if each.check.id == check
    )
    return found.verdict.status


def test_clients_are_counted_by_role_application_and_address(
    server: PostgresServer, connect: Connect, eye: Prober
) -> None:
    connect("orders_app", "web")
    connect("orders_app", "web", database="orders")
    connect("orders_app", "batch", tls=True)
    view = value(eye.look(server.port).sessions)
    assert (view.total, view.clear, view.why_partial, view.rds_own) == (3, 2, None, ())
    in_clear = clear_session(network=LOOPBACK, count=2)
    encrypted = tls_session(network=LOOPBACK, application="batch")
    assert view.groups == (in_clear, encrypted)


@pytest.mark.usefixtures("connect")  # waits until everybody has left
def test_a_server_without_clients_has_none(server: PostgresServer, eye: Prober) -> None:
    view = value(eye.look(server.port).sessions)
    assert (view.total, view.clear, view.groups, view.why_partial) == (0, 0, (), None)


def test_other_sessions_of_our_role_are_no_clients(
    server: PostgresServer, connect: Connect, eye: Prober
) -> None:
    connect(ROLE, password=PHRASE)
    connect(ROLE, password=PHRASE, tls=True)
    assert value(eye.look(server.port).sessions).total == 0


def test_sessions_through_the_unix_socket_are_no_clients(
    server: PostgresServer, connect: Connect, eye: Prober
) -> None:
    ((directory,),) = server.sql("SHOW unix_socket_directories")
    connect("orders_app", host=None, unix_sock=f"{directory}/.s.PGSQL.{server.port}")
    view = value(eye.look(server.port).sessions)
    assert (view.total, view.groups, view.why_partial) == (0, (), None)


def test_a_role_of_rds_is_shown_apart_and_not_judged(
    server: PostgresServer, connect: Connect, eye: Prober
) -> None:
    connect("rdsadmin", "rds")
    connect("rds_app", "web", tls=True)
    observation = eye.look(server.port)
    view = value(observation.sessions)
    assert [group.role for group in view.groups] == ["rds_app"]
    assert [(group.role, group.encrypted) for group in view.rds_own] == [("rdsadmin", False)]
    assert (view.total, view.clear) == (1, 0)
    assert status_of(observation, "sessions-encrypted") is Status.PASSED


def test_a_role_that_begins_like_those_of_rds_is_a_client(
    server: PostgresServer, connect: Connect, eye: Prober
) -> None:
    connect("rds_app", "web")
    observation = eye.look(server.port)
    assert value(observation.sessions).clear == 1
    assert status_of(observation, "sessions-encrypted") is Status.FAILED


@pytest.mark.parametrize("role", ["blind", "noinherit"])
def test_a_role_that_may_not_see_others_never_passes_them(
    server: PostgresServer, connect: Connect, eye: Prober, role: str
) -> None:
    connect("orders_app", "web")
    connect("orders_app", "batch", tls=True)
    seeing = replace(eye, role=role, environment={"DATABASE_USER": role})
    observation = seeing.look(server.port)
    assert "grant pg_monitor" in (value(observation.sessions).why_partial or "")
    assert {status_of(observation, check) for check in SESSION_CHECKS} == {Status.UNKNOWN}


@pytest.mark.usefixtures("connect")  # waits until everybody has left
def test_a_blind_role_is_partial_even_where_nobody_is_there(
    server: PostgresServer, eye: Prober
) -> None:
    seeing = replace(eye, role="blind", environment={"DATABASE_USER": "blind"})
    view = value(seeing.look(server.port).sessions)
    assert (view.total, view.why_partial is None) == (0, False)


def test_a_replication_client_is_a_client(
    server: PostgresServer, connect: Connect, eye: Prober
) -> None:
    connect("replica", "standby", replication="database")
    kinds = server.sql("SELECT backend_type FROM pg_stat_activity WHERE usename = 'replica'")
    assert kinds == [("walsender",)]
    view = value(eye.look(server.port).sessions)
    assert [(group.role, group.application, group.count) for group in view.groups] == [
        ("replica", "standby", 1)
    ]
    assert view.clear == 1
