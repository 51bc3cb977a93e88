"""Archiving: of what is gone or out of scope, and of what is withheld, with the reason."""

from dataclasses import replace

from rds_tls_audit.checks.evaluation import Evaluation
from rds_tls_audit.findings.decision import NOTHING, Decision, initial_state, next_updated_at
from rds_tls_audit.findings.state import ChangeKind, FindingState
from rds_tls_audit.pipeline.run import Run, RunKind


def archive(previous: FindingState | None, run: Run, reason: str) -> Decision:
    """Archive a finding whose database is not audited any more."""
    if previous is None or (previous.archived and previous.attempt is None):
        return NOTHING
    if previous.newest_at > run.observed_at:
        return NOTHING
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
    """Archive a finding that is not to be sent, at a full run."""
    if run.kind is not RunKind.FULL:
        return NOTHING
    accepted_at = run.observed_at if evaluation.accepted else None
    if previous is None:
        if accepted_at is None:
            return NOTHING
        # Nothing is sent, but without an end date it has to be known since when it is accepted.
        first = initial_state(evaluation, run)
        return Decision(state=replace(first, archived=True, accepted_at=accepted_at), send=False)
    state = replace(
        previous,
        observed_at=run.observed_at,
        accepted_at=(previous.accepted_at or accepted_at) if evaluation.accepted else None,
    )
    if previous.archived and previous.attempt is None:
        known = state.accepted_at == previous.accepted_at
        return Decision(state=None if known else state, send=False)
    because = evaluation.verdict.because if evaluation.accepted else reason
    told = evaluation.accepted and not previous.archived
    decision = archive(state, run, because)
    return replace(decision, change=ChangeKind.ACCEPTED) if told else decision
