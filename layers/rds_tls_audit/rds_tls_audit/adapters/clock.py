"""The clock: where a run gets its time and, if it has none, its id; and how long it may go on."""

import math
from collections.abc import Callable
from datetime import UTC, datetime
from uuid import uuid4

from rds_tls_audit.pipeline.run import Run, RunKind


def now() -> datetime:
    """Give the time, in UTC."""
    return datetime.now(UTC)


def new_run(kind: RunKind, run_id: str | None = None) -> Run:
    """Begin a run now; `run_id` is the execution's name where there is one."""
    begin = now()
    own_id = f"{kind}-{begin:%Y%m%dT%H%M%SZ}-{uuid4().hex[:8]}"
    return Run(id=run_id or own_id, kind=kind, observed_at=begin)


def time_left(context: object, *, reserve: float) -> Callable[[], float]:
    """Tell seconds until the invocation must be through, less a tenth of them to close with.

    Without end where the context is not one of Lambda's, as on a developer's machine.

    Args:
        context: as Lambda gives it.
        reserve: seconds; the most that is kept to close with.
    """
    milliseconds = getattr(context, "get_remaining_time_in_millis", None)
    if not callable(milliseconds):
        return lambda: math.inf
    kept = min(reserve, milliseconds() / 10_000)
    return lambda: milliseconds() / 1000 - kept
