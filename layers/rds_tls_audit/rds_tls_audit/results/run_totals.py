"""What a full run came to, for the course of the posture."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from rds_tls_audit.checks.verdict import Status


@dataclass(frozen=True, slots=True, kw_only=True)
class RunTotals:
    """How many verdicts of each status a full run came to."""

    run_id: str
    observed_at: datetime
    counts: Mapping[Status, int]
