"""Close a run with the results in an in-memory run store, and with in-memory ports."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TypedDict, Unpack

from rds_tls_audit.adapters.state_table.outbox import outbox_item
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
    FindingStates,
    Inventory,
    Lock,
    Outbox,
    RunHistory,
    RunStore,
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
    """Fields of the response of report."""

    databases: int
    lost: int
    lost_databases: tuple[str, ...]
    not_assessed: int
    set_aside: int
    digest_sent: bool


def run_store(
    *batches: Sequence[Database], results: Sequence[BatchResult] = (), of: Run | None = None
) -> RunStore:
    """Return a run store with the manifest and the results of a run."""
    stored_run = of or run()
    manifest = tuple(
        Batch(
            run_id=stored_run.id,
            batch=number,
            probe_function=None,
            targets=tuple(target(database) for database in batch),
        )
        for number, batch in enumerate(batches)
    )
    return RunStore(manifests={stored_run.id: manifest}, results={stored_run.id: list(results)})


def result(
    *databases: Database,
    batch: int = 0,
    observation: Observation | None = None,
) -> BatchResult:
    probed = [good(database) for database in databases]
    if observation is not None:
        probed = [replace(target, observation=observation) for target in probed]
    return BatchResult(
        batch=batch,
        databases=tuple(database_result(target) for target in probed),
    )


@dataclass
class ReportHarness:
    """The ports of report except the run store, and shortcuts to use them."""

    hub: StrictHub = field(default_factory=StrictHub)
    states: FindingStates = field(default_factory=FindingStates)
    inventory: Inventory = field(default_factory=Inventory)
    client_history: ClientHistory = field(default_factory=ClientHistory)
    run_history: RunHistory = field(default_factory=RunHistory)
    topics: dict[str, Topic] = field(default_factory=lambda: {"digest": Topic()})
    lock: Lock = field(default_factory=Lock)

    @property
    def topic(self) -> Topic:
        """The topic of the digest."""
        return self.topics["digest"]

    @property
    def outbox(self) -> Outbox:
        """The outbox, which shares a table with the finding states."""
        return self.states.outbox

    def wait_in_outbox(self, *changes: Change) -> None:
        """Add changes to the outbox, as publish does."""
        for waiting in changes:
            key = outbox_item((waiting.database, waiting.check), waiting, NOW)["sk"]
            self.outbox.entries[key] = waiting

    def close(
        self,
        runs: RunStore,
        of: Run | None = None,
        *,
        databases: int | None = None,
        complete: bool = True,
        settings: Settings = DEFAULTS,
    ) -> Reported:
        """Close a run; by default, discover found the databases of its manifest."""
        closed = of or run()
        in_manifest = sum(len(batch.targets) for batch in runs.read_manifest(closed.id) or ())
        request = ReportRequest(
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
            client_history=self.client_history,
            run_history=self.run_history,
            reports=runs,
            outbox=self.outbox,
            topics=self.topics,
            lock=self.lock,
        )
        return report.close_run(closed, request, settings, ports)


def expected_end(**changes: Unpack[ReportedChanges]) -> Reported:
    """Return how a run of one database without any news ends, with some fields changed."""
    uneventful = Reported(
        databases=1,
        lost=0,
        lost_databases=(),
        not_assessed=0,
        set_aside=0,
        digest_sent=False,
    )
    return replace(uneventful, **changes)
