"""How a verdict or a database stands, worst first; an accepted risk is not an open failure."""

from collections import Counter
from collections.abc import Iterable
from enum import StrEnum

from rds_tls_audit.checks.verdict import Severity
from rds_tls_audit.html_report.posture import Cell, Row


class DisplayStatus(StrEnum):
    """Worst first; the values are words for people and classes for the style sheet."""

    FAILED = "failed"
    WARNING = "warning"
    UNKNOWN = "unknown"
    ACCEPTED = "accepted"
    PASSED = "passed"


_ORDER = {standing: position for position, standing in enumerate(DisplayStatus)}
_SEVEREST_FIRST = tuple(reversed(Severity))


def display_status_of(cell: Cell) -> DisplayStatus:
    """Tell how one verdict stands."""
    return DisplayStatus.ACCEPTED if cell.accepted else DisplayStatus(cell.status.lower())


def worst_of(row: Row) -> DisplayStatus:
    """Tell how a database stands: as its worst verdict; without any it is unknown."""
    standings = map(display_status_of, row.verdicts)
    return min(standings, key=_ORDER.__getitem__, default=DisplayStatus.UNKNOWN)


def worst_first(rows: Iterable[Row]) -> list[Row]:
    """Sort: more failures of high severity first, then of less, then warnings, and so on."""
    return sorted(rows, key=lambda row: (_ORDER[worst_of(row)], _badness(row), row.id, row.arn))


def cells_worst_first(row: Row) -> list[Cell]:
    """Sort the verdicts of a database; alike ones stay in the order of the table of checks."""
    return sorted(row.verdicts, key=lambda cell: _ORDER[display_status_of(cell)])


def _badness(row: Row) -> tuple[int, ...]:
    counts = Counter((display_status_of(cell), cell.severity) for cell in row.verdicts)
    return tuple(
        -counts[standing, severity] for standing in DisplayStatus for severity in _SEVEREST_FIRST
    )
