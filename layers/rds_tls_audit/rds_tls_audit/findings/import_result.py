"""What Security Hub answered to findings that were sent."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejection:
    """A finding that Security Hub did not take."""

    id: str
    code: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportResult:
    """What Security Hub said to findings."""

    ids: frozenset[str] = frozenset()
    rejected: tuple[Rejection, ...] = ()
    unconfirmed: frozenset[str] = frozenset()
    """Ids of those of `rejected` that it may have taken all the same: no answer came."""
    hub_disabled: str | None = None
    """Why no finding can be sent at all."""
