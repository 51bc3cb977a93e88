"""A run: its kind decides what it may change."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

SCHEMA_VERSION = 1
"""Of every item and message we write; older code leaves newer items alone."""


class RunKind(StrEnum):
    """Full runs may change everything, named ones their databases, sample ones hardly anything."""

    FULL = "full"
    NAMED = "named"
    SAMPLE = "sample"


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One execution of the pipeline."""

    id: str
    kind: RunKind
    observed_at: datetime
