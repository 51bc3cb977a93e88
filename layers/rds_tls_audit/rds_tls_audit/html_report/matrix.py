"""The rows of the matrix, with the details below each."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rds_tls_audit.html_report.display_status import (
    DisplayStatus,
    display_status_of,
    sort_cells,
    sort_rows,
    worst_status_of,
)
from rds_tls_audit.html_report.legend import LegendEntry
from rds_tls_audit.html_report.manual_checks import shell_variables
from rds_tls_audit.html_report.posture import DatabaseRow, VerdictCell
from rds_tls_audit.html_report.readiness_cards import ReadinessCard


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """A reason, and the checks whose verdicts it explains."""

    status: DisplayStatus
    because: str
    advice: str | None
    checks: tuple[LegendEntry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MatrixRow:
    """One database."""

    number: int
    """The position of the row, from 1; also part of its anchor."""
    database: DatabaseRow
    worst: DisplayStatus
    counts: Mapping[DisplayStatus, int]
    statuses: tuple[DisplayStatus | None, ...]
    """The status of each check of the legend; None if it was not evaluated."""
    reasons: tuple[Reason, ...]
    """Worst first."""
    variables: str | None
    """The shell variables for the manual checks."""
    readiness: ReadinessCard | None
    """The readiness of its parameter group; None if the group was not assessed."""


def build_matrix(
    rows: Iterable[DatabaseRow], checks: Sequence[LegendEntry], cards: Iterable[ReadinessCard]
) -> tuple[MatrixRow, ...]:
    """Build the rows, worst first."""
    by_id = {check.id: check for check in checks}
    by_group = {str(card.assessment.group): card for card in cards}
    return tuple(
        _matrix_row(number, row, by_id, by_group) for number, row in enumerate(sort_rows(rows), 1)
    )


def _matrix_row(
    number: int,
    row: DatabaseRow,
    checks: Mapping[str, LegendEntry],
    cards: Mapping[str, ReadinessCard],
) -> MatrixRow:
    statuses = {cell.check: display_status_of(cell) for cell in row.verdicts}
    return MatrixRow(
        number=number,
        database=row,
        worst=worst_status_of(row),
        counts=Counter(statuses.values()),
        statuses=tuple(statuses.get(check) for check in checks),
        reasons=_reasons(sort_cells(row), checks),
        variables=shell_variables(row),
        readiness=cards.get(row.group) if row.group else None,
    )


def _reasons(cells: Iterable[VerdictCell], checks: Mapping[str, LegendEntry]) -> tuple[Reason, ...]:
    alike: dict[tuple[DisplayStatus, str, str | None], list[LegendEntry]] = {}
    for cell in cells:
        reason = (display_status_of(cell), cell.because, cell.advice)
        alike.setdefault(reason, []).append(checks[cell.check])
    return tuple(
        Reason(status=status, because=because, advice=advice, checks=tuple(explained))
        for (status, because, advice), explained in alike.items()
    )
