"""Discover writes the manifest, and a full run holds the lock meanwhile."""

import json

import pytest

from rds_tls_audit.codec import encode
from rds_tls_audit.pipeline.run import RunKind
from rds_tls_audit.stages import discover
from rds_tls_audit.stages.discover import Skipped
from tests.support.builders import database, run
from tests.support.in_memory_stores import Lock, Rds, RdsAwayError, Runs
from tests.unit.stages.discover_helpers import MEMBERS, ORDERS, asking, discovered, ports, probing


@pytest.mark.parametrize(
    ("kind", "listed", "complete"),
    [
        (RunKind.FULL, True, True),
        (RunKind.FULL, False, False),
        (RunKind.NAMED, True, False),
    ],
    ids=["full", "full-with-a-failed-call", "named"],
)
def test_a_run_is_complete_only_if_it_is_full_and_every_listing_succeeded(
    kind: RunKind,
    listed: bool,  # noqa: FBT001 - a parameter of the table
    complete: bool,  # noqa: FBT001
) -> None:
    rds = Rds([ORDERS], complete=listed)
    names = ["orders-prod"] if kind is RunKind.NAMED else []

    assert discovered(run(kind), names, None, ports(rds)).complete is complete


def test_the_manifest_is_written_and_counted() -> None:
    runs = Runs()
    elsewhere = database("shop", vpc_id="vpc-2")

    found = discovered(run(), [], "probe", ports(Rds([ORDERS, *MEMBERS, elsewhere]), runs=runs))

    assert (found.key, found.databases, found.batches) == ("runs/full-0/batches.json", 4, 2)
    assert len(runs.manifests["full-0"]) == 2


def test_an_item_of_the_manifest_has_the_fields_of_the_contract() -> None:
    runs = Runs()
    discovered(run(), [], "probe-a", ports(Rds([ORDERS]), runs=runs))

    (item,) = json.loads(json.dumps([encode(it) for it in runs.manifests["full-0"]]))

    assert item.keys() == {"run_id", "batch", "probe_function", "targets"}
    assert (item["run_id"], item["batch"], item["probe_function"]) == ("full-0", 0, "probe-a")
    assert item["targets"][0].keys() == {"database", "configuration", "dial"}


def test_a_full_run_takes_the_lock_and_leaves_it_to_report() -> None:
    lock = Lock()

    discovered(run(), [], None, ports(Rds([ORDERS]), lock=lock))

    assert lock.holder == run()
    assert lock.asked == ["take full-0"]


def test_a_second_full_run_is_skipped_for_the_first_and_asks_nothing() -> None:
    lock, rds = Lock(holder=run()), Rds([ORDERS])

    skipped = discover.discover_databases(
        run(hours=1), asking(run()), probing(None), ports(rds, lock=lock)
    )

    assert skipped == Skipped(held_by="full-0")
    assert lock.holder == run()
    assert lock.asked == ["take full-1"]
    assert rds.asked == []


def test_a_retried_discovery_of_the_same_run_goes_on() -> None:
    lock = Lock(holder=run())

    assert discovered(run(), [], None, ports(Rds([ORDERS]), lock=lock)).databases == 1
    assert lock.holder == run()


def test_the_lock_is_given_back_where_discovery_fails() -> None:
    lock = Lock()

    with pytest.raises(RdsAwayError):
        discovered(run(), [], None, ports(Rds(away=True), lock=lock))

    assert lock.holder is None
    assert lock.asked == ["take full-0", "release full-0"]


@pytest.mark.parametrize("kind", [RunKind.NAMED, RunKind.SAMPLE])
def test_other_runs_go_on_beside_a_full_one(kind: RunKind) -> None:
    lock = Lock(holder=run())
    names = ["orders-prod"] if kind is RunKind.NAMED else []

    discovered(run(kind, hours=1), names, None, ports(Rds([ORDERS]), lock=lock))

    assert lock.asked == []


def test_a_full_run_that_nobody_would_close_takes_no_lock() -> None:
    assert discovered(run(), [], None, ports(Rds([ORDERS]))).databases == 1
