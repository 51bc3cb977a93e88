"""The posture over time, as lines and in words."""

from datetime import timedelta

import pytest

from rds_tls_audit.checks.verdict import Status
from rds_tls_audit.html_report.trend import HEIGHT, MARGIN, WIDTH, trend_lines
from rds_tls_audit.results.run_totals import RunTotals
from tests.support.builders import NOW


def past(days_ago: int, failed: int) -> RunTotals:
    return RunTotals(
        run_id=f"full-{days_ago}-days-ago",
        observed_at=NOW - timedelta(days=days_ago),
        counts={Status.FAILED: failed},
    )


def test_a_line_runs_from_edge_to_edge_and_from_zero_to_its_highest() -> None:
    failed, *_ = trend_lines([past(2, 4), past(1, 0), past(0, 2)])

    assert [dot.x for dot in failed.dots] == [MARGIN, WIDTH / 2, WIDTH - MARGIN]
    assert [dot.y for dot in failed.dots] == [MARGIN, HEIGHT - MARGIN, HEIGHT / 2]
    assert failed.points == "4.0,4.0 120.0,44.0 236.0,24.0"


def test_a_line_of_zeros_lies_on_the_ground() -> None:
    *_, passed = trend_lines([past(1, 1), past(0, 1)])

    assert {dot.y for dot in passed.dots} == {HEIGHT - MARGIN}


@pytest.mark.parametrize(
    ("numbers", "change"),
    [
        ([3], "first run"),
        ([3, 3], "as in the run before"),
        ([3, 5], "2 more than in the run before"),
        ([9, 3, 2], "1 fewer than in the run before"),
    ],
)
def test_the_change_is_told_in_words(numbers: list[int], change: str) -> None:
    pasts = [past(-day, number) for day, number in enumerate(numbers)]

    assert trend_lines(pasts)[0].change == change


def test_a_line_has_words_for_those_who_do_not_see_it() -> None:
    failed, *_ = trend_lines([past(1, 14), past(0, 5)])

    assert failed.words == "Failed verdicts: 14 on 2026-02-28, 5 on 2026-03-01, at most 14"
