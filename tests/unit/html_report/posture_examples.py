"""Postures to write pages of: a small one that holds something of everything."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import TypedDict, Unpack

from rds_tls_audit.checks.registry import all_checks
from rds_tls_audit.checks.verdict import Status
from rds_tls_audit.html_report.posture import Cell, Posture, Row
from rds_tls_audit.readiness.assessment import ReadinessAssessment
from rds_tls_audit.results.gaps import LOST, Gap
from rds_tls_audit.results.run_totals import RunTotals
from tests.support.builders import ACCOUNT, DOMAIN, NOW, REGION
from tests.unit.html_report.readiness_examples import (
    CLEAR_GROUP,
    SAFE_GROUP,
    check_first,
    quiet_answers,
)
from tests.unit.readiness.history_builder import CLUSTER_GROUP, DEFAULT_GROUP

HOSTILE = "<script>alert(1)</script>"
LONG = "n" * 200
RUN_ID = "full-2026-03-01"
RIGHT_TO_LEFT = "\u202egnp.exe"

NOT_PASSED: Mapping[str, tuple[Status, str]] = {
    "force-ssl": (Status.FAILED, "rds.force_ssl is 0 in parameter group pg14-clear"),
    "plaintext-refused": (Status.FAILED, "the server accepted a connection without TLS"),
    "sessions-encrypted": (
        Status.FAILED,
        "2 of 14 sessions in clear: role etl (application nightly-load) from 10.0.3.0/24",
    ),
    "certificate-current": (
        Status.WARNING,
        "the served certificate ends on 2026-03-19, in 18 days; RDS renews it by itself",
    ),
}


class CellChanges(TypedDict, total=False):
    """Fields of a cell."""

    missing: str | None
    accepted: bool
    remedy: str
    advice: str | None


class RowChanges(TypedDict, total=False):
    """Fields of a row."""

    arn: str
    resource_id: str | None
    group: str | None
    engine: str
    engine_version: str
    cluster: str | None
    owner: str | None
    endpoint: str | None
    role: str
    logged_in: bool
    log_connections: bool | None
    proxied: bool


class PostureChanges(TypedDict, total=False):
    """Fields of a posture."""

    complete: bool
    databases: tuple[Row, ...]
    assessments: tuple[ReadinessAssessment, ...]
    gaps: tuple[Gap, ...]
    earlier: int
    left_out: int
    lost: tuple[str, ...]
    problems: tuple[str, ...]


def cell(
    check: str,
    status: Status = Status.PASSED,
    because: str = "seen, and well",
    **changes: Unpack[CellChanges],
) -> Cell:
    """Judge one check."""
    its = next(it for it in all_checks() if it.id == check)
    return Cell(
        check=check,
        question=its.question,
        severity=its.severity,
        status=status,
        because=because,
        missing=changes.get("missing"),
        accepted=changes.get("accepted", False),
        remedy=changes.get("remedy", its.remedy),
        advice=changes.get("advice"),
    )


def cells(*changed: Cell) -> tuple[Cell, ...]:
    """Give a verdict of every check: passed but for those."""
    by_check = {it.check: it for it in changed}
    return tuple(by_check.get(check.id) or cell(check.id) for check in all_checks())


def failing(*checks: str) -> tuple[Cell, ...]:
    """Give a verdict of every check: passed but for those."""
    return cells(*(cell(check, *NOT_PASSED[check]) for check in checks))


def blind(missing: str) -> tuple[Cell, ...]:
    """Give a verdict of every check: nothing was seen of the server."""
    unknown = (
        cell(it.id, Status.UNKNOWN, missing, missing=missing)
        for it in all_checks()
        if it.id != "force-ssl"
    )
    return cells(*unknown)


def row(id: str, *verdicts: Cell, **changes: Unpack[RowChanges]) -> Row:  # noqa: A002 - its name
    """Make a database."""
    return Row(
        id=id,
        arn=changes.get("arn", f"arn:aws:rds:{REGION}:{ACCOUNT}:db:{id}"),
        resource_id=changes.get("resource_id", "db-ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
        group=changes.get("group"),
        engine=changes.get("engine", "postgres"),
        engine_version=changes.get("engine_version", "16.4"),
        cluster=changes.get("cluster"),
        owner=changes.get("owner"),
        endpoint=changes.get("endpoint", f"{id}.{DOMAIN}:5432"),
        role=changes.get("role", "rds_tls_audit"),
        logged_in=changes.get("logged_in", True),
        log_connections=changes.get("log_connections"),
        proxied=changes.get("proxied", False),
        verdicts=verdicts,
    )


def posture(**changes: Unpack[PostureChanges]) -> Posture:
    """Make a posture; `earlier` is how many full runs were before it."""
    databases = changes.get("databases", ())
    return Posture(
        run_id=RUN_ID,
        observed_at=NOW,
        account=ACCOUNT,
        region=REGION,
        version="0.1.0",
        complete=changes.get("complete", True),
        databases=databases,
        assessments=changes.get("assessments", ()),
        gaps=changes.get("gaps", ()),
        history=history(changes.get("earlier", 0), databases),
        left_out=changes.get("left_out", 0),
        lost=changes.get("lost", ()),
        problems=changes.get("problems", ()),
    )


def history(earlier: int, databases: Iterable[Row]) -> tuple[RunTotals, ...]:
    """Give daily runs that went slowly better, and the one that saw these databases."""
    counts = Counter(it.status for database in databases for it in database.verdicts)
    this = RunTotals(run_id=RUN_ID, observed_at=NOW, counts=counts)
    before = (
        RunTotals(
            run_id=f"full-{days}-days-before",
            observed_at=NOW - timedelta(days=days),
            counts={
                Status.FAILED: 5 + days // 3,
                Status.WARNING: 1 + days % 4,
                Status.UNKNOWN: 18 if 10 < days < 14 else 9,
                Status.PASSED: 80 - days // 2,
            },
        )
        for days in range(earlier, 0, -1)
    )
    return (*before, this)


def small(*more: Row) -> Posture:
    """Make a posture that holds something of everything."""
    silent = "no answer within 10 s: does the security group admit the probe?"
    accepted = cell(
        "minimum-protocol",
        Status.FAILED,
        "accepted until 2026-06-30 (SEC-114): ssl_min_protocol_version is TLSv1",
        accepted=True,
    )
    rows = (
        row(
            "search-prod",
            *cells(),
            group=str(SAFE_GROUP),
            owner="search",
            engine_version="17.2",
        ),
        *(
            row(
                name,
                *cells(),
                group=str(CLUSTER_GROUP),
                cluster="ledger",
                owner="payments",
                engine="aurora-postgresql",
            )
            for name in ("ledger-1", "ledger-2")
        ),
        row(
            "billing",
            *failing("certificate-current"),
            group=str(DEFAULT_GROUP),
            owner="payments",
        ),
        row(
            "orders-prod",
            *failing("force-ssl", "plaintext-refused", "sessions-encrypted"),
            group=str(CLEAR_GROUP),
            owner="orders",
        ),
        row(
            "reports",
            *failing("force-ssl", "certificate-current"),
            group=str(CLEAR_GROUP),
            owner="orders",
        ),
        row("archive", *blind(silent), group=str(DEFAULT_GROUP), endpoint=None, logged_in=False),
        row(
            "old-crm",
            *cells(accepted),
            group=str(CLEAR_GROUP),
            owner="sales",
            engine_version="11.22",
        ),
    )
    return posture(
        databases=(*rows, *more),
        assessments=(check_first(), *quiet_answers()),
        gaps=(
            Gap(reason=silent, databases=("archive",), more=0, checks=9),
            Gap(reason=LOST, databases=("staging-7",), more=0, checks=0),
        ),
        earlier=29,
        left_out=3,
        lost=("staging-7",),
        problems=("old-wiki: the tag rds-tls-audit:accept is ignored: it ended on 2026-01-31",),
    )
