"""A sample run uses the databases that the latest full run could log in to, without RDS calls."""

from collections.abc import Sequence
from dataclasses import replace

from rds_tls_audit.evidence.observation import Observation
from rds_tls_audit.fleet.database import Database
from rds_tls_audit.pipeline.run import RunKind
from rds_tls_audit.results.batch_result import BatchResult
from tests.support.builders import database_result, good, run
from tests.support.in_memory_stores import Rds, RunStore
from tests.unit.stages.discover_helpers import BILLING, MEMBERS, ORDERS, discovered, ports


def after_full_run(*, logged_in: Sequence[Database], others: Sequence[Database]) -> RunStore:
    """Return the run store after a full run that could log in to some databases."""
    runs = RunStore(latest_full_run="full-0")
    rds = Rds([*logged_in, *others])
    discovered(run(), [], "probe", ports(rds, runs=runs))
    probed = [good(database) for database in logged_in] + [
        replace(good(database), observation=Observation.unseen("timed out")) for database in others
    ]
    results = tuple(database_result(target) for target in probed)
    runs.results["full-0"] = [BatchResult(batch=0, databases=results)]
    return runs


def test_a_sample_run_uses_the_databases_that_the_latest_full_run_could_log_in_to() -> None:
    runs = after_full_run(logged_in=[ORDERS, MEMBERS[0]], others=[BILLING, MEMBERS[1]])
    rds = Rds()
    sample = run(RunKind.SAMPLE, hours=1)

    found = discovered(sample, [], "probe", ports(rds, runs=runs))

    (batch,) = runs.manifests[sample.id]
    assert {target.database.id for target in batch.targets} == {"orders-prod", "ledger-1"}
    assert batch.run_id == sample.id
    assert found.databases == 2
    assert not found.complete
    assert rds.calls == []


def test_a_sample_run_uses_the_configuration_from_the_latest_full_run() -> None:
    runs = after_full_run(logged_in=[ORDERS], others=[])
    sample = run(RunKind.SAMPLE, hours=1)

    discovered(sample, [], "probe", ports(runs=runs))

    (sampled,), (full,) = runs.manifests[sample.id], runs.manifests["full-0"]
    assert sampled.targets == full.targets


def test_a_sample_run_before_the_first_full_run_has_nothing_to_do() -> None:
    rds, runs = Rds([ORDERS]), RunStore()
    sample = run(RunKind.SAMPLE)

    found = discovered(sample, [], "probe", ports(rds, runs=runs))

    assert (found.databases, found.batches, found.complete) == (0, 0, False)
    assert list(runs.manifests[sample.id]) == []
    assert rds.calls == []


def test_a_sample_run_without_the_manifest_of_the_full_run_has_nothing_to_do() -> None:
    runs = RunStore(latest_full_run="full-0")
    sample = run(RunKind.SAMPLE)

    found = discovered(sample, [], "probe", ports(runs=runs))

    assert (found.databases, found.batches) == (0, 0)
