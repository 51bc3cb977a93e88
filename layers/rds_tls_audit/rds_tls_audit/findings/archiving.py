"""Archive findings: of deleted or out-of-scope databases, and findings that are withheld."""

from dataclasses import replace

from rds_tls_audit.checks.evaluation import Evaluation
from rds_tls_audit.findings.decision import NO_ACTION, Decision, initial_state, next_updated_at
from rds_tls_audit.findings.state import ChangeKind, FindingState
from rds_tls_audit.pipeline.run import Run, RunKind


def archive(previous: FindingState | None, run: Run, reason: str) -> Decision:
    """Archive a finding whose database is no longer audited."""
    if previous is None or (previous.archived and previous.attempt is None):
        return NO_ACTION
    if previous.newest_at > run.observed_at:
        return NO_ACTION
    state = replace(
        previous,
        because=reason,
        observed_at=run.observed_at,
        updated_at=next_updated_at(previous, run),
        answer=None,
        archived=True,
    )
    change = None if previous.archived else ChangeKind.ARCHIVED
    return Decision(state=state, send=True, change=change)


def withhold(
    previous: FindingState | None, evaluation: Evaluation, run: Run, reason: str
) -> Decision:
    """Archive a finding that must not be sent; only full runs do."""
    if run.kind is not RunKind.FULL:
        return NO_ACTION
    accepted_at = run.observed_at if evaluation.accepted else None
    if previous is None:
        if accepted_at is None:
            return NO_ACTION
        # Nothing is sent, but an acceptance without an end date expires relative to this run.
        first = initial_state(evaluation, run)
        return Decision(state=replace(first, archived=True, accepted_at=accepted_at), send=False)
    state = replace(
        previous,
        observed_at=run.observed_at,
        accepted_at=(previous.accepted_at or accepted_at) if evaluation.accepted else None,
    )
    if previous.archived and previous.attempt is None:
        unchanged = state.accepted_at == previous.accepted_at
        return Decision(state=None if unchanged else state, send=False)
    because = evaluation.verdict.because if evaluation.accepted else reason
    newly_accepted = evaluation.accepted and not previous.archived
    decision = archive(state, run, because)
    return replace(decision, change=ChangeKind.ACCEPTED) if newly_accepted else decision
