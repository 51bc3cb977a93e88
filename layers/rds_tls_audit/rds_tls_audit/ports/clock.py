"""The clock: where a run gets its time and, if it has none, its id."""

from datetime import UTC, datetime
from uuid import uuid4

from rds_tls_audit.run import Run, RunKind


def now() -> datetime:
    """Give the time, in UTC."""
    return datetime.now(UTC)


def new_run(kind: RunKind, run_id: str | None = None) -> Run:
    """Begin a run now; `run_id` is the execution's name where there is one."""
    begin = now()
    own_id = f"{kind}-{begin:%Y%m%dT%H%M%SZ}-{uuid4().hex[:8]}"
    return Run(id=run_id or own_id, kind=kind, observed_at=begin)
