"""What becomes of a finding: the last word that Security Hub took, and the new verdict.

UNKNOWN never opens a finding and replaces a known status only after two full runs in a row, since
one lapse would reopen what a reviewer has closed. A session check stays FAILED while the offender
may come back.
"""

from dataclasses import replace
from datetime import timedelta

from rds_tls_audit.checks.evaluation import Judgement
from rds_tls_audit.checks.verdict import Status, Verdict
from rds_tls_audit.findings.archiving import withhold
from rds_tls_audit.findings.decision import HEARTBEAT, NOTHING, Decision, next_update, opened
from rds_tls_audit.findings.state import ChangeKind, FindingState
from rds_tls_audit.pipeline.run import Run, RunKind
from rds_tls_audit.settings import Settings

MISSES = 2
BETWEEN_MISSES = timedelta(minutes=30)

_RANK = {Status.PASSED: 0, Status.WARNING: 1, Status.FAILED: 2}


def decide(
    previous: FindingState | None,
    judgement: Judgement,
    run: Run,
    settings: Settings,
    *,
    withheld: str | None,
) -> Decision:
    """Decide on one finding; a batch that comes twice in a run changes nothing the second time.

    Args:
        previous: None where none was ever sent.
        judgement: of this run.
        run: its kind decides what may change.
        settings: memory, and whether PASSED is sent that never failed.
        withheld: why it is not sent and archived by a full run: disabled, another control's to
            tell, accepted.
    """
    decision = _decide(previous, judgement, run, settings, withheld=withheld)
    if previous is None or decision.send:
        return decision
    unanswered = decision.state is not None and previous.attempt is not None
    if not unanswered and not _forgotten_soon(previous, run):
        return decision
    state = replace(decision.state or previous, updated_at=next_update(previous, run))
    return replace(decision, state=state, send=True)


def _decide(
    previous: FindingState | None,
    judgement: Judgement,
    run: Run,
    settings: Settings,
    *,
    withheld: str | None,
) -> Decision:
    status = judgement.verdict.status
    if previous is not None and previous.newest_at > run.observed_at:
        return NOTHING  # a late batch never overwrites a newer one
    if withheld is not None:
        return withhold(previous, judgement, run, withheld)
    if previous is not None:
        previous = replace(previous, accepted_at=None)
    if run.kind is RunKind.SAMPLE and status is not Status.FAILED:
        return NOTHING
    if previous is None:
        opens = status.is_fault or (status is Status.PASSED and settings.publish_passed)
        return _open(judgement, run) if opens else NOTHING
    if status is Status.UNKNOWN:
        return _miss(previous, judgement, run)
    if _remembered(previous, judgement, run, settings):
        return _follow(previous, _as_remembered(previous, judgement.verdict), run)
    offended_at = run.observed_at if status is Status.FAILED else None
    return _follow(replace(previous, offended_at=offended_at), judgement.verdict, run)


def _open(judgement: Judgement, run: Run) -> Decision:
    change = None if judgement.verdict.status is Status.PASSED else ChangeKind.NEW
    return Decision(state=opened(judgement, run), send=True, change=change)


def _follow(previous: FindingState, verdict: Verdict, run: Run) -> Decision:
    again = previous.observed_at == run.observed_at and previous.attempt is None
    if again and previous.status is verdict.status and not previous.archived:
        return NOTHING
    seen = replace(
        previous,
        because=verdict.because,
        observed_at=run.observed_at,
        misses=0,
        missed_at=None,
    )
    same = (previous.status, previous.fingerprint) == (verdict.status, verdict.fingerprint)
    if same and not previous.archived:
        return Decision(state=seen, send=False)
    state = replace(
        seen,
        status=verdict.status,
        fingerprint=verdict.fingerprint,
        updated_at=next_update(previous, run),
        answer=None,  # of another status or group
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


def _miss(previous: FindingState, judgement: Judgement, run: Run) -> Decision:
    if previous.status is Status.UNKNOWN or previous.archived or run.kind is not RunKind.FULL:
        return NOTHING
    if previous.missed_at and run.observed_at - previous.missed_at < BETWEEN_MISSES:
        return NOTHING
    missed = replace(
        previous,
        observed_at=run.observed_at,
        misses=previous.misses + 1,
        missed_at=run.observed_at,
    )
    if missed.misses < MISSES:
        return Decision(state=missed, send=False)
    state = replace(
        missed,
        status=Status.UNKNOWN,
        fingerprint=(),
        answer=None,
        because=(
            f"not assessed in {MISSES} full runs: {judgement.verdict.because}. "
            f"The last known status is {previous.status}: {previous.because}"
        ),
        updated_at=next_update(previous, run),
    )
    return Decision(state=state, send=True, change=ChangeKind.NOT_ASSESSED)


def _remembered(previous: FindingState, judgement: Judgement, run: Run, settings: Settings) -> bool:
    """Whether the finding stays FAILED, since who offended may come back."""
    if not judgement.check.about_sessions or judgement.settled or previous.offended_at is None:
        return False
    if judgement.verdict.status is Status.FAILED:
        return False
    memory = timedelta(hours=settings.session_memory_hours)
    return run.observed_at - previous.offended_at < memory


def _as_remembered(previous: FindingState, verdict: Verdict) -> Verdict:
    return replace(
        verdict,
        status=Status.FAILED,
        because=(
            f"failed last on {previous.offended_at:%Y-%m-%d}, and what was seen then may come "
            f"back; now: {verdict.because}"
        ),
        fingerprint=previous.fingerprint,
    )


def _forgotten_soon(previous: FindingState, run: Run) -> bool:
    """Whether Security Hub needs a sign of life of a finding that stays as it is."""
    if previous.archived or run.kind is not RunKind.FULL:
        return False
    return run.observed_at - previous.updated_at >= HEARTBEAT
