"""The trend: lines for each status, and their description."""

from datetime import timedelta

import pytest

from rds_tls_audit.checks.verdict import Status
from rds_tls_audit.html_report.trend import HEIGHT, MARGIN, WIDTH, draw_trend_lines
from rds_tls_audit.results.run_totals import RunTotals
from tests.support.builders import NOW


def totals(days_ago: int, failed: int) -> RunTotals:
    return RunTotals(
        run_id=f"full-{days_ago}-days-ago",
        observed_at=NOW - timedelta(days=days_ago),
        counts={Status.FAILED: failed},
    )


def test_a_line_spans_the_width_and_is_scaled_to_its_maximum() -> None:
    failed, *_ = draw_trend_lines([totals(2, 4), totals(1, 0), totals(0, 2)])

    assert [point.x for point in failed.points] == [MARGIN, WIDTH / 2, WIDTH - MARGIN]
    assert [point.y for point in failed.points] == [MARGIN, HEIGHT - MARGIN, HEIGHT / 2]
    assert failed.polyline == "4.0,4.0 120.0,44.0 236.0,24.0"


def test_a_line_of_zeros_is_at_the_bottom() -> None:
    *_, passed = draw_trend_lines([totals(1, 1), totals(0, 1)])

    assert {point.y for point in passed.points} == {HEIGHT - MARGIN}


@pytest.mark.parametrize(
    ("numbers", "change"),
    [
        ([3], "first run"),
        ([3, 3], "no change since the previous run"),
        ([3, 5], "2 more than in the previous run"),
        ([9, 3, 2], "1 fewer than in the previous run"),
    ],
)
def test_the_change_is_described(numbers: list[int], change: str) -> None:
    runs = [totals(-day, number) for day, number in enumerate(numbers)]

    assert draw_trend_lines(runs)[0].change == change


def test_a_line_has_a_description_for_screen_readers() -> None:
    failed, *_ = draw_trend_lines([totals(1, 14), totals(0, 5)])

    assert failed.description == ("Failed verdicts: 14 on 2026-02-28, 5 on 2026-03-01, maximum 14")
