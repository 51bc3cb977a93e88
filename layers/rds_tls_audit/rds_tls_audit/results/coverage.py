"""The coverage finding of an account; UNKNOWN verdicts open no findings of their own."""

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
    return unknown("coverage is evaluated for full runs only")


COVERAGE = Check(
    id="coverage",
    position=1000,
    severity=Severity.MEDIUM,
    title="every database should be assessed in full",
    question="could every database be assessed in full?",
    remedy=(
        f"A reason includes the next step if there is one. In general: {EVIDENCE_PREREQUISITES} To "
        "leave a database out on purpose, exclude it from the scope."
    ),
    evaluate=_never,
)
"""The check of the coverage finding; it is not in the catalog, so no database has a verdict of it.
"""


def evaluate_coverage(databases: int, affected: Sequence[str], gaps: Sequence[Gap]) -> Evaluation:
    """Evaluate the coverage of a full run.

    Args:
        databases: The number of databases in scope.
        affected: The names of the databases that have an UNKNOWN verdict or no result.
        gaps: The reasons.
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
        return passed(f"the audit assessed {pluralize(databases, 'database')} in full")
    reasons = "; ".join(
        f"{truncate(gap.reason, MAX_REASON)} ({_list_databases(gap)})" for gap in gaps[:MAX_REASONS]
    )
    rest = (
        f"; and {pluralize(len(gaps) - MAX_REASONS, 'more reason')}" if gaps[MAX_REASONS:] else ""
    )
    digest = hashlib.sha256("\0".join(sorted(affected)).encode()).hexdigest()[:16]
    return warning(
        f"the audit could not assess {len(affected)} of {pluralize(databases, 'database')} in "
        f"full: {reasons}{rest}",
        f"databases={digest}",
    )


def _list_databases(gap: Gap) -> str:
    names = gap.databases[:MAX_NAMED]
    including = ", including" if gap.count > len(names) else ":"
    return f"{pluralize(gap.count, 'database')}{including} {', '.join(names)}"
