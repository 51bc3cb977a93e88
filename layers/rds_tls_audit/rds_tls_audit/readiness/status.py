"""The four readiness statuses, their labels and order, and the summary of an assessment."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class ReadinessStatus(StrEnum):
    """Whether it is safe to force TLS."""

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
"""A plaintext client is reported even if evidence is missing elsewhere."""

LABELS = {
    ReadinessStatus.ALREADY_FORCED: "already forced",
    ReadinessStatus.SAFE: "safe",
    ReadinessStatus.NOT_KNOWN: "not known",
    ReadinessStatus.CHECK_FIRST: "check these first",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadinessSummary:
    """The part of an assessment that findings and digests carry.

    Field names are the stored format.
    """

    form: ReadinessStatus
    text: str
    """One line."""
    at: datetime
    """When the assessing full run observed the databases."""
