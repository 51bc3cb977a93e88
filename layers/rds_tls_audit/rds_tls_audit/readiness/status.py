"""The four readiness statuses, in one word each and as a title, and an answer in short."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Form(StrEnum):
    """What may be said of forcing TLS."""

    ALREADY_FORCED = "already-forced"
    SAFE = "safe"
    NOT_KNOWN = "not-known"
    CHECK_FIRST = "check-first"


WORST_FIRST = (Form.CHECK_FIRST, Form.NOT_KNOWN, Form.SAFE, Form.ALREADY_FORCED)
"""A client in clear is told even where much else is not known."""

TITLES = {
    Form.ALREADY_FORCED: "already forced",
    Form.SAFE: "safe",
    Form.NOT_KNOWN: "not known",
    Form.CHECK_FIRST: "check these first",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ShortAnswer:
    """What a finding and a digest carry of an answer."""

    form: Form
    text: str
    """One line."""
    at: datetime
    """Of the full run that gave it."""
