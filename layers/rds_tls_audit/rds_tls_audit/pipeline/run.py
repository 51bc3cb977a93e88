"""A run of the pipeline, and its kind."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

SCHEMA_VERSION = 1
"""The version of every stored item and message; older code never changes newer items."""


class RunKind(StrEnum):
    """The kind of a run decides what it may change.

    A full run may change everything, a named run only the findings of its databases. A sample run
    records clients, and can only turn session checks to FAILED.
    """

    FULL = "full"
    NAMED = "named"
    SAMPLE = "sample"


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One execution of the pipeline. Field names are the stored format."""

    id: str
    kind: RunKind
    observed_at: datetime
