"""The stored state of a finding: what Security Hub imported last, and what is in flight."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from rds_tls_audit.checks.verdict import Status
from rds_tls_audit.readiness.status import ReadinessSummary

type StateKey = tuple[str, str]
"""The resource id and the check id."""


class ChangeKind(StrEnum):
    """The kinds of changes that the digest reports."""

    NEW = "new"
    WORSE = "worse"
    BETTER = "better"
    RESOLVED = "resolved"
    NOT_ASSESSED = "not assessed"
    ACCEPTED = "accepted"
    ARCHIVED = "archived"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """An update that is in flight: Security Hub has not confirmed it yet.

    Field names are the stored format.
    """

    run: str
    """The id of the run that sends it; if that run is repeated, it sends the same update."""
    observed_at: datetime
    """The LastObservedAt of the update."""
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingState:
    """What Security Hub imported last of one finding.

    Field names are the stored format.
    """

    status: Status
    fingerprint: tuple[str, ...]
    because: str
    """The reason in the latest run that evaluated the check; the next update sends it."""
    created_at: datetime
    updated_at: datetime
    """The UpdatedAt that was sent. It strictly increases: Security Hub silently ignores an
    equal one."""
    observed_at: datetime
    """The time of the latest run that evaluated the check."""
    offended_at: datetime | None = None
    """The time of the latest FAILED verdict."""
    misses: int = 0
    """The number of consecutive full runs that could not assess the check."""
    missed_at: datetime | None = None
    archived: bool = False
    accepted_at: datetime | None = None
    """The time of the run that first found the risk accepted; None if it is not accepted now."""
    to_resolve: bool = False
    """Whether the finding passes and its workflow status must still be set to RESOLVED."""
    answer: ReadinessSummary | None = None
    """Whether it is safe to force TLS, if a failed finding reports that."""
    attempt: Attempt | None = None
    """The update in flight. If the run died, Security Hub may have imported it or not, and only
    another update settles that."""

    @property
    def newest_at(self) -> datetime:
        """The time of the newest evidence that was sent or is in flight."""
        return max(self.observed_at, self.attempt.observed_at) if self.attempt else self.observed_at


def with_attempt(previous: FindingState | None, state: FindingState, run_id: str) -> FindingState:
    """Return the state to store while an update to `state` is in flight.

    That is the previous state. A finding that was never sent counts as archived: if Security Hub
    has imported it after all, the next run corrects it, even if the check passes by then or the
    database was deleted.
    """
    known = previous or replace(state, archived=True)
    in_flight = Attempt(run=run_id, observed_at=state.observed_at, updated_at=state.updated_at)
    return replace(known, attempt=in_flight)
