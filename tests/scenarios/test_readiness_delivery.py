"""An answer is sent once and told once, whatever Security Hub makes of it, and changes no more."""

from contextlib import suppress
from dataclasses import replace

import pytest

from rds_tls_audit.adapters.security_hub.client import ATTEMPTS
from rds_tls_audit.fleet.database import Database
from rds_tls_audit.pipeline.run import RunKind
from tests.scenarios.faults import (
    AFTER,
    DENIED,
    DISABLED,
    INTERNAL,
    LIMITED,
    ONE,
    Fault,
    Faults,
    put_faults_into,
)
from tests.scenarios.readiness_helpers import MEMBERS, NEW, ORDERS, answer_of, quiet, sampled
from tests.scenarios.simulated_account import DAY, HOUR, World, checks, said, since
from tests.support.builders import bad, good


@pytest.mark.parametrize("fleet", [[ORDERS, NEW], MEMBERS], ids=["instances", "cluster"])
def test_an_answer_changes_nothing_else_of_the_finding(world: World, fleet: list[Database]) -> None:
    owned = [replace(it, tags={"Owner": f"the team of {it.id}"}) for it in fleet]
    world.put(*(bad(it) for it in owned))

    sent = [it for it in since(world, world.full) if checks([it]) == ["force-ssl"]]

    opened, answered = sent[: len(sent) // 2], sent[len(sent) // 2 :]
    assert [it["Id"] for it in opened] == [it["Id"] for it in answered]
    for before, after in zip(opened, answered, strict=True):
        changed = {name for name, value in after.items() if before[name] != value}
        assert changed == {"Description", "UpdatedAt", "ProductFields"}
        assert after["ProductFields"] == {
            **before["ProductFields"],
            "rds-tls-audit/safe-to-force": "check-first",
        }


def test_a_full_run_that_is_closed_twice_sends_and_tells_nothing_twice(world: World) -> None:
    world.put(bad(ORDERS))
    this_run = world.new_run(RunKind.FULL)
    world.publish(this_run, world.discover(this_run, [ORDERS.id]))
    world.report(this_run, 1, complete=True)
    later = replace(this_run, observed_at=this_run.observed_at + HOUR)

    sent = [
        *since(world, lambda: world.report(this_run, 1, complete=True)),
        *since(world, lambda: world.report(later, 1, complete=True)),
    ]

    assert sent == []
    assert answer_of(world, ORDERS) == "check-first"
    assert len(world.topics["digest"].letters) == 1


def test_the_same_answer_is_sent_once_a_week_and_told_once(safe: World) -> None:
    sent = []
    for _ in range(14):
        safe.later(DAY)
        sampled(safe, ORDERS)
        sent += [safe.now.day for it in since(safe, safe.full) if said(it)]

    assert sent == [8, 15]
    assert [len(it.answers) for it in safe.topics["digest"].letters] == [1, 0, 0]


@pytest.mark.parametrize(
    ("kind", "times"),
    [(DISABLED, 9), (DENIED, 9), (INTERNAL, ATTEMPTS), (LIMITED, ATTEMPTS), (ONE, 1), (AFTER, 1)],
)
def test_an_answer_that_the_hub_did_not_take_is_carried_by_the_next_full_run(
    world: World, kind: str, times: int
) -> None:
    faults = Faults(armed=Fault("hub", kind, call=2, times=times))
    put_faults_into(world, faults)
    world.put(bad(ORDERS))
    with suppress(Exception):
        world.full()
    assert answer_of(world, ORDERS) == ("check-first" if kind == AFTER else None)
    faults.armed = None
    world.later(DAY)

    sent = [it for it in since(world, world.full) if said(it)]

    assert len(sent) == 1
    assert answer_of(world, ORDERS) == "check-first"
    assert len([it for it in world.told() if it.check == "force-ssl"]) == 1
    assert sum(len(it.answers) for it in world.topics["digest"].letters) == 1


def test_a_failure_that_the_hub_may_not_have_is_answered_by_the_next_full_run(
    safe: World,
) -> None:
    """Until then it says nothing: the hub may have what the run before saw, or this one."""
    faults = Faults(armed=Fault("hub", AFTER, call=1))
    put_faults_into(safe, faults)
    safe.put(bad(replace(ORDERS, parameter_group="pg17")))
    safe.later(DAY)

    with suppress(Exception):
        safe.full()

    assert faults.calls["hub"] == ["import"]
    assert answer_of(safe, ORDERS) is None

    safe.later(DAY)
    safe.full()
    assert answer_of(safe, ORDERS) == "check-first"


def test_a_pass_that_the_hub_may_have_is_not_overwritten_by_an_answer(world: World) -> None:
    world.put(quiet(ORDERS))
    sampled(world, ORDERS)
    this_run = world.new_run(RunKind.FULL)
    world.publish(this_run, world.discover(this_run, [ORDERS.id]))
    world.later(HOUR)
    world.put(good(ORDERS))
    put_faults_into(world, Faults(armed=Fault("hub", AFTER, call=1)))
    with suppress(Exception):
        world.named(ORDERS.id)
    later = replace(this_run, observed_at=world.now + HOUR)

    sent = since(world, lambda: world.report(later, 1, complete=True))

    assert "force-ssl" not in checks(sent)
    assert world.finding("force-ssl", ORDERS.resource_id)["Compliance"]["Status"] == "PASSED"


def test_a_pass_that_is_none_any_more_is_not_resolved_at_the_end_of_the_run(world: World) -> None:
    world.put(bad(ORDERS))
    world.full()
    world.put(good(ORDERS))
    faults = Faults(armed=Fault("hub", DENIED, call=2, times=9))
    put_faults_into(world, faults)
    world.later(DAY)
    world.full()  # it passes, and could not be resolved
    world.put(bad(ORDERS))
    faults.armed = Fault("hub", ONE, call=len(faults.calls["hub"]) + 1)
    world.later(DAY)
    world.full()  # it fails, and the hub does not take that

    force_ssl = world.finding("force-ssl", ORDERS.resource_id)
    assert force_ssl["Compliance"]["Status"] == "PASSED"
    assert world.hub.workflow[force_ssl["Id"]] == "NEW"
