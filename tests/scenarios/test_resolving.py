"""A finding that passes is resolved in Security Hub, unless somebody has suppressed it."""

from dataclasses import replace

import pytest

from emulation.strict_hub import GET, UPDATE
from tests.scenarios.faults import BEFORE, Fault, Faults, put_faults_into
from tests.scenarios.simulated_account import DAY, HOUR, World, finding_id
from tests.support.builders import bad, database, good, settings

ORDERS = database("orders-prod")
FINDINGS = [
    finding_id(check, "db-ORDERS-PROD")
    for check in ("force-ssl", "plaintext-refused", "sessions-encrypted")
]


@pytest.fixture
def world() -> World:
    """Everything is wrong, told, and now put right."""
    world = World()
    world.put(bad(ORDERS))
    world.full()
    world.later(DAY)
    world.put(good(ORDERS))
    return world


def asked(world: World) -> int:
    return sum(it.operation in {GET, UPDATE} for it in world.hub.requests)


def test_what_passes_is_resolved(world: World) -> None:
    world.full()

    assert [world.hub.workflow[it] for it in FINDINGS] == ["RESOLVED"] * 3
    assert not any(state.to_resolve for state in world.states.items.values())


@pytest.mark.parametrize("by", ["NOTIFIED", "RESOLVED", "NEW"])
def test_what_a_reviewer_works_on_is_resolved_too(world: World, by: str) -> None:
    world.hub.set_workflow(FINDINGS[0], by)

    world.full()

    assert world.hub.workflow[FINDINGS[0]] == "RESOLVED"


def test_what_is_suppressed_stays_so_and_is_not_asked_about_again(world: World) -> None:
    world.hub.suppress(FINDINGS[0])
    world.full()
    before = asked(world)
    world.later(DAY)
    world.full()

    assert world.hub.workflow[FINDINGS[0]] == "SUPPRESSED"
    assert asked(world) == before


def test_it_is_tried_again_by_the_next_run_where_it_fails(world: World) -> None:
    for it in FINDINGS:
        world.hub.reject(it, "InternalError")
    world.full()
    assert {it["Compliance"]["Status"] for it in world.hub.findings.values()} == {"FAILED"}
    world.hub.take_again()
    world.later(DAY)
    world.full()

    assert {world.hub.workflow[it] for it in FINDINGS} == {"RESOLVED"}


@pytest.mark.parametrize("next_run", ["full", "named"])
def test_a_resolution_that_fails_alone_is_tried_again_and_told_once(
    world: World, next_run: str
) -> None:
    faults = Faults(armed=Fault("hub", BEFORE, call=2, times=99))  # all but the import
    put_faults_into(world, faults)
    world.full()
    assert {world.hub.workflow[it] for it in FINDINGS} == {"NEW"}
    told = list(world.told())
    faults.armed = None
    world.later(HOUR)

    world.full() if next_run == "full" else world.named("orders-prod")

    assert {world.hub.workflow[it] for it in FINDINGS} == {"RESOLVED"}
    assert world.told() == told


def test_nothing_is_resolved_where_that_is_not_wanted(world: World) -> None:
    world.settings = replace(world.settings, resolve_on_pass=False)
    world.full()

    assert asked(world) == 0
    assert {world.hub.workflow[it] for it in FINDINGS} == {"NEW"}


def test_a_failure_that_comes_back_is_open_again(world: World) -> None:
    world.full()
    world.later(DAY)
    world.put(bad(ORDERS))
    world.full()

    assert {world.hub.workflow[it] for it in FINDINGS} == {"NEW"}


def test_passes_that_are_sent_from_the_start_are_resolved_too() -> None:
    world = World(settings=settings(PUBLISH_PASSED="true"))
    world.put(good(ORDERS))
    world.full()

    assert set(world.hub.workflow.values()) == {"RESOLVED"}
