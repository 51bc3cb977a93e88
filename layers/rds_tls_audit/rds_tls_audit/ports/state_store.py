"""What the audit stores between runs: the state table."""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from rds_tls_audit.digest.delivery import DeliveryStep
from rds_tls_audit.digest.outbox import DeliveryProgress, OutboxEntry
from rds_tls_audit.findings.change import Change
from rds_tls_audit.findings.inventory import KnownResource
from rds_tls_audit.findings.state import FindingState, StateKey
from rds_tls_audit.pipeline.run import Run
from rds_tls_audit.readiness.sampling.daily_samples import DailySamples
from rds_tls_audit.readiness.sampling.observed_client import (
    ObservedClient,
)
from rds_tls_audit.readiness.sampling.sampling_state import SamplingState
from rds_tls_audit.results.run_totals import RunTotals


class States(Protocol):
    """What Security Hub was told last."""

    def read(self, resource_ids: Sequence[str]) -> Mapping[StateKey, FindingState | None]:
        """Read the states of these resources; None is one that a newer version of us wrote."""

    def write(
        self,
        key: StateKey,
        state: FindingState,
        previous: FindingState | None,
        change: Change | None = None,
    ) -> bool:
        """Store a state and note its change to be told: both, or neither.

        Nothing is stored, and False returned, where somebody else has changed the state since
        `previous` was read.
        """

    def roll_back(
        self, key: StateKey, attempt: FindingState, previous: FindingState | None
    ) -> None:
        """Store what was before an attempt, unless somebody has changed the state since."""


class Inventory(Protocol):
    """The resources that findings were sent for."""

    def read(self) -> Mapping[str, KnownResource]:
        """Read all, by resource id."""

    def write(self, changed: Mapping[str, KnownResource]) -> None:
        """Store these in place of those with the same resource ids."""


class Outbox(Protocol):
    """Where changes wait."""

    def read(self) -> Sequence[OutboxEntry]:
        """Read what waits, oldest first."""

    def remove(self, notes: Sequence[OutboxEntry]) -> None:
        """Forget notes."""

    def read_progress(self, topic: str) -> DeliveryProgress:
        """How far this topic has come."""

    def update_progress(
        self, topic: str, update: Callable[[DeliveryProgress], DeliveryStep]
    ) -> DeliveryStep:
        """Read it, and store what `update` makes of it; once more where another run was faster."""


class ClientHistoryReader(Protocol):
    """What is remembered of the clients of a database, by its resource id."""

    def read(self, resource_id: str) -> Mapping[str, ObservedClient]:
        """Read its clients, by their identities."""

    def read_tally(self, resource_id: str) -> SamplingState | None:
        """Read the last count; None before the first."""


class ClientHistoryWriter(ClientHistoryReader, Protocol):
    """What is remembered, to be added to."""

    def write(
        self,
        resource_id: str,
        changed: Mapping[str, ObservedClient],
        forgotten: Mapping[str, ObservedClient],
    ) -> None:
        """Store clients and forget others, but whom somebody has seen later meanwhile."""

    def write_tally(self, resource_id: str, tally: SamplingState) -> None:
        """Store the count with its day, both or neither, unless a later one is there."""


class SamplingHistoryReader(ClientHistoryReader, Protocol):
    """What is remembered, to be looked back on."""

    def read_days(self, resource_id: str) -> Sequence[DailySamples]:
        """Read what each day of sampling came to."""


class RunHistory(Protocol):
    """The full runs that were."""

    def read(self) -> Sequence[RunTotals]:
        """Read them, oldest first."""

    def write(self, run: Run, past: RunTotals) -> None:
        """Add a run."""


class Lock(Protocol):
    """One full run at a time."""

    def take(self, run: Run) -> str | None:
        """Take it, and return None; else the id of the run that holds it."""

    def release(self, run_id: str) -> None:
        """Give it back, where this run holds it."""
