"""Wait for a condition, never for a time to pass."""

import time
from collections.abc import Callable

HANG_SECONDS = 300
"""The time after which a test that hangs fails; long enough for a busy machine."""
_POLL_SECONDS = 0.02


def seconds_of(work: Callable[[], object]) -> float:
    """Measure how long some work takes now, so that a deadline can be derived from it."""
    begin = time.monotonic()
    work()
    return time.monotonic() - begin


def wait_until(condition: Callable[[], bool], what: str) -> None:
    """Wait until a condition is true; fail with `what` if it never is."""
    end = time.monotonic() + HANG_SECONDS
    while not condition():
        assert time.monotonic() < end, f"not in {HANG_SECONDS} s: {what}"
        time.sleep(_POLL_SECONDS)
