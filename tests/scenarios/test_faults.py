"""Whatever fails once, at whichever call: the next runs make it good, and tell it once."""

from collections import Counter, defaultdict
from contextlib import suppress
from copy import deepcopy
from functools import cache
from itertools import pairwise

import pytest

from rds_tls_audit.findings.state import FindingState
from rds_tls_audit.pipeline.run import RunKind
from tests.scenarios.faults import (
    Fault,
    Faults,
    every_fault,
    put_faults_into,
)
from tests.scenarios.simulated_account import DAY, World, said, unseen
from tests.support.builders import bad, cluster, database, good

ORDERS, GONE, LEFT = database("orders-prod"), database("gone"), database("left-out")
FAR = database("far", vpc_id="vpc-2")
NEW, MEMBER = database("new"), database("ledger-1", cluster=cluster())
TURNED = database("turned", parameter_group="pg17")
RUNS_AFTER = 2
"""A run that fails counts no absence and no miss, which then come a run later."""


@cache
def eve() -> World:
    """The world on the evening before everything happens at once."""
    world = World()
    world.put(*(bad(it) for it in (ORDERS, GONE, LEFT, FAR, MEMBER)), good(TURNED))
    world.full()
    world.later(DAY)
    world.remove("gone")
    world.put(unseen(bad(FAR)))
    world.full()
    world.later(DAY)
    world.put(good(ORDERS), bad(NEW), bad(TURNED))
    world.out_of_scope = {"left-out"}
    return world


def go_on(world: World) -> None:
    """Run as the state machine does: a batch that fails is lost, and the run is closed anyhow."""
    this_run = world.new_run(RunKind.FULL)
    found = sorted(world.fleet.keys() - world.out_of_scope)
    for batch in world.discover(this_run, found):
        with suppress(Exception):
            world.publish(this_run, [batch])
    with suppress(Exception):
        world.report(this_run, len(found), complete=True)


def lived_through(fault: Fault | None) -> tuple[World, Faults]:
    """Let a day pass with this fault, and days without any."""
    world, faults = deepcopy(eve()), Faults(armed=fault)
    put_faults_into(world, faults)
    go_on(world)
    happened = Faults(calls={place: list(calls) for place, calls in faults.calls.items()})
    faults.armed = None
    for _ in range(RUNS_AFTER):
        world.later(DAY)
        go_on(world)
    return world, happened


@cache
def without_fault() -> tuple[World, Faults]:
    return lived_through(None)


def told(world: World, topic: str) -> Counter[tuple[str, str, str]]:
    """Count how often each change was told."""
    return Counter((it.kind, it.check, it.database) for it in world.told(topic))


def answers(world: World, topic: str) -> dict[str, list[str]]:
    """Give what was told of each parameter group, in its order, but for the numbers."""
    told_of: dict[str, list[str]] = defaultdict(list)
    for letter in world.topics[topic].letters:
        for line in letter.answers:
            group, title, *_ = line.split(": ")
            told_of[group].append(title)
    return told_of


def are_answered(world: World, expected: World) -> bool:
    """Whether each topic knows the answers, and was told none twice in a row.

    A batch that is lost makes an answer another for a day, and that is told.
    """
    return all(
        answers(world, topic).keys() == answers(expected, topic).keys()
        and all(
            told_of[-1] == answers(expected, topic)[group][-1]
            and all(one != other for one, other in pairwise(told_of))
            for group, told_of in answers(world, topic).items()
        )
        for topic in world.topics
    )


def hub(world: World) -> dict[str, tuple[object, ...]]:
    """Give what reviewers see, but for times, runs and what sampling has come to."""
    return {
        key: (
            finding["Compliance"]["Status"],
            finding["RecordState"],
            finding["Description"].partition(" Is it safe to force TLS? ")[0],
            said(finding),
            finding["FindingProviderFields"],
            world.hub.workflow[key],
        )
        for key, finding in world.hub.findings.items()
    }


def states(world: World) -> dict[tuple[str, str], tuple[object, ...]]:
    """Give what is remembered, but for times."""

    def lasting(state: FindingState) -> tuple[object, ...]:
        form = state.answer and state.answer.form
        return (
            *(state.status, state.fingerprint, state.because),
            *(state.archived, state.to_resolve, state.attempt, form),
        )

    return {key: lasting(state) for key, state in world.states.items.items()}


@cache
def broken_by(fault: Fault) -> frozenset[str]:
    """Name what is not as it would be without the fault."""
    expected, _ = without_fault()
    world, _ = lived_through(fault)
    told_alike = all(told(world, topic) == told(expected, topic) for topic in world.topics)
    created = [it for it in world.hub.violations if "changes its" in it]
    kept = {
        "the findings": hub(world) == hub(expected),
        "the states": states(world) == states(expected),
        "what is told": told_alike and not world.outbox.notes,
        "what is answered": are_answered(world, expected),
        "CreatedAt": not created,
        "the rules of the hub": len(created) == len(world.hub.violations),
    }
    return frozenset(name for name, is_kept in kept.items() if not is_kept)


FAULTS = list(every_fault(without_fault()[1]))


def test_the_world_without_a_fault_does_all_there_is_to_do() -> None:
    world, noted = without_fault()

    kinds = {it.kind.value for it in world.told()}
    assert kinds == {"new", "resolved", "not assessed", "archived"}
    assert all(noted.calls.values())
    assert told(world, "digest") == told(world, "chat")
    assert set(told(world, "digest").values()) == {1}
    assert (
        answers(world, "digest")
        == answers(world, "chat")
        == {
            "parameter group pg16": ["check these first"],
            "cluster parameter group aurora16": ["check these first"],
            "parameter group pg17": ["check these first"],
        }
    )
    # Of publish, of who has departed, of the coverage, and of the answers.
    assert noted.calls["hub"].count("import") == 4
    carrying = {key.rpartition("/")[2] for key, it in world.hub.findings.items() if said(it)}
    assert carrying == {"cluster-LEDGER", "db-FAR", "db-NEW", "db-TURNED"}
    assert world.hub.violations == []


@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_a_fault_is_made_good_and_everything_is_told_once(fault: Fault) -> None:
    assert not broken_by(fault)
