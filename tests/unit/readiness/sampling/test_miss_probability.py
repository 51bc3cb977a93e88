"""Compares the formula with a simulation of the process that it describes."""

import random
from dataclasses import dataclass
from math import ceil, prod
from statistics import fmean

import pytest

from rds_tls_audit.readiness.sampling.miss_probability import (
    CONNECTION_PATTERNS,
    DAY,
    HOUR,
    MINUTE,
    WEEK,
    ConnectionPattern,
    miss_probabilities,
    probability_missed,
)

QUARTER = 15 * MINUTE
TRIALS = 5_000
TWO_POINTS = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """A client and its sampling, in whole seconds."""

    period: int
    duration: int
    interval: int
    days: int
    collected: float

    def missed(self) -> float:
        """Simulate many times, and return how often no sample shows the client."""
        dice = random.Random(repr(self))  # noqa: S311 - a simulation
        return sum(not self.seen(dice) for _ in range(TRIALS)) / TRIALS

    def seen(self, dice: random.Random) -> bool:
        phase = dice.randrange(self.period)
        return any(
            dice.random() < self.collected
            and self.connected(start + dice.randrange(self.interval), phase)
            for start in self.touched(phase)
        )

    def connected(self, moment: int, phase: int) -> bool:
        return (moment - phase) % self.period < self.duration

    def touched(self, phase: int) -> list[int]:
        """List the starts of the intervals that a visit touches: only these can show it."""
        end = self.days * DAY
        visits = range(phase - self.period, end, self.period)
        numbers = {
            number
            for visit in visits
            for number in range(
                visit // self.interval, (visit + self.duration - 1) // self.interval + 1
            )
        }
        return [start for number in sorted(numbers) if 0 <= (start := number * self.interval) < end]


@pytest.mark.thorough
@pytest.mark.parametrize(
    "collected", [1.0, 0.9, 0.4], ids=lambda collected: f"{collected:.0%}-collected"
)
@pytest.mark.parametrize(
    ("period", "duration", "interval", "days"),
    [
        pytest.param(HOUR, MINUTE, QUARTER, 1, id="a-minute-an-hour-for-a-day"),
        pytest.param(DAY, 5 * MINUTE, QUARTER, 5, id="5-minutes-a-night-for-5-days"),
        pytest.param(DAY, 10, QUARTER, 35, id="10-seconds-a-night"),
        pytest.param(DAY, 10 * MINUTE, QUARTER, 2, id="10-minutes-a-night-for-2-days"),
        pytest.param(DAY, QUARTER, QUARTER, 1, id="as-long-as-an-interval"),
        pytest.param(DAY, 20 * MINUTE, QUARTER, 1, id="longer-than-an-interval"),
        pytest.param(WEEK, HOUR, QUARTER, 3, id="an-hour-a-week-for-3-days"),
        pytest.param(WEEK, 5 * MINUTE, QUARTER, 35, id="5-minutes-a-week"),
        pytest.param(30 * DAY, 10 * MINUTE, QUARTER, 35, id="10-minutes-a-month"),
        pytest.param(30 * DAY, 10 * MINUTE, HOUR, 35, id="10-minutes-a-month-sampled-hourly"),
        pytest.param(30 * DAY, 90 * MINUTE, HOUR, 35, id="90-minutes-a-month-sampled-hourly"),
        pytest.param(5 * MINUTE, 1, QUARTER, 1, id="a-second-every-5-minutes"),
        pytest.param(20 * MINUTE, 10, QUARTER, 1, id="out-of-step-with-the-samples"),
    ],
)
def test_the_formula_agrees_with_a_simulation(
    period: int, duration: int, interval: int, days: int, collected: float
) -> None:
    pattern = ConnectionPattern(name="", period=period, duration=duration)

    formula = probability_missed(pattern, interval=interval, days=days, collected=collected)

    process = Process(
        period=period, duration=duration, interval=interval, days=days, collected=collected
    )
    assert formula == pytest.approx(process.missed(), abs=TWO_POINTS)


def missed_from(start: float, duration: float, collected: float) -> float:
    """Miss one visit that begins at `start`, in each interval that it touches independently."""
    end = start + duration
    held = [
        min(end, interval + QUARTER) - max(start, interval)
        for interval in range(0, ceil(end), QUARTER)
    ]
    return prod(1 - collected * seconds / QUARTER for seconds in held)


@pytest.mark.parametrize("minutes", [1, 10, 15, 20, 30, 44, 70])
def test_one_visit_counts_with_the_mean_over_all_its_possible_starts(minutes: int) -> None:
    once = ConnectionPattern(name="", period=DAY, duration=minutes * MINUTE)

    every = [missed_from(second + 0.5, once.duration, collected=0.9) for second in range(QUARTER)]

    formula = probability_missed(once, interval=QUARTER, days=1, collected=0.9)
    assert formula == pytest.approx(fmean(every), abs=1e-5)


@pytest.mark.parametrize("pattern", CONNECTION_PATTERNS, ids=lambda pattern: pattern.name)
def test_without_samples_every_client_is_missed(pattern: ConnectionPattern) -> None:
    assert probability_missed(pattern, interval=QUARTER, days=0, collected=1) == 1
    assert probability_missed(pattern, interval=QUARTER, days=35, collected=0) == 1


@pytest.mark.parametrize("pattern", CONNECTION_PATTERNS, ids=lambda pattern: pattern.name)
def test_more_sampling_never_misses_more(pattern: ConnectionPattern) -> None:
    by_days = [
        probability_missed(pattern, interval=QUARTER, days=days, collected=0.9)
        for days in range(0, 50, 7)
    ]
    by_collected = [
        probability_missed(pattern, interval=QUARTER, days=35, collected=tenth / 10)
        for tenth in range(11)
    ]

    assert by_days == sorted(by_days, reverse=True)
    assert by_collected == sorted(by_collected, reverse=True)
    assert all(0 <= missed <= 1 for missed in (*by_days, *by_collected))


def test_every_pattern_has_a_probability() -> None:
    misses = miss_probabilities(days=35, collected=0.95, samples_per_day=96)

    assert [miss.pattern for miss in misses] == [pattern.name for pattern in CONNECTION_PATTERNS]


def test_the_patterns_go_from_the_easiest_to_observe_to_the_hardest() -> None:
    missed = [
        miss.probability for miss in miss_probabilities(days=35, collected=0.95, samples_per_day=96)
    ]

    assert missed == sorted(set(missed))
