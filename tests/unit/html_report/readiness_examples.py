"""Answers to write pages of: one of each form, answered from histories; and a hostile one."""

from dataclasses import replace

from rds_tls_audit.fleet.configuration import GroupKey
from rds_tls_audit.readiness.assessment import ReadinessAssessment
from rds_tls_audit.readiness.database_history import DatabaseHistory
from rds_tls_audit.readiness.sampling.observed_client import ObservedClient
from rds_tls_audit.text import escape_id
from tests.support.builders import cluster, database
from tests.unit.readiness.history_builder import (
    CLUSTER_GROUP,
    DEFAULT_GROUP,
    answer_for,
    clear_client,
    forced,
    history,
    last_days,
    tls_client,
)

CLEAR_GROUP = GroupKey(name="pg14-clear", of_cluster=False)
SAFE_GROUP = GroupKey(name="pg17", of_cluster=False)
NIGHTLY = clear_client(1 / 6, role="etl", application="nightly-load", network="10.0.3.17")
BI = clear_client(12, role="bi_reader", application="PostgreSQL JDBC Driver", network="10.0.7.2")
NAMELESS = clear_client(3, role="orders_app", application=None, network="10.0.1.7")
LONG_AGO = clear_client(90, role="old_crm", application="psql", network="10.9.0.4")


def check_first(group: GroupKey = CLEAR_GROUP) -> ReadinessAssessment:
    """Answer where clients were seen in clear, lately and long ago, in logs too."""
    return answer_for(
        _old("orders-prod", NIGHTLY, NAMELESS, tls_client()),
        _old("reports", BI, LONG_AGO),
        _old("old-crm"),
        group=group,
    )


def quiet_answers() -> tuple[ReadinessAssessment, ...]:
    """Give the three other forms."""
    members = [
        forced(name, database=database(name, cluster=cluster()))
        for name in ("ledger-1", "ledger-2")
    ]
    too_short = history("billing", days=last_days(12, partial=3))
    unreached = history("archive", days=(), sightings=(), not_connected="no login: no secret tag")
    return (
        answer_for(*members, group=CLUSTER_GROUP),
        answer_for(history("search-prod", days=last_days(seen=7)), group=SAFE_GROUP),
        answer_for(unreached, too_short, group=DEFAULT_GROUP),
    )


def saying(text: str) -> ReadinessAssessment:
    """Give an answer that says the same wherever the world has a say."""
    real = check_first()
    assert real.logs is not None
    client = replace(
        real.clients[0],
        who=text,
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
        missing=(text,),
        databases=(escape_id(text),),
        clients=(client,),
        how=(text,),
        rollback=text,
        upgrade=text,
        logs=replace(real.logs, log_groups=(text,), text=text),
    )


def _old(name: str, *sightings: ObservedClient) -> DatabaseHistory:
    return history(
        name,
        database=database(name, engine_version="14.12", parameter_group="pg14-clear"),
        sightings=sightings,
        log_connections=name == "orders-prod",
    )
