"""The lock that allows one full run at a time."""

from typing import Protocol

from rds_tls_audit.pipeline.run import Run


class Lock(Protocol):
    """Allows one full run at a time."""

    def acquire(self, run: Run) -> str | None:
        """Acquire the lock for a run.

        A run that holds the lock acquires it again, so that a retried state is no second run. A
        lock expires after a few hours, in case its run was never closed.

        Returns:
            None, or the id of the other run that holds the lock.
        """

    def release(self, run_id: str) -> None:
        """Release the lock; do nothing if this run does not hold it."""
