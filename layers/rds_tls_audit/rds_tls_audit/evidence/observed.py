"""A piece of evidence: the value that was seen, or why it was not."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen[T]:
    """A value that was really looked at."""

    value: T


@dataclass(frozen=True, slots=True, kw_only=True)
class Unseen:
    """Nothing was seen, for this reason; it is never read as "no"."""

    reason: str


type Observed[T] = Seen[T] | Unseen
