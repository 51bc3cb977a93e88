"""The legend: each check with its question, its remedy, and its verdicts over all databases."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from rds_tls_audit.checks.verdict import Severity
from rds_tls_audit.html_report.display_status import DisplayStatus, display_status_of
from rds_tls_audit.html_report.posture import DatabaseRow, VerdictCell


@dataclass(frozen=True, slots=True, kw_only=True)
class LegendEntry:
    """One check."""

    number: int
    """The column of the check, from 1; also part of its anchor."""
    id: str
    question: str
    severity: Severity
    remedy: str
    counts: Mapping[DisplayStatus, int]


def build_legend(rows: Iterable[DatabaseRow]) -> tuple[LegendEntry, ...]:
    """Collect the checks in the order of the databases' verdicts."""
    by_check: dict[str, list[VerdictCell]] = {}
    for row in rows:
        for cell in row.verdicts:
            by_check.setdefault(cell.check, []).append(cell)
    return tuple(
        LegendEntry(
            number=number,
            id=check,
            question=cells[0].question,
            severity=cells[0].severity,
            remedy=cells[0].remedy,
            counts=Counter(map(display_status_of, cells)),
        )
        for number, (check, cells) in enumerate(by_check.items(), 1)
    )
