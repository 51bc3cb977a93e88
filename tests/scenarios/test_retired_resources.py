"""A database that is gone is archived after two complete full runs; one left out, at once."""

from collections.abc import Callable

import pytest

from rds_tls_audit.findings.inventory import DELETED_REASON, OUT_OF_SCOPE_REASON
from rds_tls_audit.findings.state import ChangeKind
from rds_tls_audit.pipeline.run import RunKind
from tests.scenarios.simulated_account import DAY, HOUR, World, since, standing
from tests.support.builders import bad, cluster, database, good

ORDERS, BILLING = database("orders-prod"), database("billing")
MEMBERS = [database(f"ledger-{number}", cluster=cluster()) for number in (1, 2)]
ACTIVE, ARCHIVED = ("FAILED", "ACTIVE"), ("FAILED", "ARCHIVED")


@pytest.fixture
def world() -> World:
    """Everything is wrong, and told."""
    world = World()
    world.put(*(bad(it) for it in (ORDERS, BILLING, *MEMBERS)))
    world.full()
    world.later(DAY)
    return world


def of(world: World, resource_id: str) -> set[tuple[str, str]]:
    """Give how the findings of a resource stand."""
    return {it for key, it in standing(world).items() if key.endswith(f"/{resource_id}")}


def test_it_takes_two_complete_full_runs(world: World) -> None:
    world.remove("orders-prod")

    world.full()
    assert of(world, "db-ORDERS-PROD") == {ACTIVE}
    world.later(DAY)
    sent = since(world, world.full)

    assert of(world, "db-ORDERS-PROD") == {ARCHIVED}
    assert {it["Description"] for it in sent} == {f"T{DELETED_REASON[1:]}."}
    assert of(world, "db-BILLING") == {ACTIVE}
    archived = [it for it in world.told() if it.kind is ChangeKind.ARCHIVED]
    assert {it.database for it in archived} == {"orders-prod"}
    assert len(archived) == 3


OTHER_RUNS: dict[str, Callable[[World], object]] = {
    "incomplete": lambda world: world.full(complete=False),
    "named": lambda world: world.named("billing"),
    "event": lambda world: world.event("orders-prod", "billing"),
    "sample": lambda world: world.sample(),
}


@pytest.mark.parametrize("act", OTHER_RUNS.values(), ids=OTHER_RUNS)
def test_no_other_run_archives(world: World, act: Callable[[World], object]) -> None:
    world.remove("orders-prod")
    world.full()

    for _ in range(5):
        world.later(HOUR)
        act(world)

    assert of(world, "db-ORDERS-PROD") == {ACTIVE}
    world.later(HOUR)
    world.full()
    assert of(world, "db-ORDERS-PROD") == {ARCHIVED}


def test_it_is_archived_once(world: World) -> None:
    world.remove("orders-prod")
    for _ in range(2):
        world.full()
        world.later(DAY)

    def month() -> None:
        for _ in range(6):
            world.full()
            world.later(DAY)

    # The heartbeat of the others comes in this time.
    assert not [it for it in since(world, month) if it["RecordState"] == "ARCHIVED"]


def test_the_repetition_of_a_run_counts_no_second_absence(world: World) -> None:
    world.remove("orders-prod")
    this_run = world.new_run(RunKind.FULL)
    manifest = world.discover(this_run, sorted(world.fleet))
    for _ in range(3):
        world.publish(this_run, manifest)
        world.report(this_run, len(world.fleet), complete=True)

    assert of(world, "db-ORDERS-PROD") == {ACTIVE}


def test_one_that_comes_back_between_was_never_absent_twice(world: World) -> None:
    gone = world.fleet["orders-prod"]
    for _ in range(3):
        world.remove("orders-prod")
        world.full()
        world.later(DAY)
        world.put(gone)
        world.full()
        world.later(DAY)

    assert of(world, "db-ORDERS-PROD") == {ACTIVE}


def test_its_findings_come_back_with_it(world: World) -> None:
    gone = world.fleet["orders-prod"]
    created = {key: it["CreatedAt"] for key, it in world.hub.findings.items()}
    world.remove("orders-prod")
    for _ in range(2):
        world.full()
        world.later(DAY)
    world.put(gone)

    world.full()

    assert of(world, "db-ORDERS-PROD") == {ACTIVE}
    assert {key: it["CreatedAt"] for key, it in world.hub.findings.items()} == created
    assert [it.kind for it in world.told()[-3:]] == [ChangeKind.NEW] * 3


def test_a_cluster_is_gone_with_its_last_member(world: World) -> None:
    world.remove("ledger-1")
    for _ in range(3):
        world.full()
        world.later(DAY)
    assert of(world, "db-LEDGER-1") == {ARCHIVED}
    assert of(world, "cluster-LEDGER") == {ACTIVE}

    world.remove("ledger-2")
    for _ in range(2):
        world.full()
        world.later(DAY)

    assert of(world, "cluster-LEDGER") == {ARCHIVED}


def test_what_is_left_out_is_archived_by_the_next_full_run_with_that_reason(world: World) -> None:
    world.out_of_scope = {"orders-prod"}
    world.named("billing")
    world.sample()
    assert of(world, "db-ORDERS-PROD") == {ACTIVE}

    sent = since(world, lambda: world.full(complete=False))

    assert of(world, "db-ORDERS-PROD") == {ARCHIVED}
    archived = [it for it in sent if it["RecordState"] == "ARCHIVED"]
    assert {it["Description"] for it in archived} == {f"T{OUT_OF_SCOPE_REASON[1:]}."}


def test_what_is_back_in_scope_comes_back(world: World) -> None:
    world.out_of_scope = {"orders-prod", "ledger-1", "ledger-2"}
    world.full()
    world.later(DAY)
    assert of(world, "cluster-LEDGER") == {ARCHIVED}
    world.out_of_scope = set()

    world.full()

    assert set(standing(world).values()) == {ACTIVE}


def test_what_security_hub_does_not_take_is_archived_by_the_run_after(world: World) -> None:
    world.out_of_scope = {"orders-prod"}
    world.hub.reject(next(it for it in world.hub.findings if it.endswith("-PROD")), "InternalError")
    world.full()
    assert of(world, "db-ORDERS-PROD") == {ACTIVE, ARCHIVED}
    world.hub.take_again()
    world.later(DAY)

    world.full()

    assert of(world, "db-ORDERS-PROD") == {ARCHIVED}
    assert world.inventory.items["db-ORDERS-PROD"].closed


def test_what_a_person_asks_about_out_of_scope_is_archived_again(world: World) -> None:
    world.out_of_scope = {"orders-prod"}
    world.full()
    world.later(HOUR)
    world.named("orders-prod")
    assert of(world, "db-ORDERS-PROD") == {ACTIVE}
    world.later(DAY)

    world.full()

    assert of(world, "db-ORDERS-PROD") == {ARCHIVED}


@pytest.mark.parametrize("how", ["gone", "out-of-scope"])
def test_what_no_full_run_has_ever_seen_is_archived_too(world: World, how: str) -> None:
    world.put(bad(database("short-lived")))
    world.named("short-lived")
    if how == "gone":
        world.remove("short-lived")
    else:
        world.out_of_scope = {"short-lived"}

    for _ in range(3):
        world.later(DAY)
        world.full()

    assert of(world, "db-SHORT-LIVED") == {ARCHIVED}


def test_a_cluster_that_is_left_out_is_told_so_though_a_member_of_it_is_gone(world: World) -> None:
    first = world.inventory.items["cluster-LEDGER"].database.id
    world.remove(first)
    world.out_of_scope = {"ledger-1", "ledger-2"} - {first}

    world.full()

    assert of(world, "cluster-LEDGER") == {ARCHIVED}


def test_a_database_without_a_fault_leaves_nothing_behind(world: World) -> None:
    world.put(good(database("clean")))
    world.full()
    world.remove("clean")
    for _ in range(3):
        world.later(DAY)
        world.full()

    assert of(world, "db-CLEAN") == set()
    assert world.inventory.items["db-CLEAN"].closed
