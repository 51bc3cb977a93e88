"""What the stages reach, in memory; tests/integration/aws tests them beside the real adapters."""

import math
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from rds_tls_audit.adapters.state_table.outbox import note_item
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


class LostError(RuntimeError):
    """The table or the topic is away."""


@dataclass
class Lock:
    """The lock in memory; keeps what was asked of it."""

    holder: Run | None = None
    asked: list[str] = field(default_factory=list)

    def take(self, run: Run) -> str | None:
        self.asked.append(f"take {run.id}")
        if self.holder is not None and self.holder.id != run.id and not self._expired(run):
            return self.holder.id
        self.holder = run
        return None

    def release(self, run_id: str) -> None:
        self.asked.append(f"release {run_id}")
        if self.holder is not None and self.holder.id == run_id:
            self.holder = None

    def _expired(self, run: Run) -> bool:
        return self.holder is None or self.holder.observed_at + HELD_FOR < run.observed_at


@dataclass
class Outbox:
    """What waits in the state table to be told, in memory."""

    notes: dict[str, Change] = field(default_factory=dict)
    progress: dict[str, DeliveryProgress] = field(default_factory=dict)

    def read(self) -> list[OutboxEntry]:
        return [OutboxEntry(key=key, change=change) for key, change in sorted(self.notes.items())]

    def remove(self, notes: Sequence[OutboxEntry]) -> None:
        for note in notes:
            self.notes.pop(note.key, None)

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
class States:
    """The state table in memory, with the same conditional write of a state and its note."""

    items: dict[StateKey, FindingState] = field(default_factory=dict)
    outbox: Outbox = field(default_factory=Outbox)
    writes_left: float = math.inf
    """How many more there are before the table is away."""

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
            raise LostError
        self.writes_left -= 1
        if _version(self.items.get(key)) != _version(previous):
            return False
        self.items[key] = state
        if change is not None:
            self.outbox.notes[note_item(key, change, state.observed_at)["sk"]] = change
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
        """What waits to be told, oldest first."""
        return [note.change for note in self.outbox.read()]


def _version(state: FindingState | None) -> tuple[object, ...] | None:
    return (state.observed_at, state.updated_at, state.attempt) if state else None


@dataclass
class Inventory:
    """The resources that are known, in memory."""

    items: dict[str, KnownResource] = field(default_factory=dict)

    def read(self) -> Mapping[str, KnownResource]:
        return dict(self.items)

    def write(self, changed: Mapping[str, KnownResource]) -> None:
        self.items |= changed


@dataclass
class ClientHistory:
    """The clients of databases and the samples taken of them, in memory."""

    clients: dict[str, dict[str, ObservedClient]] = field(default_factory=lambda: defaultdict(dict))
    tallies: dict[str, SamplingState] = field(default_factory=dict)
    days: dict[str, dict[date, DailySamples]] = field(default_factory=lambda: defaultdict(dict))
    away: bool = False
    spoiled: str | None = None
    """The database whose clients cannot be read."""

    def read(self, resource_id: str) -> Mapping[str, ObservedClient]:
        if self.away:
            raise LostError
        if resource_id == self.spoiled:
            raise MalformedError(f"the item db#{resource_id} is malformed")
        return dict(self.clients[resource_id])

    def write(
        self,
        resource_id: str,
        changed: Mapping[str, ObservedClient],
        forgotten: Mapping[str, ObservedClient],
    ) -> None:
        known = self.clients[resource_id]
        for key, sighting in changed.items():
            if key not in known or known[key].last_seen <= sighting.last_seen:
                known[key] = sighting
        for key, sighting in forgotten.items():
            if key in known and known[key].last_seen <= sighting.last_seen:
                del known[key]

    def read_tally(self, resource_id: str) -> SamplingState | None:
        return self.tallies.get(resource_id)

    def write_tally(self, resource_id: str, tally: SamplingState) -> None:
        known = self.tallies.get(resource_id)
        if known is None or known.at < tally.at:
            self.tallies[resource_id] = tally
            self.days[resource_id][tally.day.day] = tally.day

    def read_days(self, resource_id: str) -> tuple[DailySamples, ...]:
        return tuple(day for _, day in sorted(self.days[resource_id].items()))


@dataclass
class RunHistory:
    """The full runs that were, in memory."""

    items: dict[tuple[datetime, str], RunTotals] = field(default_factory=dict)

    def read(self) -> tuple[RunTotals, ...]:
        return tuple(past for _, past in sorted(self.items.items()))

    def write(self, run: Run, past: RunTotals) -> None:
        self.items[run.observed_at, run.id] = past


@dataclass
class Runs:
    """The run bucket in memory."""

    manifests: dict[str, Sequence[Batch]] = field(default_factory=dict)
    results: dict[str, list[BatchResult]] = field(default_factory=dict)
    left_out: dict[str, frozenset[str]] = field(default_factory=dict)
    pages: dict[str, str] = field(default_factory=dict)
    """By run; the last one is the latest."""
    last: str | None = None
    pages_away: bool = False

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
        place = (result.batch, result.part)
        others = [it for it in self.read_results(run.id) if (it.batch, it.part) != place]
        self.results[run.id] = [*others, result]

    def read_results(self, run_id: str) -> Iterator[BatchResult]:
        return iter(self.results.get(run_id, ()))

    def write_page(self, run: Run, html: str) -> None:
        if self.pages_away:
            raise LostError
        self.pages[run.id] = html

    def set_latest_full_run(self, run: Run) -> None:
        self.last = run.id

    def latest_full_run_id(self) -> str | None:
        return self.last


class RdsAwayError(RuntimeError):
    """Nothing could be listed."""


@dataclass
class Rds:
    """RDS in memory; keeps what it was asked."""

    databases: Sequence[Database] = ()
    complete: bool = True
    away: bool = False
    authorities: Observed[Mapping[str, CertificateAuthority]] = field(
        default_factory=lambda: Seen(value={"rds-ca-rsa2048-g1": AUTHORITY})
    )
    denied: frozenset[str] = frozenset()
    asked: list[str] = field(default_factory=list)

    def list_all(self) -> Listing:
        self.asked.append("all")
        if self.away:
            raise RdsAwayError
        return Listing(databases=tuple(self.databases), complete=self.complete)

    def list_named(self, names: Sequence[str], *, ignore_missing: bool = False) -> Listing:
        del ignore_missing  # nothing is missing here
        self.asked.append(f"named {' '.join(names)}")
        named = tuple(database for database in self.databases if database.id in names)
        return Listing(databases=named, complete=self.complete)

    def read_group(self, key: GroupKey) -> Observed[ParameterGroup]:
        self.asked.append(str(key))
        if key.name in self.denied:
            return Unseen(reason=f"{key} could not be read: AccessDenied")
        return Seen(value=parameter_group(name=key.name, of_cluster=key.of_cluster))

    def read_authorities(self) -> Observed[Mapping[str, CertificateAuthority]]:
        self.asked.append("authorities")
        return self.authorities


@dataclass
class Topic:
    """A topic in memory: keeps what it was told."""

    letters: list[Summary] = field(default_factory=list)
    away: bool = False

    def __call__(self, letter: Summary) -> None:
        if self.away:
            raise LostError
        self.letters.append(letter)

    @property
    def changes(self) -> list[Change]:
        """All changes that it was told of, in the order of the letters."""
        return [change for letter in self.letters for change in letter.changes]

    @property
    def letter(self) -> Summary:
        """The only one."""
        (only,) = self.letters
        return only


@dataclass
class Executions:
    """A state machine that starts and runs nothing; keeps what it was asked, by name."""

    started: dict[str, Mapping[str, object]] = field(default_factory=dict)

    def start(self, name: str, asked: Mapping[str, object]) -> None:
        self.started.setdefault(name, asked)
