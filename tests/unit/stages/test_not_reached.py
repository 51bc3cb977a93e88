"""Databases that there is no time left for are told as such; what was begun is not lost."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import pytest

from rds_tls_audit.checks.evaluation import evaluate_database
from rds_tls_audit.checks.verdict import Status
from rds_tls_audit.evidence.observed import Observed, Unseen
from rds_tls_audit.fleet.configuration import Configuration, Target
from rds_tls_audit.pipeline.messages import ProbedTarget
from rds_tls_audit.stages.probe import NOT_REACHED, probe_databases
from rds_tls_audit.stages.steps.probe_database import ProbePorts
from tests.support.builders import database, run, settings, target, unseen
from tests.support.unreachable_server import NOT_LISTENING, NoCredentials, UnreachableServer

PATIENCE_SECONDS = 300
DEADLINE = 8


@dataclass
class Clock:
    """An invocation's time, which goes by only where somebody takes of it."""

    left: float

    def __call__(self) -> float:
        return self.left


def look(
    time_left: Callable[[], float],
    *does: Callable[[], object],
    at_once: int = 8,
    deadline: float = DEADLINE,
) -> list[str]:
    """Look at databases that do this; give why each of them was not seen."""
    acts = {f"db-{number}": act for number, act in enumerate(does)}
    ports = ProbePorts(
        server=lambda each: UnreachableServer(acts[each.database.id]),
        credentials=NoCredentials(),
        time_left=time_left,
    )
    environment = {"PROBE_CONCURRENCY": str(at_once), "PROBE_DEADLINE_SECONDS": str(deadline)}
    targets = [target(database(name)) for name in acts]
    seen = probe_databases(run(), targets, settings(**environment), ports)
    assert [each.target for each in seen] == targets
    return [
        "not reached" if each.observation == NOT_REACHED else reason(each.observation.plaintext)
        for each in seen
    ]


def reason(evidence: Observed[object]) -> str:
    assert isinstance(evidence, Unseen)
    return evidence.reason


def nothing() -> None:
    """Answer at once."""


@pytest.fixture
def over() -> Iterator[threading.Event]:
    """Until then, at the latest when the test ends, a look hangs."""
    event = threading.Event()
    yield event
    event.set()


@pytest.mark.parametrize("left", [-1, -900], ids=["just-over", "long-over"])
def test_nothing_is_looked_at_where_no_time_is_left(left: float) -> None:
    asked: list[str] = []

    why = look(Clock(left), *[lambda: asked.append("asked")] * 3)

    assert (why, asked) == (["not reached"] * 3, [])


def test_everything_is_looked_at_where_there_is_no_end() -> None:
    assert look(Clock(float("inf")), *[nothing] * 3) == [NOT_LISTENING] * 3


@pytest.mark.parametrize(
    ("left", "why"),
    [
        pytest.param(2 * DEADLINE, NOT_LISTENING, id="more-than-the-deadline"),
        pytest.param(DEADLINE, NOT_LISTENING, id="the-deadline"),
        pytest.param(DEADLINE - 1, "not reached", id="less"),
    ],
)
def test_a_look_begins_only_where_there_is_time_for_its_deadline(left: float, why: str) -> None:
    clock = Clock(3 * DEADLINE)

    def takes_its_time() -> None:
        clock.left = left

    assert look(clock, takes_its_time, nothing, nothing, at_once=1) == [NOT_LISTENING, why, why]


def test_what_was_begun_ends_though_no_time_is_left_for_more() -> None:
    clock = Clock(3 * DEADLINE)
    both_began = threading.Barrier(2, timeout=PATIENCE_SECONDS)

    def ends_late() -> None:
        both_began.wait()
        clock.left = 1

    why = look(clock, ends_late, ends_late, nothing, at_once=2)

    assert why == [NOT_LISTENING, NOT_LISTENING, "not reached"]


def test_a_look_that_hangs_does_not_hold_the_others(over: threading.Event) -> None:
    why = look(Clock(3), lambda: over.wait(PATIENCE_SECONDS), nothing, nothing, at_once=2)

    assert why == ["not reached", NOT_LISTENING, NOT_LISTENING]


def test_what_waits_behind_looks_that_hang_is_never_begun(over: threading.Event) -> None:
    begun = threading.Event()

    why = look(Clock(0.5), *[lambda: over.wait(PATIENCE_SECONDS)] * 2, begun.set, at_once=2)
    over.set()

    assert why == ["not reached"] * 3
    assert not begun.wait(0.2)


def test_an_invocation_that_is_shorter_than_the_deadline_sees_something_all_the_same() -> None:
    assert look(Clock(1), nothing, nothing, at_once=1, deadline=600) == [
        NOT_LISTENING,
        NOT_LISTENING,
    ]


def test_of_a_database_that_was_not_reached_nothing_is_said_and_why() -> None:
    unread = Configuration(group=unseen("not read"), authority=unseen("not read"))
    bare: Target = replace(
        target(replace(database(), certificate_valid_till=None)), configuration=unread
    )

    found = evaluate_database(ProbedTarget(target=bare, observation=NOT_REACHED), run(), settings())

    assert {each.verdict.status for each in found} == {Status.UNKNOWN}
    unread_only = {"force-ssl", "force-ssl-in-effect", "minimum-protocol", "certificate-current"}
    told = {each.check.id: each.verdict.because for each in found}
    assert {id_ for id_, why in told.items() if "not reached in time" not in why} <= unread_only
    assert "not reached in time" in told["plaintext-refused"]
