"""The rows of the matrix, with what opens below each."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rds_tls_audit.html_report.display_status import (
    Standing,
    cells_worst_first,
    standing_of,
    worst_first,
    worst_of,
)
from rds_tls_audit.html_report.legend import LegendEntry
from rds_tls_audit.html_report.manual_checks import variables
from rds_tls_audit.html_report.posture import Cell, Row
from rds_tls_audit.html_report.readiness_cards import AnswerCard


@dataclass(frozen=True, slots=True, kw_only=True)
class Because:
    """One sentence, and the checks whose verdict it explains."""

    standing: Standing
    because: str
    advice: str | None
    checks: tuple[LegendEntry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MatrixRow:
    """One database."""

    number: int
    """Its place, from 1; also its address on the page."""
    row: Row
    worst: Standing
    counts: Mapping[Standing, int]
    standings: tuple[Standing | None, ...]
    """Of each check of the legend; None where it was not asked."""
    reasons: tuple[Because, ...]
    """Worst first."""
    variables: str | None
    """For the lines to try by hand."""
    answer: AnswerCard | None
    """Whether it is safe to force TLS for it; None where there is none for its group."""


def matrix(
    rows: Iterable[Row], checks: Sequence[LegendEntry], answers: Iterable[AnswerCard]
) -> tuple[MatrixRow, ...]:
    """Lay the rows out, worst first."""
    by_id = {check.id: check for check in checks}
    by_group = {str(card.answer.group): card for card in answers}
    return tuple(
        _matrix_row(number, row, by_id, by_group) for number, row in enumerate(worst_first(rows), 1)
    )


def _matrix_row(
    number: int,
    row: Row,
    checks: Mapping[str, LegendEntry],
    answers: Mapping[str, AnswerCard],
) -> MatrixRow:
    standings = {cell.check: standing_of(cell) for cell in row.verdicts}
    return MatrixRow(
        number=number,
        row=row,
        worst=worst_of(row),
        counts=Counter(standings.values()),
        standings=tuple(standings.get(check) for check in checks),
        reasons=_reasons(cells_worst_first(row), checks),
        variables=variables(row),
        answer=answers.get(row.group) if row.group else None,
    )


def _reasons(cells: Iterable[Cell], checks: Mapping[str, LegendEntry]) -> tuple[Because, ...]:
    alike: dict[tuple[Standing, str, str | None], list[LegendEntry]] = {}
    for cell in cells:
        told = (standing_of(cell), cell.because, cell.advice)
        alike.setdefault(told, []).append(checks[cell.check])
    return tuple(
        Because(standing=standing, because=because, advice=advice, checks=tuple(its))
        for (standing, because, advice), its in alike.items()
    )
