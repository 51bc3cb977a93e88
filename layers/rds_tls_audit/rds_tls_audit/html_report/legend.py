"""The checks, once each: what they ask, what to do, and how all databases stand."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from rds_tls_audit.checks.verdict import Severity
from rds_tls_audit.html_report.display_status import DisplayStatus, display_status_of
from rds_tls_audit.html_report.posture import Cell, Row


@dataclass(frozen=True, slots=True, kw_only=True)
class LegendEntry:
    """One check."""

    number: int
    """Its column, from 1; also its address on the page."""
    id: str
    question: str
    severity: Severity
    remedy: str
    counts: Mapping[DisplayStatus, int]


def build_legend(rows: Iterable[Row]) -> tuple[LegendEntry, ...]:
    """Gather the checks, in the order in which the databases name them."""
    cells: dict[str, list[Cell]] = {}
    for row in rows:
        for cell in row.verdicts:
            cells.setdefault(cell.check, []).append(cell)
    return tuple(
        LegendEntry(
            number=number,
            id=check,
            question=its[0].question,
            severity=its[0].severity,
            remedy=its[0].remedy,
            counts=Counter(map(display_status_of, its)),
        )
        for number, (check, its) in enumerate(cells.items(), 1)
    )
