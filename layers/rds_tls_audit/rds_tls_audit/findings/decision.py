"""The decision about one finding, and what all kinds of decisions share."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from rds_tls_audit.checks.evaluation import Evaluation
from rds_tls_audit.checks.verdict import Status
from rds_tls_audit.findings.state import ChangeKind, FindingState
from rds_tls_audit.pipeline.run import Run

HEARTBEAT = timedelta(days=7)
"""An unchanged finding is sent again after this time; Security Hub deletes it after 90 days."""
_TICK = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What to store, what to send, and what to report in the digest."""

    state: FindingState | None
    """The state to store; if `send` is true, only after Security Hub imported the finding."""
    send: bool
    change: ChangeKind | None = None


NO_ACTION = Decision(state=None, send=False)


def initial_state(evaluation: Evaluation, run: Run) -> FindingState:
    """Build the first state of a finding."""
    status = evaluation.verdict.status
    return FindingState(
        status=status,
        fingerprint=evaluation.verdict.fingerprint,
        because=evaluation.verdict.because,
        created_at=run.observed_at,
        updated_at=run.observed_at,
        observed_at=run.observed_at,
        offended_at=run.observed_at if status is Status.FAILED else None,
        to_resolve=status is Status.PASSED,
    )


def next_updated_at(previous: FindingState, run: Run) -> datetime:
    """Return an UpdatedAt after any that Security Hub may have; it silently ignores equal ones."""
    if previous.attempt is None:
        return max(run.observed_at, previous.updated_at + _TICK)
    if previous.attempt.run == run.id:
        return previous.attempt.updated_at  # a repeated run sends the same finding again
    return max(run.observed_at, previous.attempt.updated_at + _TICK)
