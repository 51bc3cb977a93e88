"""A decision on one finding, and what the kinds of decisions have in common."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from rds_tls_audit.checks.evaluation import Evaluation
from rds_tls_audit.checks.verdict import Status
from rds_tls_audit.findings.state import ChangeKind, FindingState
from rds_tls_audit.pipeline.run import Run

HEARTBEAT = timedelta(days=7)
"""Security Hub forgets a finding 90 days after its last update."""
_TICK = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What to send, what to remember, what to tell."""

    state: FindingState | None
    """To store; only after Security Hub took it, where `send`."""
    send: bool
    change: ChangeKind | None = None


NOTHING = Decision(state=None, send=False)
"""There is nothing to do."""


def initial_state(evaluation: Evaluation, run: Run) -> FindingState:
    """Give the first state of a finding."""
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
    """Give a time after all that Security Hub may have: it ignores an equal one without a word."""
    if previous.attempt is None:
        return max(run.observed_at, previous.updated_at + _TICK)
    if previous.attempt.run == run.id:
        return previous.attempt.updated_at  # repeated, it sends the same
    return max(run.observed_at, previous.attempt.updated_at + _TICK)
