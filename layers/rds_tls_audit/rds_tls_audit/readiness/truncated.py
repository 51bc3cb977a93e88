"""Lists of bounded length: the first items, and how many more there are."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True, kw_only=True)
class Truncated[Item]:
    """The beginning of a list."""

    shown: tuple[Item, ...]
    more: int = 0
    """How many items are left out."""

    @classmethod
    def of(cls, items: Sequence[Item], limit: int) -> Self:
        """Keep the first `limit` items."""
        return cls(shown=tuple(items[:limit]), more=max(len(items) - limit, 0))
