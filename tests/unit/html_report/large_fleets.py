"""A large account in a bad state, evaluated by the real checks, with real assessments."""

from dataclasses import replace
from functools import cache

from rds_tls_audit.evidence.observation import Observation
from rds_tls_audit.fleet.configuration import GroupKey
from rds_tls_audit.fleet.database import Database
from rds_tls_audit.html_report.posture import Posture
from rds_tls_audit.pipeline.messages import ProbedTarget
from rds_tls_audit.readiness.assessment import ReadinessAssessment
from rds_tls_audit.results.batch_result import DatabaseResult
from rds_tls_audit.results.gaps import collect_gaps
from tests.support.builders import (
    GOOD,
    OPEN,
    bad,
    certificate,
    database,
    database_result,
    days,
    good,
    offer_outcome,
    plaintext_session,
    run,
    seen,
    session_view,
    target,
    tls_session,
)
from tests.unit.html_report.posture_examples import history as past_runs
from tests.unit.readiness.history_builder import (
    assess,
    forced,
    history,
    last_days,
    plaintext_client,
)

NO_ANSWER = "no answer within 10 s: does the security group admit the probe?"


@cache
def large(databases: int = 1000, *, sharing: int = 4) -> Posture:
    """Build a posture of many databases, most of which fail checks.

    Args:
        databases: how many.
        sharing: how many of them use the same parameter group.
    """
    results = [_result(number, sharing) for number in range(databases)]
    posture = Posture.of(run(), database().location, results, role="rds_tls_audit", complete=True)
    return replace(
        posture,
        assessments=tuple(_assess(first, sharing) for first in range(0, databases, sharing)),
        gaps=collect_gaps(results, ["staging-7"]),
        history=past_runs(30, posture.databases),
    )


def _name(number: int) -> str:
    return f"service-{number:04}-production"


def _result(number: int, sharing: int) -> DatabaseResult:
    result = database_result(_probed(_database(number, sharing), number))
    return replace(result, owner=f"team-{number % 40}")


def _probed(probed: Database, number: int) -> ProbedTarget:
    etl = plaintext_session(role=f"etl_{number}", application="nightly-load", network="10.0.3.17")
    old = tls_session(tls_version="TLSv1.1", cipher="ECDHE-RSA-AES128-SHA", count=number % 7 + 1)
    insecure = replace(
        OPEN,
        legacy_tls=seen(offer_outcome(accepted=True, detail="TLSv1.1 negotiated")),
        sessions=seen(session_view(etl, old, tls_session(count=number))),
        certificate=seen(certificate(not_after=days(number % 30))),
    )
    expiring = replace(GOOD, certificate=seen(certificate(not_after=days(number % 30))))
    return (
        ProbedTarget(target=target(probed, force_ssl="0"), observation=insecure),
        ProbedTarget(target=target(probed), observation=Observation.unseen(NO_ANSWER)),
        bad(probed),
        ProbedTarget(target=target(probed), observation=expiring),
        good(probed),
    )[number % 5]


def _database(number: int, sharing: int) -> Database:
    return database(_name(number), parameter_group=_group(number, sharing).name)


def _group(number: int, sharing: int) -> GroupKey:
    return GroupKey(name=f"group-{number // sharing}", of_cluster=False)


def _assess(first: int, sharing: int) -> ReadinessAssessment:
    names = [_name(first + number) for number in range(sharing)]
    kind = first // sharing % 4
    clients = tuple(
        plaintext_client(
            number / 3, role=f"etl_{first}", application=name, network=f"10.0.3.{number}"
        )
        for number, name in enumerate(
            ("nightly-load", None, "PostgreSQL JDBC Driver", "psql", "postgres.js")
        )
    )
    histories = (
        [history(name, clients=clients, log_connections=True) for name in names],
        [history(name, days=last_days(12, partial=3)) for name in names],
        [history(name) for name in names],
        [forced(name) for name in names],
    )[kind]
    return assess(*histories, group=_group(first, sharing))
