"""Named, event and sample runs touch what they asked about, and nothing else."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from rds_tls_audit.pipeline.run import RunKind
from rds_tls_audit.stages.report import Reported
from tests.scenarios.simulated_account import DAY, HOUR, World, checks, finding_id, since, unseen
from tests.support.builders import (
    GOOD,
    OPEN,
    bad,
    clear_session,
    cluster,
    database,
    good,
    seen,
    session_view,
)

ORDERS, BILLING, SHOP = database("orders-prod"), database("billing"), database("shop")
MEMBERS = [database(f"ledger-{number}", cluster=cluster()) for number in (1, 2)]
UNUSED = replace(bad(ORDERS), observation=replace(GOOD, plaintext=OPEN.plaintext))
"""It takes plaintext, and nobody uses that."""


@pytest.fixture
def world() -> World:
    """Everything is wrong, and told."""
    world = World()
    world.put(*(bad(it) for it in (ORDERS, BILLING, SHOP, *MEMBERS)))
    world.full()
    world.later(HOUR)
    return world


def changed_by(world: World, act: Callable[[], object]) -> set[str]:
    """Give the resource ids whose findings or states are other ones afterwards."""
    findings, states = dict(world.hub.findings), dict(world.states.items)
    act()
    sent = [key for key, finding in world.hub.findings.items() if findings.get(key) != finding]
    kept = [key for key, state in world.states.items.items() if states.get(key) != state]
    return {key.rsplit("/", 1)[-1] for key in sent} | {resource_id for resource_id, _ in kept}


@pytest.mark.parametrize("by", ["named", "event"])
def test_runs_of_some_databases_change_no_other(world: World, by: str) -> None:
    world.put(*(good(it) for it in (ORDERS, BILLING, SHOP, *MEMBERS)))
    run = getattr(world, by)

    assert changed_by(world, lambda: run("orders-prod")) == {"db-ORDERS-PROD"}
    assert changed_by(world, lambda: run("ledger-1")) == {"db-LEDGER-1", "cluster-LEDGER"}
    assert world.inventory.items.keys() == {
        *(it.resource_id for it in (ORDERS, BILLING, SHOP, *MEMBERS)),
        "cluster-LEDGER",
    }


def test_a_day_of_samples_changes_nothing_but_the_sightings_of_who_fails(world: World) -> None:
    world.put(good(ORDERS), unseen(bad(BILLING)))
    findings = dict(world.hub.findings)
    before = dict(world.states.items)

    for _ in range(96):
        world.sample()
        world.later(HOUR / 4)

    assert world.hub.findings == findings
    changed = {key for key, state in world.states.items.items() if before[key] != state}
    assert changed == {(it.resource_id, "sessions-encrypted") for it in (SHOP, *MEMBERS)}
    assert len(world.topics["digest"].letters) == 1


def test_a_sample_opens_a_session_check_and_nothing_else(world: World) -> None:
    world.put(good(ORDERS))
    world.named("orders-prod")
    world.later(8 * DAY)
    world.full()
    world.later(HOUR)
    world.put(bad(ORDERS))

    sent = since(world, world.sample)

    assert checks(sent) == ["sessions-encrypted"]
    assert sent[0]["Compliance"]["Status"] == "FAILED"


def test_a_named_run_misses_nothing_and_a_sample_neither(world: World) -> None:
    world.put(unseen(bad(ORDERS)))
    world.full()
    world.later(HOUR)

    for _ in range(3):
        world.named("orders-prod")
        world.sample()
        world.later(HOUR)

    assert {it["Compliance"]["Status"] for it in world.hub.findings.values()} == {
        "FAILED",
        "WARNING",
    }


def test_a_client_that_comes_at_night_gives_one_failure_in_a_week_and_no_flips() -> None:
    world = World()
    by_day = UNUSED
    in_clear = seen(session_view(clear_session(role="export")))
    at_night = replace(by_day, observation=replace(by_day.observation, sessions=in_clear))
    world.put(by_day)
    world.full()
    world.later(HOUR)

    def week() -> None:
        for _ in range(7):
            world.put(at_night)
            world.sample()
            world.later(23 * HOUR)
            world.put(by_day)
            world.full()
            world.later(HOUR)

    sent = [it for it in since(world, week) if checks([it]) == ["sessions-encrypted"]]

    assert [it["Compliance"]["Status"] for it in sent[:1]] == ["FAILED"]
    assert {it["Compliance"]["Status"] for it in sent} == {"FAILED"}
    told = [it for it in world.told() if it.check == "sessions-encrypted"]
    assert len(told) == 1


def test_the_client_that_stays_away_lets_the_finding_pass_after_its_week() -> None:
    world = World()
    world.put(bad(ORDERS))
    world.full()
    world.put(UNUSED)
    finding = finding_id("sessions-encrypted", "db-ORDERS-PROD")

    statuses = []
    for _ in range(8):
        world.later(DAY)
        world.full()
        statuses.append(world.hub.findings[finding]["Compliance"]["Status"])

    assert statuses == ["FAILED"] * 6 + ["PASSED"] * 2


@pytest.mark.parametrize("kind", [RunKind.NAMED, RunKind.SAMPLE])
def test_other_runs_leave_the_coverage_absences_and_the_week_to_full_runs(
    world: World, kind: RunKind
) -> None:
    world.put(unseen(bad(ORDERS)))
    world.later(30 * DAY)
    inventory = dict(world.inventory.items)

    ended: Reported = world.sample() if kind is RunKind.SAMPLE else world.named("orders-prod")

    assert ended.not_assessed == 1
    assert world.inventory.items == inventory
    assert not world.topics["digest"].letters[1:]
    assert "coverage" not in checks(world.hub.findings.values())
