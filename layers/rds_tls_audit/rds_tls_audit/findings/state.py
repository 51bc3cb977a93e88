"""What is remembered of a finding: the last that Security Hub took, and how it was told."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from rds_tls_audit.checks.verdict import Status
from rds_tls_audit.readiness.status import ReadinessSummary

type StateKey = tuple[str, str]
"""Resource id and check id."""


class ChangeKind(StrEnum):
    """How a change reads in the digest."""

    NEW = "new"
    WORSE = "worse"
    BETTER = "better"
    RESOLVED = "resolved"
    NOT_ASSESSED = "not assessed"
    ACCEPTED = "accepted"
    ARCHIVED = "archived"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """An update that is on its way to Security Hub; what it says to it is not known yet."""

    run: str
    """Id of the run that sends it: repeated, it sends the same."""
    observed_at: datetime
    """Of what is sent."""
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingState:
    """The last that Security Hub took of one finding."""

    status: Status
    fingerprint: tuple[str, ...]
    because: str
    """Of the newest run that judged it: what the next update will say."""
    created_at: datetime
    updated_at: datetime
    """As sent; strictly increasing, since an equal one is silently ignored."""
    observed_at: datetime
    """Of the newest run that judged it."""
    offended_at: datetime | None = None
    """When it was last judged FAILED."""
    misses: int = 0
    missed_at: datetime | None = None
    archived: bool = False
    accepted_at: datetime | None = None
    """When the risk was first seen to be accepted, while it is."""
    to_resolve: bool = False
    """It passes now, and its workflow in Security Hub is still to be set to RESOLVED."""
    answer: ReadinessSummary | None = None
    """Of a failure that asks for forcing TLS: whether that is safe."""
    attempt: Attempt | None = None
    """Until Security Hub has answered: after a crash it may have another finding than this state,
    and only a further update makes that certain."""

    @property
    def newest_at(self) -> datetime:
        """Of the newest evidence that was told, or is about to be."""
        return max(self.observed_at, self.attempt.observed_at) if self.attempt else self.observed_at


def with_attempt(previous: FindingState | None, state: FindingState, run_id: str) -> FindingState:
    """Make what to remember while `state` is on its way to Security Hub.

    It is what was known before. A finding that was never sent counts as archived, so that one that
    passes by the time of the next run, or is gone, is put right if Security Hub has it after all.
    """
    known = previous or replace(state, archived=True)
    on_its_way = Attempt(run=run_id, observed_at=state.observed_at, updated_at=state.updated_at)
    return replace(known, attempt=on_its_way)
