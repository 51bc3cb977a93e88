"""The chance that a client of some habit was in none of the samples.

In every interval one sample is taken, at a moment that is random within the interval. So a visit
that lasts a part x of an interval is missed with chance 1 - tx, where t is the part of the samples
that was really taken; a visit over several intervals is missed in each of them apart.
"""

from dataclasses import dataclass
from math import floor

MINUTE, HOUR, DAY, WEEK = 60, 3_600, 86_400, 604_800


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionPattern:
    """A client that connects once every `period` and stays for `duration`, in seconds."""

    name: str
    period: float
    duration: float


@dataclass(frozen=True, slots=True, kw_only=True)
class MissProbability:
    """How likely a client of this habit was missed."""

    pattern: str
    probability: float


CONNECTION_PATTERNS = (
    ConnectionPattern(name="a pool that is always connected", period=DAY, duration=DAY),
    ConnectionPattern(name="1 minute every hour", period=HOUR, duration=MINUTE),
    ConnectionPattern(name="1 hour every week", period=WEEK, duration=HOUR),
    ConnectionPattern(name="5 minutes every night", period=DAY, duration=5 * MINUTE),
    ConnectionPattern(name="10 minutes every month", period=30 * DAY, duration=10 * MINUTE),
    ConnectionPattern(name="10 seconds every night", period=DAY, duration=10),
)
"""From the easiest to see to the hardest, at a sample every quarter of an hour."""


def miss_probabilities(
    *, days: int, taken: float, samples_per_day: int
) -> tuple[MissProbability, ...]:
    """Tell for each habit how likely such a client was missed."""
    return tuple(
        MissProbability(
            pattern=habit.name, probability=_missed(habit, days, taken, samples_per_day)
        )
        for habit in CONNECTION_PATTERNS
    )


def _missed(habit: ConnectionPattern, days: int, taken: float, samples_per_day: int) -> float:
    if samples_per_day <= 0:
        return 1.0
    return probability_missed(habit, interval=DAY / samples_per_day, days=days, taken=taken)


def probability_missed(
    habit: ConnectionPattern, *, interval: float, days: float, taken: float
) -> float:
    """Tell how likely a client of this habit is in no sample of so many days.

    Args:
        habit: what the client does.
        interval: seconds, in each of which one sample is planned.
        days: how long was sampled.
        taken: which part of the planned samples was taken, 0 to 1.
    """
    whole = days * DAY
    if habit.period <= interval or habit.duration >= habit.period:
        # Every interval holds the same part of visits, however they lie in it.
        part = min(habit.duration / habit.period, 1.0)
        return _power(1 - taken * part, whole / interval)
    length = habit.duration / interval
    visits = whole / habit.period
    wraps = length - floor(length)
    return (1 - wraps) * _power(_within(length, taken), visits) + wraps * _power(
        _wrapped(length, taken), visits
    )


def _power(missed: float, visits: float) -> float:
    """Miss each of the visits; of 1.2 visits, one or by a chance of 0.2 two."""
    often = floor(visits)
    more = visits - often
    return float(missed**often * (1 - more + more * missed))


def _wrapped(length: float, taken: float) -> float:
    """Miss a visit whose ends lie in two intervals and are together shorter than one.

    Ends a and b with a + b = r: the mean of (1 - ta)(1 - tb) over all a, since ab is r²/6 then.
    """
    ends = length - floor(length)
    return _full(floor(length), taken) * (1 - taken * ends + (taken * ends) ** 2 / 6)


def _within(length: float, taken: float) -> float:
    """Miss a visit whose ends are together longer than an interval, or that lies in a single one.

    Ends a and b with a + b = 1 + r: the mean of ab is r + (1 - r)²/6 then.
    """
    ends = length - floor(length)
    if length < 1:
        return 1 - taken * ends
    product = ends + (1 - ends) ** 2 / 6
    both = 1 - taken * (1 + ends) + taken**2 * product
    return _full(floor(length) - 1, taken) * both


def _full(intervals: int, taken: float) -> float:
    return float((1 - taken) ** intervals)
