"""A sample run goes to where the last full run could log in, and asks RDS nothing."""

from collections.abc import Sequence
from dataclasses import replace

from rds_tls_audit.evidence.observation import Observation
from rds_tls_audit.fleet.database import Database
from rds_tls_audit.pipeline.run import RunKind
from rds_tls_audit.results.batch_result import BatchResult
from tests.support.builders import database_result, good, run
from tests.support.in_memory_stores import Rds, Runs
from tests.unit.stages.discover_helpers import BILLING, MEMBERS, ORDERS, discovered, ports


def remembered(*, logged_in: Sequence[Database], others: Sequence[Database]) -> Runs:
    """The bucket after a full run that could log in to some."""
    runs = Runs(last="full-0")
    rds = Rds([*logged_in, *others])
    discovered(run(), [], "probe", ports(rds, runs=runs))
    seen = [good(database) for database in logged_in] + [
        replace(good(database), observation=Observation.unseen("timed out")) for database in others
    ]
    results = tuple(database_result(it) for it in seen)
    runs.results["full-0"] = [BatchResult(batch=0, databases=results)]
    return runs


def test_a_sample_run_takes_the_databases_that_the_last_full_run_could_log_in_to() -> None:
    runs = remembered(logged_in=[ORDERS, MEMBERS[0]], others=[BILLING, MEMBERS[1]])
    rds = Rds()
    sample = run(RunKind.SAMPLE, hours=1)

    found = discovered(sample, [], "probe", ports(rds, runs=runs))

    (batch,) = runs.manifests[sample.id]
    assert {target.database.id for target in batch.targets} == {"orders-prod", "ledger-1"}
    assert batch.run_id == sample.id
    assert found.databases == 2
    assert not found.complete
    assert rds.asked == []


def test_a_sample_run_carries_the_configuration_of_the_last_full_run() -> None:
    runs = remembered(logged_in=[ORDERS], others=[])
    sample = run(RunKind.SAMPLE, hours=1)

    discovered(sample, [], "probe", ports(runs=runs))

    (sampled,), (full,) = runs.manifests[sample.id], runs.manifests["full-0"]
    assert sampled.targets == full.targets


def test_a_sample_run_before_the_first_full_run_has_nothing_to_do() -> None:
    rds, runs = Rds([ORDERS]), Runs()
    sample = run(RunKind.SAMPLE)

    found = discovered(sample, [], "probe", ports(rds, runs=runs))

    assert (found.databases, found.batches, found.complete) == (0, 0, False)
    assert list(runs.manifests[sample.id]) == []
    assert rds.asked == []


def test_a_sample_run_whose_full_run_is_gone_has_nothing_to_do() -> None:
    runs = Runs(last="full-0")
    sample = run(RunKind.SAMPLE)

    found = discovered(sample, [], "probe", ports(runs=runs))

    assert (found.databases, found.batches) == (0, 0)
