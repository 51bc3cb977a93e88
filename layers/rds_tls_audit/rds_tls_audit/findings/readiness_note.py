"""Carrying: whether a failure is to say anew if forcing TLS is safe."""

from dataclasses import replace

from rds_tls_audit.checks.verdict import Status
from rds_tls_audit.findings.decision import HEARTBEAT, NOTHING, Decision, next_updated_at
from rds_tls_audit.findings.state import FindingState
from rds_tls_audit.pipeline.run import Run
from rds_tls_audit.readiness.status import ReadinessStatus, ReadinessSummary


def attach_readiness(
    previous: FindingState | None, run: Run, answer: ReadinessSummary, because: str | None
) -> Decision:
    """Let a failure say whether forcing TLS is safe: where that is another, and once a week.

    Args:
        previous: what was told last.
        run: the full run that has answered.
        answer: for the parameter group that decided in this run.
        because: of the failure that this run saw; None where it saw none, and then the answer only
            takes back that it is safe.
    """
    if previous is None or previous.archived or previous.status is not Status.FAILED:
        return NOTHING
    if previous.attempt is not None or previous.observed_at > run.observed_at:
        return NOTHING  # what is on its way is another run's to make certain
    known = previous.answer
    if because is None:
        if (
            known is None
            or known.form is not ReadinessStatus.SAFE
            or answer.form is ReadinessStatus.SAFE
        ):
            return NOTHING
    elif previous.because != because:
        return NOTHING  # another run has judged it meanwhile, perhaps with another group
    elif known and known.form is answer.form and run.observed_at - known.at < HEARTBEAT:
        return NOTHING
    state = replace(previous, answer=answer, updated_at=next_updated_at(previous, run))
    return Decision(state=state, send=True)
