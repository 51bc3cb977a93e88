"""A sample run of the schedule waits for a moment of its interval; nobody else waits."""

from collections import Counter

import pytest

from rds_tls_audit.stages.discover import Skipped
from tests.support.sample_schedule import SCHEDULED, answered, in_execution

SAMPLE = SCHEDULED["Sample"]
WAITS = [685, 685, 451]


def wait(execution: str, minutes: int = 15) -> int:
    seconds = answered(in_execution(SAMPLE, execution), minutes=minutes)["wait_seconds"]
    assert isinstance(seconds, int)
    return seconds


@pytest.mark.parametrize(
    "asked",
    [
        pytest.param({"kind": "sample"}, id="sample-by-hand"),
        pytest.param({"kind": "sample", "spread": False}, id="sample-that-is-not-to-wait"),
        pytest.param({"kind": "full"}, id="full"),
        pytest.param({"databases": ["orders-prod"]}, id="named"),
        pytest.param({"databases": ["orders-prod"], "ignore_missing": True}, id="of-an-event"),
        pytest.param(None, id="without-input"),
    ],
)
def test_no_other_execution_waits(asked: object) -> None:
    waits = {answered(in_execution(asked, f"e-{it}"))["wait_seconds"] for it in range(99)}

    assert waits == {0}


def test_who_asks_for_the_manifest_alone_is_told_of_no_wait() -> None:
    assert "wait_seconds" not in answered(SAMPLE)


def test_nobody_waits_where_nothing_is_sampled() -> None:
    assert {wait(f"e-{number}", minutes=0) for number in range(99)} == {0}


def test_a_run_that_is_skipped_waits_for_nothing() -> None:
    event = in_execution({"kind": "full"}, "daily")

    assert answered(event, Skipped(held_by="first")) == {
        "run_id": "daily",
        "kind": "full",
        "skipped": True,
        "held_by": "first",
    }


def test_a_state_that_is_retried_draws_the_same_moment_in_any_process() -> None:
    assert [wait("8a1f7e2c"), wait("8a1f7e2c"), wait("8a1f7e2d")] == WAITS


@pytest.mark.parametrize("minutes", [1, 15, 360])
def test_the_moments_cover_the_interval_evenly(minutes: int) -> None:
    interval, tenths = minutes * 60, 10
    drawn = [wait(f"3f0c{number:04x}-{number}", minutes) for number in range(5000)]
    by_tenth = Counter(seconds * tenths // interval for seconds in drawn)

    assert by_tenth.keys() == set(range(tenths))
    # Six standard deviations of what chance would give.
    assert all(abs(number - 500) < 6 * (500 * 0.9) ** 0.5 for number in by_tenth.values())


def test_the_first_and_the_last_second_are_drawn_too() -> None:
    drawn = {wait(f"e-{number}", minutes=1) for number in range(5000)}

    assert drawn == set(range(60))
