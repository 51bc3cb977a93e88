"""A function that dies in the middle, runs that cross, and a world that moves on meanwhile."""

import math
from collections.abc import Callable
from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass

import pytest

from rds_tls_audit.digest.outbox import DeliveryProgress, OutboxEntry
from rds_tls_audit.digest.summary import Summary
from rds_tls_audit.pipeline.run import RunKind
from tests.scenarios.faults import AFTER, BEFORE, Fault, Faults, put_faults_into
from tests.scenarios.simulated_account import DAY, HOUR, World, standing
from tests.support.builders import bad, database, good
from tests.support.in_memory_stores import LostError, Outbox, States, Topic

ORDERS = database("orders-prod")


class DiedError(BaseException):
    """The function is stopped: its time is over, or its memory."""


@dataclass
class DyingTopic(Topic):
    """A topic on whose first call the function dies, before anything is sent."""

    dead: bool = False

    def __call__(self, letter: Summary) -> None:
        if not self.dead:
            self.dead = True
            raise DiedError
        super().__call__(letter)


def test_a_report_that_dies_while_it_tells_loses_nothing(world: World) -> None:
    world.topics = {"digest": DyingTopic()}
    world.put(bad(ORDERS))
    with suppress(DiedError):
        world.full()
    world.later(DAY)
    world.full()

    assert len(world.told()) == 3


@dataclass
class CrossedOutbox(Outbox):
    """An outbox; another run is closed as soon as one has read something of it."""

    after: str = ""
    crossing: Callable[[], object] | None = None

    def read(self) -> list[OutboxEntry]:
        notes = super().read()
        self._cross("notes")
        return notes

    def read_progress(self, topic: str) -> DeliveryProgress:
        progress = super().read_progress(topic)
        self._cross("progress")
        return progress

    def _cross(self, read: str) -> None:
        if self.crossing is not None and self.after == read:
            cross, self.crossing = self.crossing, None
            cross()


@pytest.mark.parametrize("crossing", [RunKind.SAMPLE, RunKind.NAMED])
@pytest.mark.parametrize("after", ["notes", "progress"])
def test_of_two_runs_that_are_closed_at_once_one_tells(
    world: World, after: str, crossing: RunKind
) -> None:
    world.put(bad(ORDERS), good(database("billing")))
    outbox = CrossedOutbox(after=after)
    world.states = States(outbox=outbox)
    other = world.sample if crossing is RunKind.SAMPLE else lambda: world.named("billing")
    outbox.crossing = other

    world.full()

    assert len(world.told()) == 3


def test_runs_that_are_closed_one_after_the_other_tell_it_once(world: World) -> None:
    world.put(bad(ORDERS), good(database("billing")))
    world.full()
    world.named("billing")
    world.sample()

    assert len(world.told()) == 3


def call_of(method: str, time: int) -> int:
    """Count the calls of the table in a first run up to this one."""
    world, noted = World(), Faults()
    put_faults_into(world, noted)
    world.put(bad(ORDERS))
    world.full()
    return [n for n, it in enumerate(noted.calls["table"], start=1) if it == method][time - 1]


@pytest.mark.parametrize(
    "fault",
    [
        # Three writes say that findings are on their way, the next that one was taken.
        pytest.param(Fault("table", BEFORE, call_of("write", 4)), id="table"),
        pytest.param(Fault("hub", AFTER, call=1), id="hub-whose-answer-is-lost"),
    ],
)
def test_a_failure_that_was_sent_but_not_remembered_passes_when_it_is_fixed(fault: Fault) -> None:
    world, faults = World(), Faults(armed=fault)
    put_faults_into(world, faults)
    world.put(bad(ORDERS))
    with suppress(Exception):
        world.full()
    assert ("FAILED", "ACTIVE") in standing(world).values()
    faults.armed = None
    world.put(good(ORDERS))
    for _ in range(9):
        world.later(DAY)
        world.full()

    assert ("FAILED", "ACTIVE") not in standing(world).values()


def test_a_run_whose_state_fails_is_made_good_by_its_own_repetition(world: World) -> None:
    world.put(bad(ORDERS))
    this_run = world.new_run(RunKind.FULL)
    manifest = world.discover(this_run, ["orders-prod"])
    world.states.writes_left = 3  # that they are on their way, and not that they were taken
    with suppress(LostError):
        world.publish(this_run, manifest)
    world.states.writes_left = math.inf
    sent = deepcopy(world.hub.findings)
    assert len(sent) == 3

    world.publish(this_run, manifest)
    assert world.hub.findings == sent

    world.report(this_run, 1, complete=True)
    assert len(world.told()) == 3


def test_what_waits_while_a_topic_is_away_is_told_there_and_nowhere_else_again(
    world: World,
) -> None:
    chat = world.topics["chat"]
    chat.away = True
    world.put(bad(ORDERS))
    for _ in range(3):
        with suppress(Exception):
            world.full()
        world.later(HOUR)
    assert (len(world.told("digest")), len(world.told("chat"))) == (3, 0)
    chat.away = False

    world.full()

    assert (len(world.told("digest")), len(world.told("chat"))) == (3, 3)
    assert world.outbox.notes == {}
