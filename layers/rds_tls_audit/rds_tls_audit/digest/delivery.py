"""What a topic is told next, and how far it has come before and after.

A run claims what it is about to tell, and settles once it is told. What a run that died has
claimed is told again: better twice than never. Runs that cross see each other's claims.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import islice

from rds_tls_audit.digest.outbox import (
    Claim,
    DeliveryProgress,
    OutboxEntry,
    change_key,
    readiness_key,
)
from rds_tls_audit.digest.summary import Summary
from rds_tls_audit.findings.change import Change
from rds_tls_audit.pipeline.run import RunKind
from rds_tls_audit.readiness.status import ReadinessStatus, ReadinessSummary

BETWEEN_SUMMARIES = timedelta(days=7)
CLAIMED_FOR = timedelta(minutes=15)
"""No function of Lambda runs longer: who has not settled by then has died."""
MAX_ANSWERS = 4_000
_NO_NEWS_AT_FIRST = frozenset({ReadinessStatus.NOT_KNOWN, ReadinessStatus.ALREADY_FORCED})
"""What is so of most groups on the first day asks nothing of anybody."""
MAX_HELD_BACK = 6_000
"""Marks in a progress, which is one item of at most 400 KB; what is beyond is told again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestInput:
    """What there is to tell a topic at the end of a run."""

    summary: Summary
    """Its changes are those that Security Hub being off holds back."""
    delivery_problems: str | None
    """What kept findings from Security Hub, told when it changes."""
    readiness: Mapping[str, ReadinessSummary]
    """Whether it is safe to force TLS, by parameter group; of a full run."""
    entries: Sequence[OutboxEntry]
    """What waits."""
    removed: frozenset[str]
    """Marks that the topic has told, of notes that do not wait any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestDelivery:
    """What one topic is told."""

    summary: Summary
    claim: Claim


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryStep:
    """How far a topic has come, and what it is told from here."""

    progress: DeliveryProgress
    delivery: DigestDelivery | None = None


def claim(progress: DeliveryProgress, tidings: DigestInput) -> DeliveryStep:
    """Claim what this topic is to be told; where that is nothing, settle at once."""
    letter = _letter(progress, tidings)
    if not _worth_telling(letter, progress):
        return acknowledge(progress, letter, tidings)
    claims = (*_of_others(progress, letter.summary), letter.claim)
    return DeliveryStep(progress=replace(progress, claims=claims), delivery=letter)


def release(progress: DeliveryProgress, letter: DigestDelivery) -> DeliveryStep:
    """Leave what this run has claimed to the next."""
    return DeliveryStep(progress=replace(progress, claims=_of_others(progress, letter.summary)))


def acknowledge(
    progress: DeliveryProgress, letter: DigestDelivery, tidings: DigestInput
) -> DeliveryStep:
    """Remember that a letter was told."""
    run = letter.summary.run
    is_sample = run.kind is RunKind.SAMPLE
    first = run.kind is RunKind.FULL and progress.summary_at is None
    others_tell = tidings.delivery_problems is not None and letter.claim.troubles is None
    told = dict.fromkeys((*progress.told, *letter.claim.told))
    settled = DeliveryProgress(
        told=tuple(mark for mark in told if mark not in tidings.removed),
        held_back=_held_back(progress, tidings),
        summary_at=run.observed_at if letter.summary.weekly or first else progress.summary_at,
        # What another run claims to tell is told once that run has settled.
        troubles=progress.troubles if is_sample or others_tell else tidings.delivery_problems,
        answers=_told_answers(tidings.readiness) or progress.answers,
        sample_lost=letter.summary.lost > 0 if is_sample else progress.sample_lost,
        claims=_of_others(progress, letter.summary),
    )
    return DeliveryStep(progress=settled)


def _letter(progress: DeliveryProgress, tidings: DigestInput) -> DigestDelivery:
    summary = tidings.summary
    others = _of_others(progress, summary)
    claimed = {mark for claim in others for mark in claim.told}
    mine = [note for note in tidings.entries if note.entry_key not in claimed]
    waiting = [note.change for note in mine if note.entry_key not in progress.told]
    changes = [
        it for it in (*waiting, *summary.changes) if change_key(it) not in progress.held_back
    ]
    answers = tuple(_news(progress, tidings.readiness))
    weekly = _weekly(progress, summary)
    return DigestDelivery(
        summary=replace(summary, changes=changes, answers=answers, weekly=weekly),
        claim=Claim(
            run=summary.run.id,
            at=summary.run.observed_at,
            told=tuple(note.entry_key for note in mine),
            troubles=None if _is_known(tidings, progress, others) else tidings.delivery_problems,
        ),
    )


def _news(progress: DeliveryProgress, answers: Mapping[str, ReadinessSummary]) -> Iterable[str]:
    for group, answer in answers.items():
        told = {form for form in ReadinessStatus if readiness_key(group, form) in progress.answers}
        if answer.form not in (told or _NO_NEWS_AT_FIRST):
            yield f"{group}: {answer.text}"


def _told_answers(answers: Mapping[str, ReadinessSummary]) -> tuple[str, ...]:
    marks = (readiness_key(group, answer.form) for group, answer in answers.items())
    return tuple(islice(marks, MAX_ANSWERS))


def _is_known(tidings: DigestInput, progress: DeliveryProgress, others: Iterable[Claim]) -> bool:
    # A sample run sends so little that its troubles say nothing of those of the others.
    is_sample = tidings.summary.run.kind is RunKind.SAMPLE
    told = {progress.troubles, *(claim.troubles for claim in others)}
    return is_sample or tidings.delivery_problems in told


def _worth_telling(letter: DigestDelivery, progress: DeliveryProgress) -> bool:
    summary = letter.summary
    told_already = summary.run.kind is RunKind.SAMPLE and progress.sample_lost
    lost = summary.lost and not told_already
    news = summary.changes or summary.answers
    return bool(news or lost or summary.weekly or letter.claim.troubles)


def _weekly(progress: DeliveryProgress, summary: Summary) -> bool:
    if summary.run.kind is not RunKind.FULL or progress.summary_at is None:
        return False
    return summary.run.observed_at - progress.summary_at >= BETWEEN_SUMMARIES


def _of_others(progress: DeliveryProgress, summary: Summary) -> tuple[Claim, ...]:
    """Give the claims of other runs that may still be sending."""
    now = summary.run.observed_at
    return tuple(
        claim
        for claim in progress.claims
        if claim.run != summary.run.id and now - claim.at < CLAIMED_FOR
    )


def _held_back(progress: DeliveryProgress, tidings: DigestInput) -> tuple[str, ...]:
    """Remember what was told while Security Hub is off: it has a note once that is on again."""
    held = (*progress.held_back, *_marks(tidings.summary.changes))
    if tidings.summary.hub_off:
        return tuple(dict.fromkeys(held))[:MAX_HELD_BACK]
    if tidings.summary.run.kind is RunKind.FULL:
        return ()
    noted = {*_marks(note.change for note in tidings.entries)}
    return tuple(mark for mark in held if mark not in noted)


def _marks(changes: Iterable[Change]) -> list[str]:
    return [change_key(change) for change in changes]
