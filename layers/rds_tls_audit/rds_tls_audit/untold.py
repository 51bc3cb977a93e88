"""What waits to be told in a digest, and how far each topic has come with it."""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from rds_tls_audit.change import Change


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A change that is not told everywhere."""

    key: str
    """Where it is kept; sorts by time."""
    change: Change

    @property
    def mark(self) -> str:
        """Stands for the note among those that a topic has told: one item holds thousands."""
        return hashlib.sha256(self.key.encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What a run is telling a topic right now; of a run that died, what it may not have told."""

    run: str
    at: datetime
    told: tuple[str, ...]
    """Marks of notes."""
    troubles: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a topic has come: one item, so that it changes as a whole or not at all."""

    told: tuple[str, ...] = ()
    """Marks of notes."""
    held_back: tuple[str, ...] = ()
    """Marks of changes that were told without a note, while Security Hub is off."""
    summary_at: datetime | None = None
    """When its last weekly summary was; None before the first full run."""
    troubles: str | None = None
    """What kept findings from Security Hub, as it was told last."""
    sample_lost: bool = False
    """Whether the last sample run lost a batch: told once, not every quarter of an hour."""
    claims: tuple[Claim, ...] = ()


class Outbox(Protocol):
    """Where changes wait."""

    def read(self) -> Sequence[Note]:
        """Read what waits, oldest first."""

    def remove(self, notes: Sequence[Note]) -> None:
        """Forget notes."""

    def read_progress(self, topic: str) -> Progress:
        """How far this topic has come."""

    def update_progress(self, topic: str, update: Callable[[Progress], Progress]) -> None:
        """Read it, and store what `update` makes of it; again where another run was faster."""


def fingerprint(troubles: Iterable[str]) -> str | None:
    """Make one short text of what troubles there are; None where there is none."""
    listed = sorted(set(troubles))
    if not listed:
        return None
    return hashlib.sha256("\0".join(listed).encode()).hexdigest()[:16]
