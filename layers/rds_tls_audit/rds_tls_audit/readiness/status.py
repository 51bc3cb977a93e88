"""The four readiness statuses, in one word each and as a title, and an answer in short."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class ReadinessStatus(StrEnum):
    """What may be said of forcing TLS."""

    ALREADY_FORCED = "already-forced"
    SAFE = "safe"
    NOT_KNOWN = "not-known"
    CHECK_FIRST = "check-first"


MOST_URGENT_FIRST = (
    ReadinessStatus.CHECK_FIRST,
    ReadinessStatus.NOT_KNOWN,
    ReadinessStatus.SAFE,
    ReadinessStatus.ALREADY_FORCED,
)
"""A client in clear is told even where much else is not known."""

LABELS = {
    ReadinessStatus.ALREADY_FORCED: "already forced",
    ReadinessStatus.SAFE: "safe",
    ReadinessStatus.NOT_KNOWN: "not known",
    ReadinessStatus.CHECK_FIRST: "check these first",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadinessSummary:
    """What a finding and a digest carry of an answer."""

    form: ReadinessStatus
    text: str
    """One line."""
    at: datetime
    """Of the full run that gave it."""
