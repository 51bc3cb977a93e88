"""What waits to be told in a digest, and how far each topic has come with it."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from rds_tls_audit.findings.change import Change


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxEntry:
    """A change that is not told everywhere."""

    key: str
    """Where it is kept; sorts by time."""
    change: Change

    @property
    def entry_key(self) -> str:
        """Stands for the note among those that a topic has told: one item holds thousands."""
        return _digest(self.key)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What a run is telling a topic right now; of a run that died, what it may not have told."""

    run: str
    at: datetime
    told: tuple[str, ...]
    """Marks of notes."""
    troubles: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryProgress:
    """How far a topic has come: one item, so that it changes as a whole or not at all."""

    told: tuple[str, ...] = ()
    """Marks of notes."""
    held_back: tuple[str, ...] = ()
    """Marks of changes that were told without a note, while Security Hub is off."""
    summary_at: datetime | None = None
    """When its last weekly summary was; None before the first full run."""
    troubles: str | None = None
    """What kept findings from Security Hub, as it was told last."""
    answers: tuple[str, ...] = ()
    """Marks of the answers on forcing TLS that were told last, or were no news."""
    sample_lost: bool = False
    """Whether the last sample run lost a batch: told once, not every quarter of an hour."""
    claims: tuple[Claim, ...] = ()


def readiness_key(group: str, form: str) -> str:
    """Make a mark of the answer for a parameter group."""
    return _digest(f"{form} {group}")


def change_key(change: Change) -> str:
    """Make a mark of a change that has no note."""
    return _digest(f"{change.kind} {change.check} {change.status} {change.cause} {change.database}")


def fingerprint(lines: Iterable[str]) -> str | None:
    """Make one short text of these lines, in any order; None where there is none."""
    listed = sorted(set(lines))
    if not listed:
        return None
    return _digest("\0".join(listed))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
