"""Summaries of quiet and of bad runs, and the comparison with the golden files."""

from dataclasses import replace
from pathlib import Path

import pytest

from rds_tls_audit.checks.verdict import Severity, Status
from rds_tls_audit.digest.message import write_digest
from rds_tls_audit.digest.summary import Summary
from rds_tls_audit.findings.state import ChangeKind
from rds_tls_audit.results.gaps import BATCH_FAILED, Gap
from tests.support.builders import ACCOUNT, REGION, change, run

QUIET = Summary(
    run=run(),
    account=ACCOUNT,
    region=REGION,
    databases=42,
    changes=[],
    gaps=[],
    rejected=0,
    hub_disabled=None,
    left_out=0,
    accepted=[],
    tag_problems=[],
    complete=True,
    lost=0,
    totals={Status.FAILED: 12, Status.WARNING: 3, Status.PASSED: 398, Status.UNKNOWN: 7},
)
NEW = change(
    check="plaintext-refused",
    severity=Severity.HIGH,
    because="the server accepts connections without TLS (it asked for SCRAM authentication in "
    "plaintext)",
    owner="orders team",
)
FORCE = replace(
    NEW,
    check="force-ssl",
    severity=Severity.MEDIUM,
    because="rds.force_ssl is 0 in parameter group pg16 (source user; the default for this "
    "version is 1), which is also used by crm-prod, ledger: clients can connect without TLS; set "
    "it to 1, which applies immediately to every database that uses the group",
)
RESOLVED = replace(
    NEW,
    kind=ChangeKind.RESOLVED,
    status=Status.PASSED,
    severity=Severity.INFORMATIONAL,
    because="the server refuses connections without TLS (SQLSTATE 28000)",
)
UNREACHABLE = Gap(
    reason="connecting to its endpoint timed out; allow the probe's security group in the "
    "database's security group, and give the probe a route to the database",
    databases=tuple(f"legacy-{number:02}" for number in range(20)),
    more=180,
    checks=1800,
)
CHECK_FIRST = (
    "parameter group pg16: check these first: orders_app (web) on orders-prod, reports (psql) on "
    "orders-prod; 2 clients connected without TLS to 1 of its 3 databases in the last 35 days, "
    "last on 2026-03-01"
)
SAFE = (
    "cluster parameter group aurora16: safe: no client without TLS on 3 databases in 35 days, with "
    "at least 3212 of 3360 planned samples of each"
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
            because="4 of 31 client sessions are unencrypted: 3 from ledger_app (batch), 1 from "
            "reporting",
            cause="sessions-encrypted of ledger",
        ),
        replace(
            NEW,
            kind=ChangeKind.WORSE,
            check="certificate-current",
            database="billing",
            because="the served certificate expired on 2026-02-28",
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
            because="the served certificate expires on 2026-03-21 (in 20 days)",
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
            because="no answer arrived within the deadline",
            owner="größe",
        ),
        replace(
            FORCE,
            kind=ChangeKind.ACCEPTED,
            database="lab",
            because="accepted until 2027-01-31 (RISK-7): rds.force_ssl is 0 in parameter group lab",
        ),
        replace(
            NEW,
            kind=ChangeKind.ARCHIVED,
            database="old",
            because="the database no longer exists",
            owner=None,
        ),
    ],
    gaps=[
        UNREACHABLE,
        Gap(
            reason="the role does not exist or is not a member of rds_iam; create the role and "
            "grant rds_iam to it (SQLSTATE 28P01)",
            databases=("reports", "search"),
            more=0,
            checks=6,
        ),
        Gap(reason=BATCH_FAILED, databases=("stage-1", "stage-2"), more=0, checks=0),
    ],
    rejected=1,
    left_out=3,
    accepted=[
        "lab: force-ssl FAILED: accepted until 2027-01-31 (RISK-7): 0 in parameter group lab",
    ],
    tag_problems=[
        (
            "billing: the tag rds-tls-audit:accept is ignored: only until=YYYY-MM-DD and ref= may "
            "follow the check ids; got 'forever'"
        )
    ],
    readiness_changes=[CHECK_FIRST, SAFE],
    complete=False,
    lost=2,
)
HUB_OFF = replace(
    QUIET,
    changes=[NEW, FORCE],
    rejected=2,
    hub_disabled="Security Hub is off in account 123456789012 and Region eu-central-1; turn it on",
)


def overlong(sentence: str, *, changes: int = 10_000) -> Summary:
    """Build a summary with that many changes, gaps, accepted risks, and other lines."""
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
            replace(UNREACHABLE, reason=f"{number} {sentence}", databases=(sentence,) * 20)
            for number in numbers
        ],
        accepted=[f"{number} {sentence}" for number in numbers],
        tag_problems=[f"{number} {sentence}" for number in numbers],
        readiness_changes=[f"{number} {sentence}" for number in numbers],
        hub_disabled=sentence,
    )


OVERLONG = overlong("größer als alles, was in eine Nachricht passt; " * 21)


def assert_matches_golden(path: Path, written: str) -> None:
    """Compare with a golden file; a missing one is written, and must be read before it is kept."""
    if not path.exists():
        path.write_text(written, encoding="utf-8")
        pytest.fail(f"{path.name} did not exist and was written: read it")
    assert written == path.read_text(encoding="utf-8")


def email_lines(summary: Summary) -> list[str]:
    return write_digest(summary).text.splitlines()
