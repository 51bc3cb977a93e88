"""The status that the report shows for a verdict or a database, worst first.

An accepted risk is not an open failure.
"""

from collections import Counter
from collections.abc import Iterable
from enum import StrEnum

from rds_tls_audit.checks.verdict import Severity
from rds_tls_audit.html_report.posture import DatabaseRow, VerdictCell


class DisplayStatus(StrEnum):
    """Worst first; the values are displayed and are also classes of the style sheet."""

    FAILED = "failed"
    WARNING = "warning"
    UNKNOWN = "unknown"
    ACCEPTED = "accepted"
    PASSED = "passed"


_ORDER = {status: position for position, status in enumerate(DisplayStatus)}
_SEVEREST_FIRST = tuple(reversed(Severity))


def display_status_of(cell: VerdictCell) -> DisplayStatus:
    """Return the status to show for one verdict."""
    return DisplayStatus.ACCEPTED if cell.accepted else DisplayStatus(cell.status.lower())


def worst_status_of(row: DatabaseRow) -> DisplayStatus:
    """Return the status of a database's worst verdict; a database without verdicts is unknown."""
    statuses = map(display_status_of, row.verdicts)
    return min(statuses, key=_ORDER.__getitem__, default=DisplayStatus.UNKNOWN)


def sort_rows(rows: Iterable[DatabaseRow]) -> list[DatabaseRow]:
    """Sort worst first: by worst status, then by the number of failures of each severity."""
    return sorted(
        rows, key=lambda row: (_ORDER[worst_status_of(row)], _badness(row), row.id, row.arn)
    )


def sort_cells(row: DatabaseRow) -> list[VerdictCell]:
    """Sort the verdicts of a database worst first, else in the order of the checks."""
    return sorted(row.verdicts, key=lambda cell: _ORDER[display_status_of(cell)])


def _badness(row: DatabaseRow) -> tuple[int, ...]:
    counts = Counter((display_status_of(cell), cell.severity) for cell in row.verdicts)
    return tuple(
        -counts[status, severity] for status in DisplayStatus for severity in _SEVEREST_FIRST
    )
