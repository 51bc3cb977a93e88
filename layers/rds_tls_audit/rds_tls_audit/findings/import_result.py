"""The result of sending findings to Security Hub."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejection:
    """A finding that Security Hub did not import.

    Field names are the stored format.
    """

    id: str
    code: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportResult:
    """Which findings Security Hub imported, and why it did not import the others."""

    ids: frozenset[str] = frozenset()
    """The ids of the imported findings."""
    rejected: tuple[Rejection, ...] = ()
    unconfirmed: frozenset[str] = frozenset()
    """The ids in `rejected` that may be imported nevertheless, because no response came."""
    hub_disabled: str | None = None
    """Why no finding can be sent at all; None if Security Hub is enabled."""
