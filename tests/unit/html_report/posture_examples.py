"""Postures to render reports of: a small one that contains something of everything."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import TypedDict, Unpack

from rds_tls_audit.checks.registry import all_checks
from rds_tls_audit.checks.verdict import Status
from rds_tls_audit.html_report.posture import Access, DatabaseRow, Posture, RunDetails, VerdictCell
from rds_tls_audit.readiness.assessment import ReadinessAssessment
from rds_tls_audit.results.gaps import BATCH_FAILED, Gap
from rds_tls_audit.results.run_totals import RunTotals
from tests.support.builders import ACCOUNT, DOMAIN, NOW, REGION
from tests.unit.html_report.readiness_examples import (
    PLAINTEXT_GROUP,
    SAFE_GROUP,
    check_first,
    quiet_assessments,
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
        "2 of 14 sessions are unencrypted: role etl (application nightly-load) from 10.0.3.0/24",
    ),
    "certificate-current": (
        Status.WARNING,
        "the certificate expires on 2026-03-19, in 18 days; RDS renews it automatically",
    ),
}


class CellChanges(TypedDict, total=False):
    """Fields of `VerdictCell`."""

    missing: str | None
    accepted: bool
    remedy: str
    advice: str | None


class RowChanges(TypedDict, total=False):
    """Fields of `DatabaseRow` and of its `Access`."""

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
    """Fields of `Posture`, and `earlier`: how many full runs came before it."""

    complete: bool
    databases: tuple[DatabaseRow, ...]
    assessments: tuple[ReadinessAssessment, ...]
    gaps: tuple[Gap, ...]
    earlier: int
    left_out: int
    without_result: tuple[str, ...]
    tag_problems: tuple[str, ...]


def cell(
    check: str,
    status: Status = Status.PASSED,
    because: str = "evaluated, and compliant",
    **changes: Unpack[CellChanges],
) -> VerdictCell:
    """Build the verdict of one check."""
    definition = next(definition for definition in all_checks() if definition.id == check)
    return VerdictCell(
        check=check,
        question=definition.question,
        severity=definition.severity,
        status=status,
        because=because,
        missing=changes.get("missing"),
        accepted=changes.get("accepted", False),
        remedy=changes.get("remedy", definition.remedy),
        advice=changes.get("advice"),
    )


def cells(*changed: VerdictCell) -> tuple[VerdictCell, ...]:
    """Build a verdict of every check: passed, except for the given verdicts."""
    by_check = {cell.check: cell for cell in changed}
    return tuple(by_check.get(check.id) or cell(check.id) for check in all_checks())


def failing(*checks: str) -> tuple[VerdictCell, ...]:
    """Build a verdict of every check: passed, except for the given checks."""
    return cells(*(cell(check, *NOT_PASSED[check]) for check in checks))


def blind(missing: str) -> tuple[VerdictCell, ...]:
    """Build a verdict of every check: all evidence from the server is missing."""
    unknown = (
        cell(check.id, Status.UNKNOWN, missing, missing=missing)
        for check in all_checks()
        if check.id != "force-ssl"
    )
    return cells(*unknown)


def row(
    id: str,  # noqa: A002 - the name of the field
    *verdicts: VerdictCell,
    **changes: Unpack[RowChanges],
) -> DatabaseRow:
    """Build a database."""
    return DatabaseRow(
        id=id,
        arn=changes.get("arn", f"arn:aws:rds:{REGION}:{ACCOUNT}:db:{id}"),
        resource_id=changes.get("resource_id", "db-ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
        group=changes.get("group"),
        engine=changes.get("engine", "postgres"),
        engine_version=changes.get("engine_version", "16.4"),
        cluster=changes.get("cluster"),
        owner=changes.get("owner"),
        endpoint=changes.get("endpoint", f"{id}.{DOMAIN}:5432"),
        access=Access(
            role=changes.get("role", "rds_tls_audit"),
            logged_in=changes.get("logged_in", True),
            log_connections=changes.get("log_connections"),
            proxied=changes.get("proxied", False),
        ),
        verdicts=verdicts,
    )


def posture(**changes: Unpack[PostureChanges]) -> Posture:
    """Build a posture."""
    databases = changes.get("databases", ())
    return Posture(
        run=RunDetails(
            run_id=RUN_ID, observed_at=NOW, account=ACCOUNT, region=REGION, version="0.1.0"
        ),
        complete=changes.get("complete", True),
        databases=databases,
        assessments=changes.get("assessments", ()),
        gaps=changes.get("gaps", ()),
        history=history(changes.get("earlier", 0), databases),
        left_out=changes.get("left_out", 0),
        without_result=changes.get("without_result", ()),
        tag_problems=changes.get("tag_problems", ()),
    )


def history(earlier: int, databases: Iterable[DatabaseRow]) -> tuple[RunTotals, ...]:
    """Build daily runs that improve slowly, and the run that audited these databases."""
    counts = Counter(cell.status for database in databases for cell in database.verdicts)
    current = RunTotals(run_id=RUN_ID, observed_at=NOW, counts=counts)
    previous = (
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
    return (*previous, current)


ACCEPTED = cell(
    "minimum-protocol",
    Status.FAILED,
    "accepted until 2026-06-30 (SEC-114): ssl_min_protocol_version is TLSv1",
    accepted=True,
)
NO_ANSWER = "no answer within 10 s: does the security group admit the probe?"
SAFE, PLAINTEXT = str(SAFE_GROUP), str(PLAINTEXT_GROUP)
CLUSTER, DEFAULT = str(CLUSTER_GROUP), str(DEFAULT_GROUP)
FLEET = (
    row("search-prod", *cells(), group=SAFE, owner="search", engine_version="17.2"),
    *(
        row(
            name,
            *cells(),
            group=CLUSTER,
            cluster="ledger",
            owner="payments",
            engine="aurora-postgresql",
        )
        for name in ("ledger-1", "ledger-2")
    ),
    row("billing", *failing("certificate-current"), group=DEFAULT, owner="payments"),
    row(
        "orders-prod",
        *failing("force-ssl", "plaintext-refused", "sessions-encrypted"),
        group=PLAINTEXT,
        owner="orders",
    ),
    row("reports", *failing("force-ssl", "certificate-current"), group=PLAINTEXT, owner="orders"),
    row("archive", *blind(NO_ANSWER), group=DEFAULT, endpoint=None, logged_in=False),
    row("old-crm", *cells(ACCEPTED), group=PLAINTEXT, owner="sales", engine_version="11.22"),
)


def small(*more: DatabaseRow) -> Posture:
    """Build a posture that contains something of everything."""
    return posture(
        databases=(*FLEET, *more),
        assessments=(check_first(), *quiet_assessments()),
        gaps=(
            Gap(reason=NO_ANSWER, databases=("archive",), more=0, checks=9),
            Gap(reason=BATCH_FAILED, databases=("staging-7",), more=0, checks=0),
        ),
        earlier=29,
        left_out=3,
        without_result=("staging-7",),
        tag_problems=(
            "old-wiki: the tag rds-tls-audit:accept is ignored: its end date was 2026-01-31",
        ),
    )
