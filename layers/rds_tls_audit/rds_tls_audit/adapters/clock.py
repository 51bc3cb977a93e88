"""The clock: the time and id of a new run, and the time that an invocation has left."""

import math
from collections.abc import Callable
from datetime import UTC, datetime
from uuid import uuid4

from rds_tls_audit.pipeline.run import Run, RunKind


def now() -> datetime:
    """Return the current time in UTC."""
    return datetime.now(UTC)


def start_run(kind: RunKind, run_id: str | None = None) -> Run:
    """Start a run now; `run_id` is the name of the state machine execution, if there is one."""
    started = now()
    own_id = f"{kind}-{started:%Y%m%dT%H%M%SZ}-{uuid4().hex[:8]}"
    return Run(id=run_id or own_id, kind=kind, observed_at=started)


def time_left(context: object, *, reserve: float) -> Callable[[], float]:
    """Return a function that returns the seconds left for the work of the invocation.

    A tenth of the time is reserved for returning the result. Without a Lambda context, for example
    on a developer's machine, the time is unlimited.

    Args:
        context: The context that Lambda passes to the handler.
        reserve: The longest time to reserve, in seconds.
    """
    milliseconds = getattr(context, "get_remaining_time_in_millis", None)
    if not callable(milliseconds):
        return lambda: math.inf
    reserved = min(reserve, milliseconds() / 10_000)
    return lambda: milliseconds() / 1000 - reserved
