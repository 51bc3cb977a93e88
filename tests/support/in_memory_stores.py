"""In-memory implementations of the ports.

tests/integration/aws runs the same contract tests against them and against the real adapters.
"""

import math
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from rds_tls_audit.adapters.rds.api import RdsUnavailableError
from rds_tls_audit.adapters.state_table.outbox import outbox_item
from rds_tls_audit.adapters.state_table.run_lock import HELD_FOR
from rds_tls_audit.codec import MalformedError
from rds_tls_audit.digest.delivery import DeliveryStep
from rds_tls_audit.digest.outbox import DeliveryProgress, OutboxEntry
from rds_tls_audit.digest.summary import Summary
from rds_tls_audit.evidence.observed import Observed, Seen, Unseen
from rds_tls_audit.findings.change import Change
from rds_tls_audit.findings.inventory import KnownResource
from rds_tls_audit.findings.state import FindingState, StateKey
from rds_tls_audit.fleet.certificate_authority import CertificateAuthority
from rds_tls_audit.fleet.configuration import GroupKey, ParameterGroup
from rds_tls_audit.fleet.database import Database
from rds_tls_audit.fleet.listing import Listing
from rds_tls_audit.pipeline.manifest import Batch
from rds_tls_audit.pipeline.run import Run
from rds_tls_audit.readiness.sampling.daily_samples import DailySamples
from rds_tls_audit.readiness.sampling.observed_client import ObservedClient
from rds_tls_audit.readiness.sampling.sampling_state import SamplingState
from rds_tls_audit.results.batch_result import BatchResult
from rds_tls_audit.results.run_totals import RunTotals
from tests.support.builders import NOW, parameter_group

AUTHORITY = CertificateAuthority(valid_till=NOW.replace(year=2061))


class StoreUnavailableError(RuntimeError):
    """The store or topic is unavailable."""


@dataclass
class Lock:
    """A lock that records the calls."""

    holder: Run | None = None
    calls: list[str] = field(default_factory=list)

    def acquire(self, run: Run) -> str | None:
        self.calls.append(f"acquire {run.id}")
        if self.holder is not None and self.holder.id != run.id and not self._expired(run):
            return self.holder.id
        self.holder = run
        return None

    def release(self, run_id: str) -> None:
        self.calls.append(f"release {run_id}")
        if self.holder is not None and self.holder.id == run_id:
            self.holder = None

    def _expired(self, run: Run) -> bool:
        return self.holder is None or self.holder.observed_at + HELD_FOR < run.observed_at


@dataclass
class Outbox:
    """An outbox."""

    entries: dict[str, Change] = field(default_factory=dict)
    """The changes, by the keys of their entries."""
    progress: dict[str, DeliveryProgress] = field(default_factory=dict)

    def read(self) -> list[OutboxEntry]:
        return [OutboxEntry(key=key, change=change) for key, change in sorted(self.entries.items())]

    def remove(self, entries: Sequence[OutboxEntry]) -> None:
        for entry in entries:
            self.entries.pop(entry.key, None)

    def read_progress(self, topic: str) -> DeliveryProgress:
        return self.progress.get(topic, DeliveryProgress())

    def update_progress(
        self, topic: str, update: Callable[[DeliveryProgress], DeliveryStep]
    ) -> DeliveryStep:
        while True:
            before = self.read_progress(topic)
            step = update(before)
            if self.progress.get(topic, DeliveryProgress()) == before:
                self.progress[topic] = step.progress
                return step


@dataclass
class FindingStates:
    """Finding states, with the same conditional write of a state and its outbox entry."""

    items: dict[StateKey, FindingState] = field(default_factory=dict)
    outbox: Outbox = field(default_factory=Outbox)
    writes_left: float = math.inf
    """The number of writes before the store becomes unavailable."""

    def read(self, resource_ids: Sequence[str]) -> Mapping[StateKey, FindingState | None]:
        return {key: state for key, state in self.items.items() if key[0] in resource_ids}

    def write(
        self,
        key: StateKey,
        state: FindingState,
        previous: FindingState | None,
        change: Change | None = None,
    ) -> bool:
        if self.writes_left <= 0:
            raise StoreUnavailableError
        self.writes_left -= 1
        if _version(self.items.get(key)) != _version(previous):
            return False
        self.items[key] = state
        if change is not None:
            self.outbox.entries[outbox_item(key, change, state.observed_at)["sk"]] = change
        return True

    def roll_back(
        self, key: StateKey, attempt: FindingState, previous: FindingState | None
    ) -> None:
        if previous is not None:
            self.write(key, previous, attempt)
        elif _version(self.items.get(key)) == _version(attempt):
            del self.items[key]

    @property
    def changes(self) -> list[Change]:
        """The changes in the outbox, oldest first."""
        return [entry.change for entry in self.outbox.read()]


def _version(state: FindingState | None) -> tuple[object, ...] | None:
    return (state.observed_at, state.updated_at, state.attempt) if state else None


@dataclass
class Inventory:
    """An inventory of resources."""

    items: dict[str, KnownResource] = field(default_factory=dict)

    def read(self) -> Mapping[str, KnownResource]:
        return dict(self.items)

    def write(self, changed: Mapping[str, KnownResource]) -> None:
        self.items |= changed


@dataclass
class ClientHistory:
    """Observed clients and samples."""

    clients: dict[str, dict[str, ObservedClient]] = field(default_factory=lambda: defaultdict(dict))
    sampling_states: dict[str, SamplingState] = field(default_factory=dict)
    days: dict[str, dict[date, DailySamples]] = field(default_factory=lambda: defaultdict(dict))
    unavailable: bool = False
    malformed_resource: str | None = None
    """The resource id of the database whose clients cannot be read."""

    def read(self, resource_id: str) -> Mapping[str, ObservedClient]:
        if self.unavailable:
            raise StoreUnavailableError
        if resource_id == self.malformed_resource:
            raise MalformedError(f"the item db#{resource_id} is malformed")
        return dict(self.clients[resource_id])

    def write(
        self,
        resource_id: str,
        changed: Mapping[str, ObservedClient],
        removed: Mapping[str, ObservedClient],
    ) -> None:
        known = self.clients[resource_id]
        for key, client in changed.items():
            if key not in known or known[key].last_seen <= client.last_seen:
                known[key] = client
        for key, client in removed.items():
            if key in known and known[key].last_seen <= client.last_seen:
                del known[key]

    def read_sampling_state(self, resource_id: str) -> SamplingState | None:
        return self.sampling_states.get(resource_id)

    def write_sampling_state(self, resource_id: str, state: SamplingState) -> None:
        known = self.sampling_states.get(resource_id)
        if known is None or known.at < state.at:
            self.sampling_states[resource_id] = state
            self.days[resource_id][state.day.day] = state.day

    def read_days(self, resource_id: str) -> tuple[DailySamples, ...]:
        return tuple(day for _, day in sorted(self.days[resource_id].items()))


@dataclass
class RunHistory:
    """The totals of past full runs."""

    items: dict[tuple[datetime, str], RunTotals] = field(default_factory=dict)

    def read(self) -> tuple[RunTotals, ...]:
        return tuple(totals for _, totals in sorted(self.items.items()))

    def write(self, run: Run, totals: RunTotals) -> None:
        self.items[run.observed_at, run.id] = totals


@dataclass
class RunStore:
    """Manifests, results, and HTML reports of runs."""

    manifests: dict[str, Sequence[Batch]] = field(default_factory=dict)
    results: dict[str, list[BatchResult]] = field(default_factory=dict)
    left_out: dict[str, frozenset[str]] = field(default_factory=dict)
    reports: dict[str, str] = field(default_factory=dict)
    """The HTML reports, by run id; the last one is the latest."""
    latest_full_run: str | None = None
    reports_unavailable: bool = False

    def write_manifest(self, run: Run, batches: Sequence[Batch]) -> str:
        self.manifests[run.id] = batches
        return f"runs/{run.id}/batches.json"

    def read_manifest(self, run_id: str) -> Sequence[Batch] | None:
        return self.manifests.get(run_id)

    def write_left_out(self, run: Run, resource_ids: Sequence[str]) -> None:
        self.left_out[run.id] = frozenset(resource_ids)

    def read_left_out(self, run_id: str) -> frozenset[str]:
        return self.left_out.get(run_id, frozenset())

    def write_result(self, run: Run, result: BatchResult) -> None:
        key = (result.batch, result.part)
        others = [other for other in self.read_results(run.id) if (other.batch, other.part) != key]
        self.results[run.id] = [*others, result]

    def read_results(self, run_id: str) -> Iterator[BatchResult]:
        return iter(self.results.get(run_id, ()))

    def write_report(self, run: Run, html: str) -> None:
        if self.reports_unavailable:
            raise StoreUnavailableError
        self.reports[run.id] = html

    def set_latest_full_run(self, run: Run) -> None:
        self.latest_full_run = run.id

    def latest_full_run_id(self) -> str | None:
        return self.latest_full_run


@dataclass
class Rds:
    """An RDS API that records the calls."""

    databases: Sequence[Database] = ()
    complete: bool = True
    unavailable: bool = False
    authorities: Observed[Mapping[str, CertificateAuthority]] = field(
        default_factory=lambda: Seen(value={"rds-ca-rsa2048-g1": AUTHORITY})
    )
    denied: frozenset[str] = frozenset()
    calls: list[str] = field(default_factory=list)

    def list_all(self) -> Listing:
        self.calls.append("all")
        if self.unavailable:
            raise RdsUnavailableError
        return Listing(databases=tuple(self.databases), complete=self.complete)

    def list_named(self, names: Sequence[str], *, ignore_missing: bool = False) -> Listing:
        del ignore_missing  # unknown names are always ignored here
        self.calls.append(f"named {' '.join(names)}")
        named = tuple(database for database in self.databases if database.id in names)
        return Listing(databases=named, complete=self.complete)

    def read_group(self, key: GroupKey) -> Observed[ParameterGroup]:
        self.calls.append(str(key))
        if key.name in self.denied:
            return Unseen(reason=f"{key} could not be read: AccessDenied")
        return Seen(value=parameter_group(name=key.name, of_cluster=key.of_cluster))

    def read_authorities(self) -> Observed[Mapping[str, CertificateAuthority]]:
        self.calls.append("authorities")
        return self.authorities


@dataclass
class Topic:
    """A topic that keeps the digests it received."""

    digests: list[Summary] = field(default_factory=list)
    unavailable: bool = False

    def __call__(self, digest: Summary) -> None:
        if self.unavailable:
            raise StoreUnavailableError
        self.digests.append(digest)

    @property
    def changes(self) -> list[Change]:
        """The changes of all digests, in the order of delivery."""
        return [change for digest in self.digests for change in digest.changes]

    @property
    def digest(self) -> Summary:
        """The only digest that it received."""
        (only,) = self.digests
        return only


@dataclass
class Executions:
    """A state machine that only records the executions that were started."""

    started: dict[str, Mapping[str, object]] = field(default_factory=dict)
    """The inputs of the executions, by name."""

    def start(self, name: str, execution_input: Mapping[str, object]) -> None:
        self.started.setdefault(name, execution_input)
