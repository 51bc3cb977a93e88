"""Waiting for what a server, a process or a queue shows, and never for a time to pass."""

import time
from collections.abc import Callable

HANG_SECONDS = 300
"""Ends what hangs, on a busy machine too; nothing is measured by it."""
_POLL_SECONDS = 0.02


def seconds_of(work: Callable[[], object]) -> float:
    """Measure how long this takes just now: what a deadline beside it has to follow."""
    begin = time.monotonic()
    work()
    return time.monotonic() - begin


def wait_until(condition: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + HANG_SECONDS
    while not condition():
        assert time.monotonic() < end, f"not in {HANG_SECONDS} s: {what}"
        time.sleep(_POLL_SECONDS)
