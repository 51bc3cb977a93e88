"""How these tests close a run: with what the bucket keeps of it, and a topic in memory."""

from collections.abc import Sequence
from dataclasses import replace

from rds_tls_audit.batches import Batch
from rds_tls_audit.change import Change
from rds_tls_audit.database import Database
from rds_tls_audit.finding_state import ChangeKind
from rds_tls_audit.messages import ReportOrder
from rds_tls_audit.observation import Observation
from rds_tls_audit.result import BatchResult, Rejection
from rds_tls_audit.run import Run
from rds_tls_audit.stages import report
from rds_tls_audit.stages.report import Reported, ReportPorts
from rds_tls_audit.verdict import Status
from tests.unit.examples import database, database_result, good, run, target
from tests.unit.fakes import Lock, Runs, Topic

ORDERS = database("orders-prod")
BILLING = database("billing")
CHANGE = Change(
    kind=ChangeKind.NEW,
    check="plaintext-refused",
    database="orders-prod",
    status=Status.FAILED,
    because="a connection without TLS is accepted",
    owner=None,
)
REJECTION = Rejection(id="eu-central-1/…/db-A", code="InvalidInput", message="Title")


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


def close(  # noqa: PLR0913 - what report is given
    runs: Runs,
    topic: Topic,
    this_run: Run | None = None,
    *,
    lock: Lock | None = None,
    databases: int | None = None,
    complete: bool = True,
) -> Reported:
    """Close a run that found what is in its manifest, unless it is said otherwise."""
    closed = this_run or run()
    in_manifest = sum(len(batch.targets) for batch in runs.read_manifest(closed.id) or ())
    order = ReportOrder(
        run_id=closed.id,
        kind=closed.kind,
        databases=in_manifest if databases is None else databases,
        complete=complete,
    )
    return report.run(closed, order, ReportPorts(runs=runs, topic=topic, lock=lock or Lock()))


def not_assessed(topic: Topic) -> list[dict[str, object]]:
    listed = topic.document["not_assessed"]
    assert isinstance(listed, list)
    return listed
