"""How these tests close a run: with what the bucket keeps of it, and all it reaches in memory."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TypedDict, Unpack

from rds_tls_audit.adapters.state_table.outbox import note_item
from rds_tls_audit.checks.verdict import Severity
from rds_tls_audit.evidence.observation import Observation
from rds_tls_audit.findings.change import Change
from rds_tls_audit.findings.import_result import Rejection
from rds_tls_audit.fleet.database import Database
from rds_tls_audit.pipeline.manifest import Batch
from rds_tls_audit.pipeline.messages import ReportRequest
from rds_tls_audit.pipeline.run import Run
from rds_tls_audit.results.batch_result import BatchResult
from rds_tls_audit.settings import Settings
from rds_tls_audit.stages import report
from rds_tls_audit.stages.report import Reported, ReportPorts
from tests.support.builders import (
    NOW,
    change,
    database,
    database_result,
    good,
    run,
    settings,
    target,
)
from tests.support.in_memory_stores import (
    ClientHistory,
    Inventory,
    Lock,
    Outbox,
    RunHistory,
    Runs,
    States,
    Topic,
)
from tests.support.strict_hub import StrictHub

ORDERS = database("orders-prod")
BILLING = database("billing")
CHANGE = change(
    check="plaintext-refused",
    severity=Severity.HIGH,
    because="a connection without TLS is accepted",
)
DEFAULTS = settings()
REJECTION = Rejection(id="eu-central-1/…/db-A", code="InvalidInput", message="Title")


class ReportedChanges(TypedDict, total=False):
    """Fields of how a run ended."""

    databases: int
    lost: int
    lost_databases: tuple[str, ...]
    not_assessed: int
    set_aside: int
    digest_sent: bool


def kept(
    *batches: Sequence[Database], results: Sequence[BatchResult] = (), of: Run | None = None
) -> Runs:
    """The bucket with the manifest of a run, and these results."""
    this_run = of or run()
    manifest = tuple(
        Batch(
            run_id=this_run.id,
            batch=number,
            probe_function=None,
            targets=tuple(target(database) for database in batch),
        )
        for number, batch in enumerate(batches)
    )
    return Runs(manifests={this_run.id: manifest}, results={this_run.id: list(results)})


def result(
    *databases: Database,
    batch: int = 0,
    observation: Observation | None = None,
) -> BatchResult:
    witnessed = [good(database) for database in databases]
    if observation is not None:
        witnessed = [replace(seen, observation=observation) for seen in witnessed]
    return BatchResult(
        batch=batch,
        databases=tuple(database_result(seen) for seen in witnessed),
    )


@dataclass
class ReportHarness:
    """Everything that report reaches, but for the runs."""

    hub: StrictHub = field(default_factory=StrictHub)
    states: States = field(default_factory=States)
    inventory: Inventory = field(default_factory=Inventory)
    sightings: ClientHistory = field(default_factory=ClientHistory)
    past_runs: RunHistory = field(default_factory=RunHistory)
    topics: dict[str, Topic] = field(default_factory=lambda: {"digest": Topic()})
    lock: Lock = field(default_factory=Lock)

    @property
    def topic(self) -> Topic:
        """The topic of the digest."""
        return self.topics["digest"]

    @property
    def outbox(self) -> Outbox:
        """What waits to be told; one table with the states."""
        return self.states.outbox

    def note(self, *changes: Change) -> None:
        """Let these wait to be told, as publish leaves them."""
        for noted in changes:
            key = note_item((noted.database, noted.check), noted, NOW)["sk"]
            self.outbox.notes[key] = noted

    def close(
        self,
        runs: Runs,
        this_run: Run | None = None,
        *,
        databases: int | None = None,
        complete: bool = True,
        told: Settings = DEFAULTS,
    ) -> Reported:
        """Close a run that found what is in its manifest, unless it is said otherwise."""
        closed = this_run or run()
        in_manifest = sum(len(batch.targets) for batch in runs.read_manifest(closed.id) or ())
        order = ReportRequest(
            run_id=closed.id,
            kind=closed.kind,
            databases=in_manifest if databases is None else databases,
            complete=complete,
        )
        ports = ReportPorts(
            runs=runs,
            hub=self.hub,
            states=self.states,
            inventory=self.inventory,
            sightings=self.sightings,
            past_runs=self.past_runs,
            pages=runs,
            outbox=self.outbox,
            topics=self.topics,
            lock=self.lock,
        )
        return report.close_run(closed, order, told, ports)


def reported(**changes: Unpack[ReportedChanges]) -> Reported:
    """How a run of one database ends of which there is nothing to tell, but for the changes."""
    nothing = Reported(
        databases=1,
        lost=0,
        lost_databases=(),
        not_assessed=0,
        set_aside=0,
        digest_sent=False,
    )
    return replace(nothing, **changes)
