"""What could not be assessed, as one finding of the account: UNKNOWN opens none of its own."""

import hashlib
from collections.abc import Sequence

from rds_tls_audit.checks.check import Check
from rds_tls_audit.checks.evaluation import EVIDENCE_PREREQUISITES, Evaluation
from rds_tls_audit.checks.verdict import Severity, Verdict, passed, unknown, warning
from rds_tls_audit.results.gaps import Gap
from rds_tls_audit.text import pluralize, truncate

MAX_REASONS = 3
MAX_REASON = 200
MAX_NAMED = 1


def _never(_: object) -> Verdict:
    return unknown("coverage is judged on whole runs")


COVERAGE = Check(
    id="coverage",
    position=1000,
    severity=Severity.MEDIUM,
    title="every database should be assessed in full",
    question="could every database be assessed in full?",
    remedy=(
        f"Each reason says what to do: {EVIDENCE_PREREQUISITES} A database that is not to be "
        "looked at is left out of the scope."
    ),
    evaluate=_never,
)
"""Not one of the table's: a database has no verdict of it."""


def evaluate_coverage(databases: int, affected: Sequence[str], gaps: Sequence[Gap]) -> Evaluation:
    """Judge a full run.

    Args:
        databases: how many there are.
        affected: names of those that have a check without an answer.
        gaps: why.
    """
    return Evaluation(
        check=COVERAGE,
        verdict=_verdict(databases, affected, gaps),
        cannot_recur=True,
        remedy=COVERAGE.remedy,
        cause=COVERAGE,
    )


def _verdict(databases: int, affected: Sequence[str], gaps: Sequence[Gap]) -> Verdict:
    if not affected:
        return passed(f"{pluralize(databases, 'database')} assessed in full")
    told = "; ".join(
        f"{truncate(gap.reason, MAX_REASON)} ({_named(gap)})" for gap in gaps[:MAX_REASONS]
    )
    rest = (
        f"; and {pluralize(len(gaps) - MAX_REASONS, 'more reason')}" if gaps[MAX_REASONS:] else ""
    )
    digest = hashlib.sha256("\0".join(sorted(affected)).encode()).hexdigest()[:16]
    return warning(
        f"{len(affected)} of {pluralize(databases, 'database')} not assessed in full: {told}{rest}",
        f"databases={digest}",
    )


def _named(gap: Gap) -> str:
    names = gap.databases[:MAX_NAMED]
    among = ", among them" if gap.count > len(names) else ":"
    return f"{pluralize(gap.count, 'database')}{among} {', '.join(names)}"
