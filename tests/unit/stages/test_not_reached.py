"""The probe starts only what it has time for, and returns the results of what it started."""

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
    """The time that an invocation has left; it passes only if a test changes it."""

    left: float

    def __call__(self) -> float:
        return self.left


def probe(
    time_left: Callable[[], float],
    *actions: Callable[[], object],
    at_once: int = 8,
    deadline: float = DEADLINE,
) -> list[str]:
    """Probe one database per action, which runs on connect; return why each was not seen."""
    by_name = {f"db-{number}": action for number, action in enumerate(actions)}
    ports = ProbePorts(
        server=lambda target: UnreachableServer(by_name[target.database.id]),
        credentials=NoCredentials(),
        time_left=time_left,
    )
    environment = {"PROBE_CONCURRENCY": str(at_once), "PROBE_DEADLINE_SECONDS": str(deadline)}
    targets = [target(database(name)) for name in by_name]
    probed = probe_databases(run(), targets, settings(**environment), ports)
    assert [each.target for each in probed] == targets
    return [
        "not reached" if each.observation == NOT_REACHED else reason(each.observation.plaintext)
        for each in probed
    ]


def reason(evidence: Observed[object]) -> str:
    assert isinstance(evidence, Unseen)
    return evidence.reason


def nothing() -> None:
    """Return at once."""


@pytest.fixture
def released() -> Iterator[threading.Event]:
    """An event for probes to hang on; it is set at the latest when the test ends."""
    event = threading.Event()
    yield event
    event.set()


@pytest.mark.parametrize("left", [-1, -900], ids=["just-over", "long-over"])
def test_no_database_is_probed_if_no_time_is_left(left: float) -> None:
    connected: list[str] = []

    reasons = probe(Clock(left), *[lambda: connected.append("connected")] * 3)

    assert (reasons, connected) == (["not reached"] * 3, [])


def test_every_database_is_probed_if_the_time_is_unlimited() -> None:
    assert probe(Clock(float("inf")), *[nothing] * 3) == [NOT_LISTENING] * 3


@pytest.mark.parametrize(
    ("left", "expected"),
    [
        pytest.param(2 * DEADLINE, NOT_LISTENING, id="more-than-the-deadline"),
        pytest.param(DEADLINE, NOT_LISTENING, id="the-deadline"),
        pytest.param(DEADLINE - 1, "not reached", id="less"),
    ],
)
def test_a_probe_starts_only_if_there_is_time_for_its_deadline(left: float, expected: str) -> None:
    clock = Clock(3 * DEADLINE)

    def use_time() -> None:
        clock.left = left

    reasons = probe(clock, use_time, nothing, nothing, at_once=1)

    assert reasons == [NOT_LISTENING, expected, expected]


def test_a_started_probe_is_finished_even_if_no_time_is_left_for_more() -> None:
    clock = Clock(3 * DEADLINE)
    both_started = threading.Barrier(2, timeout=PATIENCE_SECONDS)

    def end_late() -> None:
        both_started.wait()
        clock.left = 1

    reasons = probe(clock, end_late, end_late, nothing, at_once=2)

    assert reasons == [NOT_LISTENING, NOT_LISTENING, "not reached"]


def test_a_probe_that_hangs_does_not_hold_up_the_others(released: threading.Event) -> None:
    reasons = probe(Clock(3), lambda: released.wait(PATIENCE_SECONDS), nothing, nothing, at_once=2)

    assert reasons == ["not reached", NOT_LISTENING, NOT_LISTENING]


def test_a_database_that_waits_behind_probes_that_hang_is_never_probed(
    released: threading.Event,
) -> None:
    started = threading.Event()

    hangs = [lambda: released.wait(PATIENCE_SECONDS)] * 2
    reasons = probe(Clock(0.5), *hangs, started.set, at_once=2)
    released.set()

    assert reasons == ["not reached"] * 3
    assert not started.wait(0.2)


def test_an_invocation_shorter_than_the_deadline_still_probes_databases() -> None:
    reasons = probe(Clock(1), nothing, nothing, at_once=1, deadline=600)

    assert reasons == [NOT_LISTENING, NOT_LISTENING]


def test_a_database_that_was_not_reached_gets_unknown_verdicts_with_the_reason() -> None:
    unread = Configuration(group=unseen("not read"), authority=unseen("not read"))
    bare: Target = replace(
        target(replace(database(), certificate_valid_till=None)), configuration=unread
    )

    evaluations = evaluate_database(
        ProbedTarget(target=bare, observation=NOT_REACHED), run(), settings()
    )

    why = reason(NOT_REACHED.plaintext)
    assert "PROBE_CONCURRENCY" in why
    assert {each.verdict.status for each in evaluations} == {Status.UNKNOWN}
    because = {each.check.id: each.verdict.because for each in evaluations}
    without_configuration = {
        *("force-ssl", "force-ssl-in-effect", "minimum-protocol", "certificate-current")
    }
    assert {check for check, text in because.items() if why not in text} <= without_configuration
    assert why in because["plaintext-refused"]
