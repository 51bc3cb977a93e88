"""Deadlines without a hurry: a clock that the test moves, and one that follows the machine."""

from dataclasses import dataclass

_LEAST_SECONDS, _TIMES = 2, 30


@dataclass(slots=True)
class Clock:
    """What the bounds of a database take for `time`: it stands still unless it is moved."""

    now: float = 0.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def short_deadline(honest_look: float) -> float:
    """Give a deadline to let pass, which an honest server keeps on this machine all the same."""
    return max(_LEAST_SECONDS, _TIMES * honest_look)
