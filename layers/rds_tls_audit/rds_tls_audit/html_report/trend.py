"""The posture over time: a small line for each status, with the same in words and numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

from rds_tls_audit.checks.verdict import WORST_FIRST, Status
from rds_tls_audit.html_report.display_status import DisplayStatus
from rds_tls_audit.results.run_totals import RunTotals

MAX_RUNS = 30
WIDTH = 240
HEIGHT = 48
MARGIN = 4
"""So that a dot on the edge is whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrendPoint:
    """One run on a line, in units of the drawing."""

    x: float
    y: float
    past: RunTotals


@dataclass(frozen=True, slots=True, kw_only=True)
class TrendLine:
    """How often a status was given, run by run."""

    label: DisplayStatus
    status: Status
    dots: tuple[TrendPoint, ...]
    latest: int
    highest: int
    change: str
    """Against the run before, in words."""
    words: str
    """What the line shows."""

    @property
    def points(self) -> str:
        """The corners, as SVG writes them."""
        return " ".join(f"{dot.x},{dot.y}" for dot in self.dots)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """The latest full runs, and a line for each status."""

    width: ClassVar[int] = WIDTH
    height: ClassVar[int] = HEIGHT
    margin: ClassVar[int] = MARGIN

    runs: Sequence[RunTotals]
    """Oldest first."""
    lines: tuple[TrendLine, ...]

    @classmethod
    def of(cls, history: Sequence[RunTotals]) -> Self:
        """Keep the latest runs of a history that has at least one."""
        runs = history[-MAX_RUNS:]
        return cls(runs=runs, lines=trend_lines(runs))


def trend_lines(pasts: Sequence[RunTotals]) -> tuple[TrendLine, ...]:
    """Draw a line for each status, worst first, each from zero to its own highest number.

    Args:
        pasts: the runs, oldest first; at least one.
    """
    return tuple(_line(status, pasts) for status in WORST_FIRST)


def _line(status: Status, pasts: Sequence[RunTotals]) -> TrendLine:
    numbers = [past.counts.get(status, 0) for past in pasts]
    highest = max(numbers)
    across = (WIDTH - 2 * MARGIN) / max(len(numbers) - 1, 1)
    up = (HEIGHT - 2 * MARGIN) / max(highest, 1)
    return TrendLine(
        label=DisplayStatus(status.lower()),
        status=status,
        dots=tuple(
            TrendPoint(
                x=round(MARGIN + position * across, 1),
                y=round(HEIGHT - MARGIN - number * up, 1),
                past=past,
            )
            for position, (number, past) in enumerate(zip(numbers, pasts, strict=True))
        ),
        latest=numbers[-1],
        highest=highest,
        change=_change(numbers),
        words=(
            f"{status.capitalize()} verdicts: {numbers[0]} on {pasts[0].observed_at:%Y-%m-%d}, "
            f"{numbers[-1]} on {pasts[-1].observed_at:%Y-%m-%d}, at most {highest}"
        ),
    )


def _change(numbers: Sequence[int]) -> str:
    if len(numbers) == 1:
        return "first run"
    difference = numbers[-1] - numbers[-2]
    if not difference:
        return "as in the run before"
    return f"{abs(difference)} {'more' if difference > 0 else 'fewer'} than in the run before"
