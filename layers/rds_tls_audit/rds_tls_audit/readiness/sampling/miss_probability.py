"""The probability that sampling missed a client with a given connection pattern.

Each interval has one sample, at a random moment within the interval. A visit that covers a part x
of an interval is therefore missed with probability 1 - tx, where t is the share of the samples that
was taken. A visit over several intervals is missed in each of them independently.
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
    """How likely sampling missed a client with this pattern."""

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
"""From the easiest to observe to the hardest, with a sample every 15 minutes."""


def miss_probabilities(
    *, days: int, collected: float, samples_per_day: int
) -> tuple[MissProbability, ...]:
    """Return how likely a client with each pattern was missed."""
    return tuple(
        MissProbability(
            pattern=pattern.name, probability=_missed(pattern, days, collected, samples_per_day)
        )
        for pattern in CONNECTION_PATTERNS
    )


def _missed(pattern: ConnectionPattern, days: int, collected: float, samples_per_day: int) -> float:
    if samples_per_day <= 0:
        return 1.0
    interval = DAY / samples_per_day
    return probability_missed(pattern, interval=interval, days=days, collected=collected)


def probability_missed(
    pattern: ConnectionPattern, *, interval: float, days: float, collected: float
) -> float:
    """Return the probability that no sample shows a client with this pattern.

    Args:
        pattern: how often and for how long the client connects.
        interval: seconds, each with one planned sample.
        days: how long the database was sampled.
        collected: the share of the planned samples that was taken, 0 to 1.
    """
    total = days * DAY
    if pattern.period <= interval or pattern.duration >= pattern.period:
        # Visits cover the same part of every interval, wherever they begin.
        part = min(pattern.duration / pattern.period, 1.0)
        return _power(1 - collected * part, total / interval)
    length = pattern.duration / interval
    visits = total / pattern.period
    wraps = length - floor(length)
    return (1 - wraps) * _power(_within(length, collected), visits) + wraps * _power(
        _wrapped(length, collected), visits
    )


def _power(missed: float, visits: float) -> float:
    """Miss each of the visits; 1.2 visits are two with a probability of 0.2, else one."""
    often = floor(visits)
    more = visits - often
    return float(missed**often * (1 - more + more * missed))


def _wrapped(length: float, collected: float) -> float:
    """Miss a visit whose ends are in two intervals and are together shorter than one interval.

    With ends a and b, and a + b = r: the mean of (1 - ta)(1 - tb) over all a, where the mean of ab
    is r²/6.
    """
    ends = length - floor(length)
    return _full(floor(length), collected) * (1 - collected * ends + (collected * ends) ** 2 / 6)


def _within(length: float, collected: float) -> float:
    """Miss a visit whose ends are together longer than an interval, or a visit within one interval.

    With ends a and b, and a + b = 1 + r: the mean of ab is r + (1 - r)²/6.
    """
    ends = length - floor(length)
    if length < 1:
        return 1 - collected * ends
    product = ends + (1 - ends) ** 2 / 6
    both = 1 - collected * (1 + ends) + collected**2 * product
    return _full(floor(length) - 1, collected) * both


def _full(intervals: int, collected: float) -> float:
    return float((1 - collected) ** intervals)
