"""Discover writes the manifest, and a full run holds the lock until it is closed."""

import json

import pytest

from rds_tls_audit.adapters.rds.api import RdsUnavailableError
from rds_tls_audit.codec import encode
from rds_tls_audit.pipeline.run import RunKind
from rds_tls_audit.stages import discover
from rds_tls_audit.stages.discover import Skipped
from tests.support.builders import database, run
from tests.support.in_memory_stores import Lock, Rds, RunStore
from tests.unit.stages.discover_helpers import (
    MEMBERS,
    ORDERS,
    discovered,
    ports,
    request_for,
    settings_with,
)


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
    runs = RunStore()
    elsewhere = database("shop", vpc_id="vpc-2")

    found = discovered(run(), [], "probe", ports(Rds([ORDERS, *MEMBERS, elsewhere]), runs=runs))

    assert (found.key, found.databases, found.batches) == ("runs/full-0/batches.json", 4, 2)
    assert len(runs.manifests["full-0"]) == 2


def test_an_item_of_the_manifest_has_the_fields_of_the_contract() -> None:
    runs = RunStore()
    discovered(run(), [], "probe-a", ports(Rds([ORDERS]), runs=runs))

    (item,) = json.loads(json.dumps([encode(batch) for batch in runs.manifests["full-0"]]))

    assert item.keys() == {"run_id", "batch", "probe_function", "targets"}
    assert (item["run_id"], item["batch"], item["probe_function"]) == ("full-0", 0, "probe-a")
    assert item["targets"][0].keys() == {"database", "configuration", "dial"}


def test_a_full_run_acquires_the_lock_and_leaves_its_release_to_report() -> None:
    lock = Lock()

    discovered(run(), [], None, ports(Rds([ORDERS]), lock=lock))

    assert lock.holder == run()
    assert lock.calls == ["acquire full-0"]


def test_a_second_full_run_is_skipped_and_makes_no_calls() -> None:
    lock, rds = Lock(holder=run()), Rds([ORDERS])

    skipped = discover.discover_databases(
        run(hours=1), request_for(run()), settings_with(None), ports(rds, lock=lock)
    )

    assert skipped == Skipped(held_by="full-0")
    assert lock.holder == run()
    assert lock.calls == ["acquire full-1"]
    assert rds.calls == []


def test_a_retried_discover_of_the_same_run_continues() -> None:
    lock = Lock(holder=run())

    assert discovered(run(), [], None, ports(Rds([ORDERS]), lock=lock)).databases == 1
    assert lock.holder == run()


def test_the_lock_is_released_if_discover_fails() -> None:
    lock = Lock()

    with pytest.raises(RdsUnavailableError):
        discovered(run(), [], None, ports(Rds(unavailable=True), lock=lock))

    assert lock.holder is None
    assert lock.calls == ["acquire full-0", "release full-0"]


@pytest.mark.parametrize("kind", [RunKind.NAMED, RunKind.SAMPLE])
def test_other_runs_may_overlap_with_a_full_run(kind: RunKind) -> None:
    lock = Lock(holder=run())
    names = ["orders-prod"] if kind is RunKind.NAMED else []

    discovered(run(kind, hours=1), names, None, ports(Rds([ORDERS]), lock=lock))

    assert lock.calls == []


def test_a_full_run_that_nothing_will_close_acquires_no_lock() -> None:
    assert discovered(run(), [], None, ports(Rds([ORDERS]))).databases == 1
