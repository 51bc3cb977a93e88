"""Decide what to send to a topic, and how that changes its delivery progress.

A run claims what it is about to send and acknowledges it once it is sent. If the run dies in
between, the next run sends it again: sending twice is better than not at all. Concurrent runs see
each other's claims.
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

SUMMARY_INTERVAL = timedelta(days=7)
CLAIM_LIFETIME = timedelta(minutes=15)
"""The longest timeout of a Lambda function: a run with an older claim has died."""
MAX_READINESS_KEYS = 4_000
_NOT_REPORTED_FIRST = frozenset({ReadinessStatus.NOT_KNOWN, ReadinessStatus.ALREADY_FORCED})
"""On the first day, most parameter groups have one of these; neither asks for any action."""
MAX_HELD_BACK = 6_000
"""The keys in one progress item, which is limited to 400 KB; changes beyond it are sent again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestInput:
    """Everything that a run could report to a topic."""

    summary: Summary
    """The summary of the run; its changes are those held back because Security Hub is off."""
    delivery_problems: str | None
    """The fingerprint of what kept findings from Security Hub; reported when it changes."""
    readiness: Mapping[str, ReadinessSummary]
    """Whether it is safe to force TLS, by parameter group; empty unless it is a full run."""
    entries: Sequence[OutboxEntry]
    """The entries that wait in the outbox."""
    removed: frozenset[str]
    """The keys of entries that were sent to the topic and are no longer in the outbox."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestDelivery:
    """What is sent to one topic, and the claim for it."""

    summary: Summary
    claim: Claim


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryStep:
    """The progress to store, and what to send after that; None if nothing."""

    progress: DeliveryProgress
    delivery: DigestDelivery | None = None


def claim(progress: DeliveryProgress, digest_input: DigestInput) -> DeliveryStep:
    """Claim what to send to this topic; if that is nothing, acknowledge the run at once."""
    delivery = _delivery(progress, digest_input)
    if not _has_news(delivery, progress):
        return acknowledge(progress, delivery, digest_input)
    claims = (*_claims_of_others(progress, delivery.summary), delivery.claim)
    return DeliveryStep(progress=replace(progress, claims=claims), delivery=delivery)


def release(progress: DeliveryProgress, delivery: DigestDelivery) -> DeliveryStep:
    """Release the claim of this run, so that the next run sends what it claimed."""
    return DeliveryStep(
        progress=replace(progress, claims=_claims_of_others(progress, delivery.summary))
    )


def acknowledge(
    progress: DeliveryProgress, delivery: DigestDelivery, digest_input: DigestInput
) -> DeliveryStep:
    """Record that the delivery was sent, and release its claim."""
    run = delivery.summary.run
    is_sample = run.kind is RunKind.SAMPLE
    first = run.kind is RunKind.FULL and progress.summary_at is None
    left_to_others = digest_input.delivery_problems is not None and delivery.claim.troubles is None
    sent = dict.fromkeys((*progress.told, *delivery.claim.told))
    acknowledged = DeliveryProgress(
        told=tuple(key for key in sent if key not in digest_input.removed),
        held_back=_held_back(progress, digest_input),
        summary_at=run.observed_at if delivery.summary.weekly or first else progress.summary_at,
        # Problems that another run has claimed are recorded when that run acknowledges them.
        troubles=progress.troubles
        if is_sample or left_to_others
        else digest_input.delivery_problems,
        answers=_readiness_keys(digest_input.readiness) or progress.answers,
        sample_lost=delivery.summary.lost > 0 if is_sample else progress.sample_lost,
        claims=_claims_of_others(progress, delivery.summary),
    )
    return DeliveryStep(progress=acknowledged)


def _delivery(progress: DeliveryProgress, digest_input: DigestInput) -> DigestDelivery:
    summary = digest_input.summary
    others = _claims_of_others(progress, summary)
    claimed = {key for claim in others for key in claim.told}
    entries = [entry for entry in digest_input.entries if entry.entry_key not in claimed]
    waiting = [entry.change for entry in entries if entry.entry_key not in progress.told]
    changes = [
        change
        for change in (*waiting, *summary.changes)
        if change_key(change) not in progress.held_back
    ]
    return DigestDelivery(
        summary=replace(
            summary,
            changes=changes,
            readiness_changes=tuple(_readiness_changes(progress, digest_input.readiness)),
            weekly=_is_weekly(progress, summary),
        ),
        claim=Claim(
            run=summary.run.id,
            at=summary.run.observed_at,
            told=tuple(entry.entry_key for entry in entries),
            troubles=None
            if _problems_are_reported(digest_input, progress, others)
            else digest_input.delivery_problems,
        ),
    )


def _readiness_changes(
    progress: DeliveryProgress, readiness: Mapping[str, ReadinessSummary]
) -> Iterable[str]:
    for group, summary in readiness.items():
        reported = {
            status for status in ReadinessStatus if readiness_key(group, status) in progress.answers
        }
        if summary.form not in (reported or _NOT_REPORTED_FIRST):
            yield f"{group}: {summary.text}"


def _readiness_keys(readiness: Mapping[str, ReadinessSummary]) -> tuple[str, ...]:
    keys = (readiness_key(group, summary.form) for group, summary in readiness.items())
    return tuple(islice(keys, MAX_READINESS_KEYS))


def _problems_are_reported(
    digest_input: DigestInput, progress: DeliveryProgress, others: Iterable[Claim]
) -> bool:
    # A sample run sends so few findings that its problems say nothing about those of other runs.
    is_sample = digest_input.summary.run.kind is RunKind.SAMPLE
    reported = {progress.troubles, *(claim.troubles for claim in others)}
    return is_sample or digest_input.delivery_problems in reported


def _has_news(delivery: DigestDelivery, progress: DeliveryProgress) -> bool:
    summary = delivery.summary
    already_reported = summary.run.kind is RunKind.SAMPLE and progress.sample_lost
    lost = summary.lost and not already_reported
    changed = summary.changes or summary.readiness_changes
    return bool(changed or lost or summary.weekly or delivery.claim.troubles)


def _is_weekly(progress: DeliveryProgress, summary: Summary) -> bool:
    if summary.run.kind is not RunKind.FULL or progress.summary_at is None:
        return False
    return summary.run.observed_at - progress.summary_at >= SUMMARY_INTERVAL


def _claims_of_others(progress: DeliveryProgress, summary: Summary) -> tuple[Claim, ...]:
    """Return the claims of other runs that may still be sending."""
    now = summary.run.observed_at
    return tuple(
        claim
        for claim in progress.claims
        if claim.run != summary.run.id and now - claim.at < CLAIM_LIFETIME
    )


def _held_back(progress: DeliveryProgress, digest_input: DigestInput) -> tuple[str, ...]:
    """Return the changes sent while Security Hub is off; once it is on, each gets an entry."""
    keys = (*progress.held_back, *_change_keys(digest_input.summary.changes))
    if digest_input.summary.hub_disabled:
        return tuple(dict.fromkeys(keys))[:MAX_HELD_BACK]
    if digest_input.summary.run.kind is RunKind.FULL:
        return ()
    entered = {*_change_keys(entry.change for entry in digest_input.entries)}
    return tuple(key for key in keys if key not in entered)


def _change_keys(changes: Iterable[Change]) -> list[str]:
    return [change_key(change) for change in changes]
