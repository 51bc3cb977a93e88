"""The totals of a full run, for the trend of the posture."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from rds_tls_audit.checks.verdict import Status


@dataclass(frozen=True, slots=True, kw_only=True)
class RunTotals:
    """The number of verdicts of a full run by status."""

    run_id: str
    observed_at: datetime
    counts: Mapping[Status, int]
