"""A posture with shorter reasons, where in full its page would be too large to open."""

from dataclasses import replace

from rds_tls_audit.html_report.posture import Cell, Posture
from rds_tls_audit.text import truncate


def shorten_reasons(posture: Posture, longest: int) -> Posture:
    """Cut the reason of every verdict to so many characters; the general next step is enough."""
    return replace(
        posture,
        cut_to=longest,
        databases=tuple(
            replace(row, verdicts=tuple(_shortened(cell, longest) for cell in row.verdicts))
            for row in posture.databases
        ),
    )


def _shortened(cell: Cell, longest: int) -> Cell:
    return replace(cell, because=truncate(cell.because, longest), advice=None)
