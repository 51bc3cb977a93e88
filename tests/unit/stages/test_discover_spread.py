"""A scheduled sample run waits for a random moment of its interval; no other run waits."""

from collections import Counter

import pytest

from rds_tls_audit.stages.discover import Skipped
from tests.support.sample_schedule import SCHEDULED, discover_response, in_execution

SAMPLE = SCHEDULED["Sample"]
WAITS = [685, 685, 451]


def wait(execution: str, minutes: int = 15) -> int:
    seconds = discover_response(in_execution(SAMPLE, execution), minutes=minutes)["wait_seconds"]
    assert isinstance(seconds, int)
    return seconds


@pytest.mark.parametrize(
    "execution_input",
    [
        pytest.param({"kind": "sample"}, id="sample-by-hand"),
        pytest.param({"kind": "sample", "spread": False}, id="sample-without-spread"),
        pytest.param({"kind": "full"}, id="full"),
        pytest.param({"databases": ["orders-prod"]}, id="named"),
        pytest.param({"databases": ["orders-prod"], "ignore_missing": True}, id="from-an-event"),
        pytest.param(None, id="without-input"),
    ],
)
def test_no_other_execution_waits(execution_input: object) -> None:
    waits = {
        discover_response(in_execution(execution_input, f"e-{number}"))["wait_seconds"]
        for number in range(99)
    }

    assert waits == {0}


def test_a_response_outside_an_execution_contains_no_wait() -> None:
    assert "wait_seconds" not in discover_response(SAMPLE)


def test_no_run_waits_if_there_are_no_sample_runs() -> None:
    assert {wait(f"e-{number}", minutes=0) for number in range(99)} == {0}


def test_a_skipped_run_does_not_wait() -> None:
    event = in_execution({"kind": "full"}, "daily")

    assert discover_response(event, Skipped(held_by="first")) == {
        "run_id": "daily",
        "kind": "full",
        "skipped": True,
        "held_by": "first",
    }


def test_a_retried_state_draws_the_same_moment_in_any_process() -> None:
    assert [wait("8a1f7e2c"), wait("8a1f7e2c"), wait("8a1f7e2d")] == WAITS


@pytest.mark.thorough
@pytest.mark.parametrize("minutes", [1, 15, 360])
def test_the_moments_cover_the_interval_evenly(minutes: int) -> None:
    interval, tenths = minutes * 60, 10
    drawn = [wait(f"3f0c{number:04x}-{number}", minutes) for number in range(5000)]
    by_tenth = Counter(seconds * tenths // interval for seconds in drawn)

    assert by_tenth.keys() == set(range(tenths))
    # Within six standard deviations of a uniform distribution.
    assert all(abs(number - 500) < 6 * (500 * 0.9) ** 0.5 for number in by_tenth.values())


@pytest.mark.thorough
def test_every_second_of_the_interval_can_be_drawn() -> None:
    drawn = {wait(f"e-{number}", minutes=1) for number in range(5000)}

    assert drawn == set(range(60))
