"""The two limits for one database: a deadline for everything, and a number of received bytes."""

import time

DEADLINE_EXCEEDED = (
    "no answer arrived within the deadline; if the server is only slow, raise "
    "PROBE_DEADLINE_SECONDS"
)

MAX_RECEIVED_BYTES = 1024 * 1024
"""The most bytes that are received; a thousand session groups take about 200 KB.

Parsing takes several times as much memory.
"""


class DeadlineExceededError(TimeoutError):
    """The time for this database is up."""

    def __init__(self) -> None:
        """Create the error with its reason."""
        super().__init__(DEADLINE_EXCEEDED)


class ByteLimitExceededError(OSError):
    """The server sent or announced more bytes than are left."""

    def __init__(self) -> None:
        """Create the error with its reason."""
        super().__init__("the server sent more data than the audit accepts from one database")


class Limits:
    """One deadline and one byte limit, shared by all connections to one database."""

    def __init__(self, seconds: float, max_bytes: int = MAX_RECEIVED_BYTES) -> None:
        """Start the deadline now."""
        self._end = time.monotonic() + seconds
        self._bytes_left = max_bytes

    def remaining(self) -> float:
        """Return the seconds that are left, always more than zero.

        Raises:
            DeadlineExceededError: No time is left.
        """
        left = self._end - time.monotonic()
        if left <= 0:
            raise DeadlineExceededError
        return left

    def reserve(self, size: int) -> None:
        """Check that a read of `size` bytes would stay within the limit.

        Raises:
            ByteLimitExceededError: `size` is negative or more than the bytes that are left.
        """
        if not 0 <= size <= self._bytes_left:
            raise ByteLimitExceededError

    def consume(self, size: int) -> None:
        """Subtract received bytes from those that are left.

        Raises:
            ByteLimitExceededError: More were received than were left.
        """
        self._bytes_left -= size
        if self._bytes_left < 0:
            raise ByteLimitExceededError

    def pause(self, seconds: float) -> None:
        """Sleep.

        Raises:
            DeadlineExceededError: The deadline comes first.
        """
        if seconds >= self.remaining():
            raise DeadlineExceededError
        time.sleep(seconds)
