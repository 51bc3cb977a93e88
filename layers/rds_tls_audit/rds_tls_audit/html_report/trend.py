"""The posture over time: a small line for each status, with a description and the numbers."""

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
"""Keeps a dot at the edge complete."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrendPoint:
    """One run on a line; x and y are coordinates of the drawing."""

    x: float
    y: float
    run: RunTotals


@dataclass(frozen=True, slots=True, kw_only=True)
class TrendLine:
    """The number of verdicts with one status, run by run."""

    label: DisplayStatus
    status: Status
    points: tuple[TrendPoint, ...]
    latest: int
    highest: int
    change: str
    """The change since the previous run, in words."""
    description: str
    """The line in words, for screen readers."""

    @property
    def polyline(self) -> str:
        """The coordinates in the syntax of SVG."""
        return " ".join(f"{point.x},{point.y}" for point in self.points)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """The latest full runs, with a line for each status."""

    width: ClassVar[int] = WIDTH
    height: ClassVar[int] = HEIGHT
    margin: ClassVar[int] = MARGIN

    runs: Sequence[RunTotals]
    """Oldest first."""
    lines: tuple[TrendLine, ...]

    @classmethod
    def of(cls, history: Sequence[RunTotals]) -> Self:
        """Draw the latest runs of a history, which must have at least one."""
        runs = history[-MAX_RUNS:]
        return cls(runs=runs, lines=draw_trend_lines(runs))


def draw_trend_lines(runs: Sequence[RunTotals]) -> tuple[TrendLine, ...]:
    """Draw a line for each status, worst first, each scaled from zero to its own maximum.

    Args:
        runs: the full runs, oldest first; at least one.
    """
    return tuple(_line(status, runs) for status in WORST_FIRST)


def _line(status: Status, runs: Sequence[RunTotals]) -> TrendLine:
    numbers = [run.counts.get(status, 0) for run in runs]
    highest = max(numbers)
    across = (WIDTH - 2 * MARGIN) / max(len(numbers) - 1, 1)
    up = (HEIGHT - 2 * MARGIN) / max(highest, 1)
    return TrendLine(
        label=DisplayStatus(status.lower()),
        status=status,
        points=tuple(
            TrendPoint(
                x=round(MARGIN + position * across, 1),
                y=round(HEIGHT - MARGIN - number * up, 1),
                run=run,
            )
            for position, (number, run) in enumerate(zip(numbers, runs, strict=True))
        ),
        latest=numbers[-1],
        highest=highest,
        change=_change(numbers),
        description=(
            f"{status.capitalize()} verdicts: {numbers[0]} on {runs[0].observed_at:%Y-%m-%d}, "
            f"{numbers[-1]} on {runs[-1].observed_at:%Y-%m-%d}, maximum {highest}"
        ),
    )


def _change(numbers: Sequence[int]) -> str:
    if len(numbers) == 1:
        return "first run"
    difference = numbers[-1] - numbers[-2]
    if not difference:
        return "no change since the previous run"
    return f"{abs(difference)} {'more' if difference > 0 else 'fewer'} than in the previous run"
