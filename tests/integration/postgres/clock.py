"""Deadlines that do not depend on the speed of the machine."""

from dataclasses import dataclass

_LEAST_SECONDS, _TIMES = 2, 12


@dataclass(slots=True)
class Clock:
    """Replaces the `time` module in `limits`; the time stands still unless a test moves it."""

    now: float = 0.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def short_deadline(honest_seconds: float) -> float:
    """Return a deadline that hostile servers exceed and honest servers meet.

    Args:
        honest_seconds: The time that an honest server takes on this machine just now.
    """
    return max(_LEAST_SECONDS, _TIMES * honest_seconds)
