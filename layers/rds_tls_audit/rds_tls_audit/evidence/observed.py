"""One piece of evidence: the value that was observed, or why none was."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen[T]:
    """A value that was observed. Field names are the stored format."""

    value: T


@dataclass(frozen=True, slots=True, kw_only=True)
class Unseen:
    """No value was observed, for this reason; it never counts as "no"."""

    reason: str


type Observed[T] = Seen[T] | Unseen
