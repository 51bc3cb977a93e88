"""Assessments to render reports of: one of each status, from histories; and a hostile one."""

from dataclasses import replace

from rds_tls_audit.fleet.configuration import GroupKey
from rds_tls_audit.readiness.assessment import ReadinessAssessment
from rds_tls_audit.readiness.database_history import DatabaseHistory
from rds_tls_audit.readiness.logs_query import LogsQuery
from rds_tls_audit.readiness.rollout import RolloutPlan
from rds_tls_audit.readiness.sampling.observed_client import ObservedClient
from rds_tls_audit.readiness.truncated import Truncated
from rds_tls_audit.text import escape_id
from tests.support.builders import cluster, database
from tests.unit.readiness.history_builder import (
    CLUSTER_GROUP,
    DEFAULT_GROUP,
    assess,
    forced,
    history,
    last_days,
    plaintext_client,
    tls_client,
)

PLAINTEXT_GROUP = GroupKey(name="pg14-clear", of_cluster=False)
SAFE_GROUP = GroupKey(name="pg17", of_cluster=False)
NIGHTLY = plaintext_client(1 / 6, role="etl", application="nightly-load", network="10.0.3.17")
BI = plaintext_client(
    12, role="bi_reader", application="PostgreSQL JDBC Driver", network="10.0.7.2"
)
NAMELESS = plaintext_client(3, role="orders_app", application=None, network="10.0.1.7")
LONG_AGO = plaintext_client(90, role="old_crm", application="psql", network="10.9.0.4")


def check_first(group: GroupKey = PLAINTEXT_GROUP) -> ReadinessAssessment:
    """Assess a group with recent and earlier plaintext clients, and with logs."""
    return assess(
        _old("orders-prod", NIGHTLY, NAMELESS, tls_client()),
        _old("reports", BI, LONG_AGO),
        _old("old-crm"),
        group=group,
    )


def quiet_assessments() -> tuple[ReadinessAssessment, ...]:
    """Assess a group of each other status."""
    members = [
        forced(name, database=database(name, cluster=cluster()))
        for name in ("ledger-1", "ledger-2")
    ]
    too_short = history("billing", days=last_days(12, partial=3))
    unreachable = history("archive", days=(), clients=(), not_sampled="no login: no secret tag")
    return (
        assess(*members, group=CLUSTER_GROUP),
        assess(history("search-prod", days=last_days(seen=7)), group=SAFE_GROUP),
        assess(unreachable, too_short, group=DEFAULT_GROUP),
    )


def assessment_saying(text: str) -> ReadinessAssessment:
    """Build an assessment that contains the same text wherever it can contain foreign text."""
    real = check_first()
    client = replace(
        real.clients.shown[0],
        name=text,
        database=text,
        impact=text,
        likely_cause=text,
        fixes=(text,),
        pitfalls=(text,),
    )
    return replace(
        real,
        group=GroupKey(name=text, of_cluster=True),
        because=text,
        limitations=Truncated(shown=(text,)),
        databases=Truncated(shown=(escape_id(text),)),
        clients=Truncated(shown=(client,)),
        rollout=RolloutPlan(steps=(text,), rollback=text),
        major_upgrade=text,
        logs_query=LogsQuery(log_groups=Truncated(shown=(text,)), text=text),
    )


def _old(name: str, *clients: ObservedClient) -> DatabaseHistory:
    return history(
        name,
        database=database(name, engine_version="14.12", parameter_group="pg14-clear"),
        clients=clients,
        log_connections=name == "orders-prod",
    )
