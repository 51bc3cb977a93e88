"""What a run has to tell, on quiet and on bad days, and the files of how it reads."""

from dataclasses import replace
from pathlib import Path

import pytest

from rds_tls_audit.checks.verdict import Severity, Status
from rds_tls_audit.digest.message import write_digest
from rds_tls_audit.digest.summary import Summary
from rds_tls_audit.findings.state import ChangeKind
from rds_tls_audit.results.gaps import LOST, Gap
from tests.support.builders import ACCOUNT, REGION, change, run

QUIET = Summary(
    run=run(),
    account=ACCOUNT,
    region=REGION,
    databases=42,
    changes=[],
    gaps=[],
    rejected=0,
    hub_off=None,
    left_out=0,
    accepted=[],
    problems=[],
    complete=True,
    lost=0,
    weekly=False,
    totals={Status.FAILED: 12, Status.WARNING: 3, Status.PASSED: 398, Status.UNKNOWN: 7},
)
NEW = change(
    check="plaintext-refused",
    severity=Severity.HIGH,
    because="a connection without TLS is accepted: SCRAM asked in clear",
    owner="orders team",
)
FORCE = replace(
    NEW,
    check="force-ssl",
    severity=Severity.MEDIUM,
    because="rds.force_ssl is 0 in parameter group pg16 (source user; the default of this version "
    "is 1), shared with crm-prod, ledger: clients may connect without TLS; set it to 1 there, "
    "which takes effect at once for every database of the group",
)
RESOLVED = replace(
    NEW,
    kind=ChangeKind.RESOLVED,
    status=Status.PASSED,
    severity=Severity.INFORMATIONAL,
    because="a connection without TLS is turned away: SQLSTATE 28000 in clear, SCRAM asked inside "
    "TLS",
)
CLOSED = Gap(
    reason="connecting to its endpoint timed out: most likely the database's security group does "
    "not let the probe's in, or the probe is in another VPC without a route",
    databases=tuple(f"legacy-{number:02}" for number in range(20)),
    more=180,
    checks=1800,
)
CHECK_FIRST = (
    "parameter group pg16: check these first: orders_app (web) on orders-prod, reports (psql) on "
    "orders-prod; 2 clients seen in clear on 1 of its 3 databases in the last 35 days, last on "
    "2026-03-01: each breaks unless its own setting is allow"
)
SAFE = (
    "cluster parameter group aurora16: safe: no client in clear on 3 databases in 35 days: on each "
    "at least 3212 of 3360 planned samples, every view complete, on each at least 62 % of the "
    "opened sessions seen"
)
BAD_FLEET = replace(
    QUIET,
    databases=248,
    changes=[
        NEW,
        FORCE,
        replace(NEW, database="crm-prod", owner="crm team"),
        replace(FORCE, database="crm-prod", owner="crm team"),
        replace(NEW, database="ledger", owner=None),
        replace(
            NEW,
            check="sessions-encrypted",
            database="ledger",
            owner=None,
            because="4 of 31 sessions in clear: 3 by ledger_app (batch), 1 by reporting",
            cause="sessions-encrypted of ledger",
        ),
        replace(
            NEW,
            kind=ChangeKind.WORSE,
            check="certificate-current",
            database="billing",
            because="the served certificate ended on 2026-02-28",
            owner=None,
            cause="certificate-current of billing",
        ),
        replace(
            NEW,
            kind=ChangeKind.BETTER,
            check="certificate-current",
            database="search",
            status=Status.WARNING,
            severity=Severity.MEDIUM,
            because="the served certificate ends on 2026-03-21 (in 20 days)",
            cause="certificate-current of search",
        ),
        replace(RESOLVED, database="shop"),
        replace(
            NEW,
            kind=ChangeKind.NOT_ASSESSED,
            check="sessions-encrypted",
            database="archive",
            status=Status.UNKNOWN,
            severity=Severity.LOW,
            because="no answer within the deadline",
            owner="größe",
        ),
        replace(
            FORCE,
            kind=ChangeKind.ACCEPTED,
            database="lab",
            because="accepted until 2027-01-31 (RISK-7): rds.force_ssl is 0 in parameter group lab",
        ),
        replace(NEW, kind=ChangeKind.ARCHIVED, database="old", because="in clear", owner=None),
    ],
    gaps=[
        CLOSED,
        Gap(
            reason="the role does not exist, or lacks rds_iam: create it, and grant rds_iam to it "
            "(SQLSTATE 28P01)",
            databases=("reports", "search"),
            more=0,
            checks=6,
        ),
        Gap(reason=LOST, databases=("stage-1", "stage-2"), more=0, checks=0),
    ],
    rejected=1,
    left_out=3,
    accepted=[
        "lab: force-ssl FAILED: accepted until 2027-01-31 (RISK-7): 0 in parameter group lab",
    ],
    problems=["billing: the tag rds-tls-audit:accept is ignored: not understood: forever"],
    answers=[CHECK_FIRST, SAFE],
    complete=False,
    lost=2,
)
HUB_OFF = replace(
    QUIET,
    changes=[NEW, FORCE],
    rejected=2,
    hub_off="Security Hub CSPM is not enabled in eu-central-1 (InvalidAccess): enable it there, or "
    "deploy without it",
)


def too_long(sentence: str, *, changes: int = 10_000) -> Summary:
    """A bad day: so many changes of every kind and owner, and as many of everything else."""
    kinds, severities = list(ChangeKind), list(Severity)
    numbers = range(changes)
    return replace(
        QUIET,
        changes=[
            replace(
                NEW,
                kind=kinds[number % len(kinds)],
                database=f"database-{number:04}",
                severity=severities[number % len(severities)],
                because=sentence,
                owner=f"team {number % 300} {sentence}",
                cause=f"cause {number % 5000} {sentence}",
            )
            for number in numbers
        ],
        gaps=[
            replace(CLOSED, reason=f"{number} {sentence}", databases=(sentence,) * 20)
            for number in numbers
        ],
        accepted=[f"{number} {sentence}" for number in numbers],
        problems=[f"{number} {sentence}" for number in numbers],
        answers=[f"{number} {sentence}" for number in numbers],
        hub_off=sentence,
    )


TOO_LONG = too_long("größer als alles, was in eine Nachricht passt; " * 21)


def expect(path: Path, written: str) -> None:
    """Compare with a file; one that is missing is written, to be read before it is kept."""
    if not path.exists():
        path.write_text(written, encoding="utf-8")
        pytest.fail(f"{path.name} is written anew: read it")
    assert written == path.read_text(encoding="utf-8")


def lines_of(of: Summary) -> list[str]:
    return write_digest(of).text.splitlines()
