"""The state that the audit stores between runs."""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from rds_tls_audit.digest.delivery import DeliveryStep
from rds_tls_audit.digest.outbox import DeliveryProgress, OutboxEntry
from rds_tls_audit.findings.change import Change
from rds_tls_audit.findings.inventory import KnownResource
from rds_tls_audit.findings.state import FindingState, StateKey
from rds_tls_audit.pipeline.run import Run
from rds_tls_audit.readiness.sampling.daily_samples import DailySamples
from rds_tls_audit.readiness.sampling.observed_client import ObservedClient
from rds_tls_audit.readiness.sampling.sampling_state import SamplingState
from rds_tls_audit.results.run_totals import RunTotals


class FindingStates(Protocol):
    """The state of each finding as it was last sent to Security Hub."""

    def read(self, resource_ids: Sequence[str]) -> Mapping[StateKey, FindingState | None]:
        """Read the states of these resources.

        A state is None if a newer version of the audit wrote it: it must not be changed.
        """

    def write(
        self,
        key: StateKey,
        state: FindingState,
        previous: FindingState | None,
        change: Change | None = None,
    ) -> bool:
        """Store a state, and its change in the outbox: both or neither.

        Returns:
            False if another run changed the state after `previous` was read; nothing is stored.
        """

    def roll_back(
        self, key: StateKey, attempt: FindingState, previous: FindingState | None
    ) -> None:
        """Restore the state before an attempt, unless another run has changed it since."""


class Inventory(Protocol):
    """The resources that have had findings."""

    def read(self) -> Mapping[str, KnownResource]:
        """Read all resources, by resource id."""

    def write(self, changed: Mapping[str, KnownResource]) -> None:
        """Store resources, replacing those with the same resource ids."""


class Outbox(Protocol):
    """The changes that wait for delivery, and the delivery progress of each topic."""

    def read(self) -> Sequence[OutboxEntry]:
        """Read the entries, oldest first."""

    def remove(self, entries: Sequence[OutboxEntry]) -> None:
        """Remove entries; those that no longer exist are ignored."""

    def read_progress(self, topic: str) -> DeliveryProgress:
        """Return the delivery progress of a topic."""

    def update_progress(
        self, topic: str, update: Callable[[DeliveryProgress], DeliveryStep]
    ) -> DeliveryStep:
        """Store what `update` returns for the current progress.

        `update` is called again if another run stored a progress in the meantime.

        Raises:
            Exception: Other runs were faster several times.
        """


class ClientHistoryReader(Protocol):
    """Reads the observed clients and the sampling state of a database, by its resource id."""

    def read(self, resource_id: str) -> Mapping[str, ObservedClient]:
        """Read the clients, by their client keys."""

    def read_sampling_state(self, resource_id: str) -> SamplingState | None:
        """Read the state of the latest sample; None before the first."""


class ClientHistoryWriter(ClientHistoryReader, Protocol):
    """Stores the observed clients and the sampling state."""

    def write(
        self,
        resource_id: str,
        changed: Mapping[str, ObservedClient],
        removed: Mapping[str, ObservedClient],
    ) -> None:
        """Store changed clients and delete removed ones, by their client keys.

        A client that another run has observed later in the meantime stays as it is.
        """

    def write_sampling_state(self, resource_id: str, state: SamplingState) -> None:
        """Store the sampling state and its day: both or neither.

        Nothing is stored if the stored state is as late or later.
        """


class SamplingHistoryReader(ClientHistoryReader, Protocol):
    """Reads the samples of past days too."""

    def read_days(self, resource_id: str) -> Sequence[DailySamples]:
        """Read the samples of each day, oldest first."""


class RunHistory(Protocol):
    """The totals of past full runs."""

    def read(self) -> Sequence[RunTotals]:
        """Read the totals, oldest first."""

    def write(self, run: Run, totals: RunTotals) -> None:
        """Store the totals of a run; replaces those that the same run stored before."""
