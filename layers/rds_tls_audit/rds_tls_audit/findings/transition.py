"""Decide what to do about a finding, from its stored state and the new verdict.

UNKNOWN never opens a finding. It replaces a known status only after two consecutive full runs:
a single failure to read the evidence would otherwise reopen a finding that a reviewer has closed.
A session check stays FAILED while the clients that failed it can reconnect.
"""

from dataclasses import replace
from datetime import timedelta

from rds_tls_audit.checks.evaluation import Evaluation
from rds_tls_audit.checks.verdict import Status, Verdict
from rds_tls_audit.findings.archiving import withhold
from rds_tls_audit.findings.decision import (
    HEARTBEAT,
    NO_ACTION,
    Decision,
    initial_state,
    next_updated_at,
)
from rds_tls_audit.findings.state import ChangeKind, FindingState
from rds_tls_audit.pipeline.run import Run, RunKind
from rds_tls_audit.settings import Settings

UNKNOWNS_BEFORE_CHANGE = 2
MIN_BETWEEN_UNKNOWNS = timedelta(minutes=30)

_RANK = {Status.PASSED: 0, Status.WARNING: 1, Status.FAILED: 2}


def decide_update(
    previous: FindingState | None,
    evaluation: Evaluation,
    run: Run,
    settings: Settings,
    *,
    withheld: str | None,
) -> Decision:
    """Decide about one finding. A batch that is published twice changes nothing the second time.

    Args:
        previous: The stored state; None if the finding was never sent.
        evaluation: The evaluation in this run.
        run: The run; its kind limits what may change.
        settings: How long session checks stay FAILED, and whether to send a PASSED verdict of a
            check that never failed.
        withheld: Why the finding is not sent, and archived by a full run: the check is disabled,
            a Security Hub control covers it, or the risk is accepted. None if it is sent.
    """
    decision = _decide_by_verdict(previous, evaluation, run, settings, withheld=withheld)
    if previous is None or decision.send:
        return decision
    unconfirmed = decision.state is not None and previous.attempt is not None
    if not unconfirmed and not _needs_heartbeat(previous, run):
        return decision
    state = replace(decision.state or previous, updated_at=next_updated_at(previous, run))
    return replace(decision, state=state, send=True)


def _decide_by_verdict(
    previous: FindingState | None,
    evaluation: Evaluation,
    run: Run,
    settings: Settings,
    *,
    withheld: str | None,
) -> Decision:
    status = evaluation.verdict.status
    if previous is not None and previous.newest_at > run.observed_at:
        return NO_ACTION  # a late batch never overwrites a newer state
    if withheld is not None:
        return withhold(previous, evaluation, run, withheld)
    if previous is not None:
        previous = replace(previous, accepted_at=None)
    if run.kind is RunKind.SAMPLE and status is not Status.FAILED:
        return NO_ACTION
    if previous is None:
        opens = status.is_fault or (status is Status.PASSED and settings.publish_passed)
        return _open(evaluation, run) if opens else NO_ACTION
    if status is Status.UNKNOWN:
        return _record_unknown(previous, evaluation, run)
    if _must_stay_failed(previous, evaluation, run, settings):
        return _update(previous, _still_failing(previous, evaluation.verdict), run)
    offended_at = run.observed_at if status is Status.FAILED else None
    return _update(replace(previous, offended_at=offended_at), evaluation.verdict, run)


def _open(evaluation: Evaluation, run: Run) -> Decision:
    change = None if evaluation.verdict.status is Status.PASSED else ChangeKind.NEW
    return Decision(state=initial_state(evaluation, run), send=True, change=change)


def _update(previous: FindingState, verdict: Verdict, run: Run) -> Decision:
    repeated = previous.observed_at == run.observed_at and previous.attempt is None
    if repeated and previous.status is verdict.status and not previous.archived:
        return NO_ACTION
    observed = replace(
        previous,
        because=verdict.because,
        observed_at=run.observed_at,
        misses=0,
        missed_at=None,
    )
    unchanged = (previous.status, previous.fingerprint) == (verdict.status, verdict.fingerprint)
    if unchanged and not previous.archived:
        return Decision(state=observed, send=False)
    state = replace(
        observed,
        status=verdict.status,
        fingerprint=verdict.fingerprint,
        updated_at=next_updated_at(previous, run),
        answer=None,  # it was about the previous status or parameter group
        archived=False,
        to_resolve=verdict.status is Status.PASSED,
    )
    return Decision(state=state, send=True, change=_change(previous, verdict.status))


def _change(previous: FindingState, status: Status) -> ChangeKind | None:
    if previous.archived or previous.status is Status.UNKNOWN:
        return None if status is Status.PASSED else ChangeKind.NEW
    step = _RANK[status] - _RANK[previous.status]
    if step > 0:
        return ChangeKind.WORSE
    if step < 0:
        return ChangeKind.RESOLVED if status is Status.PASSED else ChangeKind.BETTER
    return None


def _record_unknown(previous: FindingState, evaluation: Evaluation, run: Run) -> Decision:
    if previous.status is Status.UNKNOWN or previous.archived or run.kind is not RunKind.FULL:
        return NO_ACTION
    if previous.missed_at and run.observed_at - previous.missed_at < MIN_BETWEEN_UNKNOWNS:
        return NO_ACTION
    counted = replace(
        previous,
        observed_at=run.observed_at,
        misses=previous.misses + 1,
        missed_at=run.observed_at,
    )
    if counted.misses < UNKNOWNS_BEFORE_CHANGE:
        return Decision(state=counted, send=False)
    state = replace(
        counted,
        status=Status.UNKNOWN,
        fingerprint=(),
        answer=None,
        because=(
            f"not assessed in {UNKNOWNS_BEFORE_CHANGE} full runs: {evaluation.verdict.because}. "
            f"The last known status is {previous.status}: {previous.because}"
        ),
        updated_at=next_updated_at(previous, run),
    )
    return Decision(state=state, send=True, change=ChangeKind.NOT_ASSESSED)


def _must_stay_failed(
    previous: FindingState, evaluation: Evaluation, run: Run, settings: Settings
) -> bool:
    """Whether the finding stays FAILED because the clients that failed it can reconnect."""
    if (
        not evaluation.check.session_based
        or evaluation.cannot_recur
        or previous.offended_at is None
    ):
        return False
    if evaluation.verdict.status is Status.FAILED:
        return False
    memory = timedelta(hours=settings.session_memory_hours)
    return run.observed_at - previous.offended_at < memory


def _still_failing(previous: FindingState, verdict: Verdict) -> Verdict:
    return replace(
        verdict,
        status=Status.FAILED,
        because=(
            f"the check last failed on {previous.offended_at:%Y-%m-%d}, and the clients of that "
            f"run may reconnect; in this run: {verdict.because}"
        ),
        fingerprint=previous.fingerprint,
    )


def _needs_heartbeat(previous: FindingState, run: Run) -> bool:
    """Whether it is time to send an unchanged finding again."""
    if previous.archived or run.kind is not RunKind.FULL:
        return False
    return run.observed_at - previous.updated_at >= HEARTBEAT
