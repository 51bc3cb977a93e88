"""The two bounds of one database: a deadline over everything, and a budget of received bytes."""

import time

MAX_RECEIVED_BYTES = 1024 * 1024
"""A thousand groups of sessions take about 200 KB; parsing takes several times what came."""


class DeadlineExceededError(TimeoutError):
    """The time for this database is used up."""

    def __init__(self) -> None:
        """Say so."""
        super().__init__("no answer within the deadline")


class ByteLimitExceededError(OSError):
    """The server sends, or announces, more than the budget."""

    def __init__(self) -> None:
        """Say so."""
        super().__init__("the server sends more than an honest one would")


class Limits:
    """One deadline and one budget, shared by all connections to one database."""

    def __init__(self, seconds: float, max_bytes: int = MAX_RECEIVED_BYTES) -> None:
        """Start the clock now."""
        self._end = time.monotonic() + seconds
        self._bytes_left = max_bytes

    def remaining(self) -> float:
        """Seconds that are left, always above zero.

        Raises:
            DeadlineError: none are.
        """
        left = self._end - time.monotonic()
        if left <= 0:
            raise DeadlineExceededError
        return left

    def reserve(self, size: int) -> None:
        """Refuse a read that could not be within the budget.

        Raises:
            TooMuchError: `size` is negative or more than what is left.
        """
        if not 0 <= size <= self._bytes_left:
            raise ByteLimitExceededError

    def consume(self, size: int) -> None:
        """Take received bytes off the budget.

        Raises:
            TooMuchError: it is used up.
        """
        self._bytes_left -= size
        if self._bytes_left < 0:
            raise ByteLimitExceededError

    def pause(self, seconds: float) -> None:
        """Sleep.

        Raises:
            DeadlineError: the deadline is nearer than that.
        """
        if seconds >= self.remaining():
            raise DeadlineExceededError
        time.sleep(seconds)
