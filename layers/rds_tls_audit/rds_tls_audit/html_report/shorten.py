"""Shortens the reasons of a posture whose complete report would be too large to open."""

from dataclasses import replace

from rds_tls_audit.html_report.posture import Posture, VerdictCell
from rds_tls_audit.text import truncate


def shorten_reasons(posture: Posture, longest: int) -> Posture:
    """Cut every reason to `longest` characters, and keep only the general next steps."""
    return replace(
        posture,
        reasons_cut_to=longest,
        databases=tuple(
            replace(row, verdicts=tuple(_shorten(cell, longest) for cell in row.verdicts))
            for row in posture.databases
        ),
    )


def _shorten(cell: VerdictCell, longest: int) -> VerdictCell:
    return replace(cell, because=truncate(cell.because, longest), advice=None)
