"""The changes that wait to be sent in a digest, and the delivery progress of each topic."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from rds_tls_audit.findings.change import Change


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxEntry:
    """A change that has not been sent to every topic.

    Field names are the stored format.
    """

    key: str
    """The sort key of its item; it sorts by time."""
    change: Change

    @property
    def entry_key(self) -> str:
        """A short key of the entry, so that one item can list thousands of sent entries."""
        return _short_hash(self.key)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What a run is sending to a topic now; if the run died, what it may not have sent.

    Field names are the stored format.
    """

    run: str
    at: datetime
    told: tuple[str, ...]
    """The keys of the claimed outbox entries."""
    troubles: str | None
    """The fingerprint of the delivery problems that the run reports; None if it reports none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryProgress:
    """What a topic has received. It is one item, so that it changes as a whole or not at all.

    Field names are the stored format.
    """

    told: tuple[str, ...] = ()
    """The keys of the sent outbox entries."""
    held_back: tuple[str, ...] = ()
    """The keys of changes that were sent without an outbox entry while Security Hub is off."""
    summary_at: datetime | None = None
    """The time of the latest weekly summary; before the first one, of the first full run."""
    troubles: str | None = None
    """The fingerprint of the delivery problems that were reported last."""
    answers: tuple[str, ...] = ()
    """The keys of the readiness that was reported last or needed no report."""
    sample_lost: bool = False
    """Whether the latest sample run had a batch without a result. That is reported once, not
    every 15 minutes."""
    claims: tuple[Claim, ...] = ()
    """The claims of the runs that are sending to the topic now."""


def readiness_key(group: str, status: str) -> str:
    """Return the key of the readiness status of a parameter group."""
    return _short_hash(f"{status} {group}")


def change_key(change: Change) -> str:
    """Return the key of a change that has no outbox entry."""
    return _short_hash(
        f"{change.kind} {change.check} {change.status} {change.cause} {change.database}"
    )


def fingerprint(lines: Iterable[str]) -> str | None:
    """Return a fingerprint of these lines in any order; None if there are no lines."""
    distinct = sorted(set(lines))
    if not distinct:
        return None
    return _short_hash("\0".join(distinct))


def _short_hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
