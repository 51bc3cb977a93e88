"""Two runs that judge one database at once: the newer evidence stands, whoever is faster."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from rds_tls_audit.findings.asff import Finding
from rds_tls_audit.findings.change import Change
from rds_tls_audit.findings.import_result import ImportResult
from rds_tls_audit.findings.state import FindingState, StateKey
from rds_tls_audit.pipeline.messages import ProbedTarget, ProbeResult
from rds_tls_audit.pipeline.run import RunKind
from rds_tls_audit.stages import publish
from tests.scenarios.simulated_account import DAY, World, finding_id, said
from tests.support.builders import bad, database, good
from tests.support.in_memory_stores import States
from tests.support.strict_hub import StrictHub

ORDERS = database("orders-prod")
SESSIONS = finding_id("sessions-encrypted", ORDERS.resource_id)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def quiet() -> World:
    """An account whose one client in clear left more than a week ago."""
    world = World()
    world.put(bad(ORDERS))
    world.full()
    world.later(8 * DAY)
    world.put(good(ORDERS))
    world.full()
    world.later(DAY)
    assert sessions(world) == "PASSED"
    return world


def sessions(world: World) -> str:
    return str(world.hub.findings[SESSIONS]["Compliance"]["Status"])


def probed(world: World, kind: RunKind, seen: ProbedTarget) -> ProbeResult:
    """Probe now, and a minute passes."""
    world.put(seen)
    this_run = world.new_run(kind)
    (batch,) = world.discover(this_run, [ORDERS.id])
    evidence = world.evidence(this_run, batch)
    world.later(MINUTE)
    return evidence


@dataclass
class CrossedHub(StrictHub):
    """A hub; as soon as it has taken something, somebody else does something."""

    crossing: Callable[[], object] | None = None

    def import_findings(self, findings: Sequence[Finding]) -> ImportResult:
        imported = super().import_findings(findings)
        if self.crossing is not None:
            cross, self.crossing = self.crossing, None
            cross()
        return imported


@dataclass
class CrossedStates(States):
    """A table; before the first state is written, somebody else does something."""

    crossing: Callable[[], object] | None = None

    def write(
        self,
        key: StateKey,
        state: FindingState,
        previous: FindingState | None,
        change: Change | None = None,
    ) -> bool:
        if self.crossing is not None:
            cross, self.crossing = self.crossing, None
            cross()
        return super().write(key, state, previous, change)


def test_an_older_batch_does_not_overtake_what_the_hub_has_just_taken(quiet: World) -> None:
    older = probed(quiet, RunKind.FULL, good(ORDERS))
    newer = probed(quiet, RunKind.SAMPLE, bad(ORDERS))
    hub = CrossedHub(
        findings=quiet.hub.findings, workflow=quiet.hub.workflow, calls=quiet.hub.calls
    )
    hub.crossing = lambda: publish.publish_batch(older, quiet.settings, quiet.publish_ports)

    publish.publish_batch(newer, quiet.settings, replace(quiet.publish_ports, hub=hub))

    assert sessions(quiet) == "FAILED"
    assert [it.check for it in quiet.states.changes] == ["sessions-encrypted"]


def test_a_newer_failure_is_sent_though_an_older_run_was_faster_at_the_table(quiet: World) -> None:
    older = probed(quiet, RunKind.FULL, good(ORDERS))
    newer = probed(quiet, RunKind.SAMPLE, bad(ORDERS))
    states = CrossedStates(items=quiet.states.items, outbox=quiet.states.outbox)
    states.crossing = lambda: publish.publish_batch(older, quiet.settings, quiet.publish_ports)

    publish.publish_batch(newer, quiet.settings, replace(quiet.publish_ports, states=states))

    assert sessions(quiet) == "FAILED"
    assert [it.check for it in quiet.states.changes] == ["sessions-encrypted"]


def test_a_failure_that_is_fixed_while_its_answer_is_carried_stays_passed(quiet: World) -> None:
    quiet.put(bad(ORDERS))
    this_run = quiet.new_run(RunKind.FULL)
    quiet.publish(this_run, quiet.discover(this_run, [ORDERS.id]))
    newer = probed(quiet, RunKind.NAMED, good(ORDERS))
    states = CrossedStates(items=quiet.states.items, outbox=quiet.states.outbox)
    states.crossing = lambda: publish.publish_batch(newer, quiet.settings, quiet.publish_ports)
    quiet.states = states

    quiet.report(this_run, 1, complete=True)

    assert states.crossing is None
    finding = quiet.finding("force-ssl", ORDERS.resource_id)
    assert (finding["Compliance"]["Status"], said(finding)) == ("PASSED", None)


def test_who_is_overtaken_again_and_again_leaves_the_word_to_the_others(quiet: World) -> None:
    newer = probed(quiet, RunKind.SAMPLE, bad(ORDERS))

    class Contested(States):
        def write(self, *_: object) -> bool:
            return False

    contested = Contested(items=quiet.states.items)

    result = publish.publish_batch(
        newer, quiet.settings, replace(quiet.publish_ports, states=contested)
    )

    assert (result.imported, result.rejected) == (0, ())
    assert sessions(quiet) == "PASSED"
