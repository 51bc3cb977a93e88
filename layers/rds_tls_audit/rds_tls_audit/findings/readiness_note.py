"""Attach to a failed finding whether it is safe to force TLS."""

from dataclasses import replace

from rds_tls_audit.checks.verdict import Status
from rds_tls_audit.findings.decision import HEARTBEAT, NO_ACTION, Decision, next_updated_at
from rds_tls_audit.findings.state import FindingState
from rds_tls_audit.pipeline.run import Run
from rds_tls_audit.readiness.status import ReadinessStatus, ReadinessSummary


def attach_readiness(
    previous: FindingState | None, run: Run, readiness: ReadinessSummary, because: str | None
) -> Decision:
    """Send a failed finding again if its readiness changed, and otherwise once a week.

    Args:
        previous: The stored state.
        run: The full run that assessed the readiness.
        readiness: The readiness of the parameter group that was the deciding one in this run.
        because: Why the check failed in this run. None if the run has no failed verdict; the
            readiness is then only used to withdraw an earlier `safe`.
    """
    if previous is None or previous.archived or previous.status is not Status.FAILED:
        return NO_ACTION
    if previous.attempt is not None or previous.observed_at > run.observed_at:
        return NO_ACTION  # an update in flight is settled by the next evaluation
    if because is None:
        if not _withdraws_safe(previous.answer, readiness):
            return NO_ACTION
    elif previous.because != because:
        return NO_ACTION  # another run evaluated it meanwhile, perhaps with another parameter group
    elif _is_current(previous.answer, readiness, run):
        return NO_ACTION
    state = replace(previous, answer=readiness, updated_at=next_updated_at(previous, run))
    return Decision(state=state, send=True)


def _withdraws_safe(known: ReadinessSummary | None, readiness: ReadinessSummary) -> bool:
    was_safe = known is not None and known.form is ReadinessStatus.SAFE
    return was_safe and readiness.form is not ReadinessStatus.SAFE


def _is_current(known: ReadinessSummary | None, readiness: ReadinessSummary, run: Run) -> bool:
    if known is None or known.form is not readiness.form:
        return False
    return run.observed_at - known.at < HEARTBEAT
