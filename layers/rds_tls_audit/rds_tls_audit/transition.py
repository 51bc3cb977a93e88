"""What becomes of a finding: the last word that Security Hub took, and the new verdict.

UNKNOWN never opens a finding and replaces a known status only after two full runs in a row, since
one lapse would reopen what a reviewer has closed. A session check stays FAILED while the offender
may come back.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from rds_tls_audit.finding_state import Attempt, ChangeKind, FindingState
from rds_tls_audit.forcing.form import Form
from rds_tls_audit.forcing.short_answer import ShortAnswer
from rds_tls_audit.judgement import Judgement
from rds_tls_audit.run import Run, RunKind
from rds_tls_audit.settings import Settings
from rds_tls_audit.verdict import Status, Verdict

MISSES = 2
BETWEEN_MISSES = timedelta(minutes=30)
HEARTBEAT = timedelta(days=7)
"""Security Hub forgets a finding 90 days after its last update."""
TICK = timedelta(milliseconds=1)

_RANK = {Status.PASSED: 0, Status.WARNING: 1, Status.FAILED: 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What to send, what to remember, what to tell."""

    state: FindingState | None
    """To store; only after Security Hub took it, where `send`."""
    send: bool
    change: ChangeKind | None = None


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
    state = replace(decision.state or previous, updated_at=_next_update(previous, run))
    return replace(decision, state=state, send=True)


def attempted(previous: FindingState | None, state: FindingState, run_id: str) -> FindingState:
    """Make what to remember while `state` is on its way to Security Hub.

    It is what was known before. A finding that was never sent counts as archived, so that one that
    passes by the time of the next run, or is gone, is put right if Security Hub has it after all.
    """
    known = previous or replace(state, archived=True)
    on_its_way = Attempt(run=run_id, observed_at=state.observed_at, updated_at=state.updated_at)
    return replace(known, attempt=on_its_way)


def archive(previous: FindingState | None, run: Run, reason: str) -> Decision:
    """Archive a finding whose database is not audited any more."""
    if previous is None or (previous.archived and previous.attempt is None):
        return Decision(state=None, send=False)
    if previous.newest_at > run.observed_at:
        return Decision(state=None, send=False)
    state = replace(
        previous,
        because=reason,
        observed_at=run.observed_at,
        updated_at=_next_update(previous, run),
        answer=None,
        archived=True,
    )
    change = None if previous.archived else ChangeKind.ARCHIVED
    return Decision(state=state, send=True, change=change)


def carry(
    previous: FindingState | None, run: Run, answer: ShortAnswer, because: str | None
) -> Decision:
    """Let a failure say whether forcing TLS is safe: where that is another, and once a week.

    Args:
        previous: what was told last.
        run: the full run that has answered.
        answer: for the parameter group that decided in this run.
        because: of the failure that this run saw; None where it saw none, and then the answer only
            takes back that it is safe.
    """
    nothing = Decision(state=None, send=False)
    if previous is None or previous.archived or previous.status is not Status.FAILED:
        return nothing
    if previous.attempt is not None or previous.observed_at > run.observed_at:
        return nothing  # what is on its way is another run's to make certain
    known = previous.answer
    if because is None:
        if known is None or known.form is not Form.SAFE or answer.form is Form.SAFE:
            return nothing
    elif previous.because != because:
        return nothing  # another run has judged it meanwhile, perhaps with another group
    elif known and known.form is answer.form and run.observed_at - known.at < HEARTBEAT:
        return nothing
    # The same run may have sent this finding already, and without the answer.
    state = replace(previous, answer=answer, updated_at=_later_update(previous, run))
    return Decision(state=state, send=True)


def _decide(
    previous: FindingState | None,
    judgement: Judgement,
    run: Run,
    settings: Settings,
    *,
    withheld: str | None,
) -> Decision:
    nothing = Decision(state=None, send=False)
    status = judgement.verdict.status
    if previous is not None and previous.newest_at > run.observed_at:
        return nothing  # a late batch never overwrites a newer one
    if withheld is not None:
        return _withhold(previous, judgement, run, withheld)
    if previous is not None:
        previous = replace(previous, accepted_at=None)
    if run.kind is RunKind.SAMPLE and status is not Status.FAILED:
        return nothing
    if previous is None:
        opens = status.is_fault or (status is Status.PASSED and settings.publish_passed)
        return _open(judgement, run) if opens else nothing
    if status is Status.UNKNOWN:
        return _miss(previous, judgement, run)
    if _remembered(previous, judgement, run, settings):
        return _follow(previous, _as_remembered(previous, judgement.verdict), run)
    offended_at = run.observed_at if status is Status.FAILED else None
    return _follow(replace(previous, offended_at=offended_at), judgement.verdict, run)


def _open(judgement: Judgement, run: Run) -> Decision:
    change = None if judgement.verdict.status is Status.PASSED else ChangeKind.NEW
    return Decision(state=_opened(judgement, run), send=True, change=change)


def _opened(judgement: Judgement, run: Run) -> FindingState:
    status = judgement.verdict.status
    return FindingState(
        status=status,
        fingerprint=judgement.verdict.fingerprint,
        because=judgement.verdict.because,
        created_at=run.observed_at,
        updated_at=run.observed_at,
        observed_at=run.observed_at,
        offended_at=run.observed_at if status is Status.FAILED else None,
        to_resolve=status is Status.PASSED,
    )


def _follow(previous: FindingState, verdict: Verdict, run: Run) -> Decision:
    again = previous.observed_at == run.observed_at and previous.attempt is None
    if again and previous.status is verdict.status and not previous.archived:
        return Decision(state=None, send=False)
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
        updated_at=_next_update(previous, run),
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
        return Decision(state=None, send=False)
    if previous.missed_at and run.observed_at - previous.missed_at < BETWEEN_MISSES:
        return Decision(state=None, send=False)
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
        updated_at=_next_update(previous, run),
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


def _withhold(
    previous: FindingState | None, judgement: Judgement, run: Run, reason: str
) -> Decision:
    if run.kind is not RunKind.FULL:
        return Decision(state=None, send=False)
    accepted_at = run.observed_at if judgement.accepted else None
    if previous is None:
        if accepted_at is None:
            return Decision(state=None, send=False)
        # Nothing is sent, but without an end date it has to be known since when it is accepted.
        opened = _opened(judgement, run)
        return Decision(state=replace(opened, archived=True, accepted_at=accepted_at), send=False)
    state = replace(
        previous,
        observed_at=run.observed_at,
        accepted_at=(previous.accepted_at or accepted_at) if judgement.accepted else None,
    )
    if previous.archived and previous.attempt is None:
        known = state.accepted_at == previous.accepted_at
        return Decision(state=None if known else state, send=False)
    because = judgement.verdict.because if judgement.accepted else reason
    told = judgement.accepted and not previous.archived
    decision = archive(state, run, because)
    return replace(decision, change=ChangeKind.ACCEPTED) if told else decision


def _next_update(previous: FindingState, run: Run) -> datetime:
    if previous.attempt is not None and previous.attempt.run == run.id:
        return previous.attempt.updated_at  # repeated, it sends the same
    return _later_update(previous, run)


def _later_update(previous: FindingState, run: Run) -> datetime:
    """Give a time after all that Security Hub may have: it ignores an equal one without a word."""
    newest = previous.attempt.updated_at if previous.attempt else previous.updated_at
    return max(run.observed_at, newest + TICK)
