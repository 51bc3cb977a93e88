"""The rows of the matrix, with what opens below each."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rds_tls_audit.html_report.display_status import (
    DisplayStatus,
    cells_worst_first,
    display_status_of,
    worst_first,
    worst_of,
)
from rds_tls_audit.html_report.legend import LegendEntry
from rds_tls_audit.html_report.manual_checks import shell_variables
from rds_tls_audit.html_report.posture import Cell, Row
from rds_tls_audit.html_report.readiness_cards import ReadinessCard


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One sentence, and the checks whose verdict it explains."""

    status: DisplayStatus
    because: str
    advice: str | None
    checks: tuple[LegendEntry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MatrixRow:
    """One database."""

    number: int
    """Its place, from 1; also its address on the page."""
    row: Row
    worst: DisplayStatus
    counts: Mapping[DisplayStatus, int]
    statuses: tuple[DisplayStatus | None, ...]
    """Of each check of the legend; None where it was not asked."""
    reasons: tuple[Reason, ...]
    """Worst first."""
    variables: str | None
    """For the lines to try by hand."""
    readiness: ReadinessCard | None
    """Whether it is safe to force TLS for it; None where there is none for its group."""


def build_matrix(
    rows: Iterable[Row], checks: Sequence[LegendEntry], answers: Iterable[ReadinessCard]
) -> tuple[MatrixRow, ...]:
    """Lay the rows out, worst first."""
    by_id = {check.id: check for check in checks}
    by_group = {str(card.assessment.group): card for card in answers}
    return tuple(
        _matrix_row(number, row, by_id, by_group) for number, row in enumerate(worst_first(rows), 1)
    )


def _matrix_row(
    number: int,
    row: Row,
    checks: Mapping[str, LegendEntry],
    answers: Mapping[str, ReadinessCard],
) -> MatrixRow:
    standings = {cell.check: display_status_of(cell) for cell in row.verdicts}
    return MatrixRow(
        number=number,
        row=row,
        worst=worst_of(row),
        counts=Counter(standings.values()),
        statuses=tuple(standings.get(check) for check in checks),
        reasons=_reasons(cells_worst_first(row), checks),
        variables=shell_variables(row),
        readiness=answers.get(row.group) if row.group else None,
    )


def _reasons(cells: Iterable[Cell], checks: Mapping[str, LegendEntry]) -> tuple[Reason, ...]:
    alike: dict[tuple[DisplayStatus, str, str | None], list[LegendEntry]] = {}
    for cell in cells:
        told = (display_status_of(cell), cell.because, cell.advice)
        alike.setdefault(told, []).append(checks[cell.check])
    return tuple(
        Reason(status=standing, because=because, advice=advice, checks=tuple(its))
        for (standing, because, advice), its in alike.items()
    )
