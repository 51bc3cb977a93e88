"""What a finding says where its database was judged by another run meanwhile, or not at all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from rds_tls_audit.codec import MalformedError
from rds_tls_audit.evidence.observed import Unseen
from rds_tls_audit.findings.state import FindingState, StateKey
from rds_tls_audit.pipeline.run import RunKind
from tests.scenarios.faults import ONE, Fault, Faults, put_faults_into
from tests.scenarios.readiness_helpers import MEMBERS, NEW, ORDERS, answer_of, quiet, sampled
from tests.scenarios.simulated_account import DAY, HOUR, World, checks, said, since
from tests.support.builders import bad, good
from tests.support.in_memory_stores import States


def test_an_answer_is_not_carried_over_to_a_group_that_decides_meanwhile(world: World) -> None:
    world.put(quiet(ORDERS))
    sampled(world, ORDERS)
    this_run = world.new_run(RunKind.FULL)
    world.publish(this_run, world.discover(this_run, [ORDERS.id]))
    world.later(HOUR)
    world.put(quiet(replace(ORDERS, parameter_group="pg17")))
    world.named(ORDERS.id)
    world.later(HOUR)

    world.report(replace(this_run, observed_at=world.now), 1, complete=True)
    assert "parameter group pg17" in world.finding("force-ssl", ORDERS.resource_id)["Description"]
    assert answer_of(world, ORDERS) is None

    world.later(DAY)
    sampled(world, ORDERS)
    world.full()
    assert answer_of(world, ORDERS) == "safe"


def test_a_database_whose_batch_is_lost_is_not_safe_any_more(safe: World) -> None:
    safe.later(DAY)
    this_run = safe.new_run(RunKind.FULL)
    safe.discover(this_run, [ORDERS.id])

    sent = since(safe, lambda: safe.report(this_run, 1, complete=True))

    assert [said(it) for it in sent if checks([it]) == ["force-ssl"]] == ["not-known"]
    safe.later(DAY)
    sampled(safe, ORDERS)
    safe.full()
    assert answer_of(safe, ORDERS) == "safe"


def test_a_database_whose_group_cannot_be_read_is_not_safe_any_more(safe: World) -> None:
    unread = quiet(ORDERS)
    configuration = replace(unread.target.configuration, group=Unseen(reason="AccessDenied"))
    safe.put(replace(unread, target=replace(unread.target, configuration=configuration)), bad(NEW))
    safe.later(DAY)

    safe.full()

    assert [answer_of(safe, it) for it in (ORDERS, NEW)] == ["check-first"] * 2


def test_a_member_that_was_judged_speaks_for_one_whose_batch_is_lost(world: World) -> None:
    world.put(*map(quiet, MEMBERS))
    this_run = world.new_run(RunKind.FULL)
    (batch,) = world.discover(this_run, [it.id for it in MEMBERS])
    world.publish(this_run, [replace(batch, targets=batch.targets[1:])])

    world.report(this_run, 2, complete=True)

    assert answer_of(world, MEMBERS[0]) == "not-known"


def test_a_pass_that_the_hub_refuses_is_not_followed_by_a_failure_with_an_answer(
    safe: World,
) -> None:
    faults = Faults(armed=Fault("hub", ONE, call=1))
    put_faults_into(safe, faults)
    safe.put(good(ORDERS))
    safe.later(DAY)

    safe.full()
    assert faults.calls["hub"].count("import") == 1

    safe.later(DAY)
    safe.full()
    assert safe.finding("force-ssl", ORDERS.resource_id)["Compliance"]["Status"] == "PASSED"


@dataclass
class SpoiledStates(States):
    """A table that holds something of a database that is no state."""

    spoiled: str = ""

    def read(self, resource_ids: Sequence[str]) -> Mapping[StateKey, FindingState | None]:
        if self.spoiled in resource_ids:
            raise MalformedError(f"the item db#{self.spoiled} is malformed")
        return super().read(resource_ids)


def test_a_state_that_cannot_be_read_keeps_no_run_from_being_closed(safe: World) -> None:
    safe.states = SpoiledStates(
        items=safe.states.items, outbox=safe.states.outbox, spoiled=ORDERS.resource_id
    )
    safe.later(DAY)
    this_run = safe.new_run(RunKind.FULL)
    safe.discover(this_run, [ORDERS.id])

    ended = safe.report(this_run, 1, complete=True)

    assert (ended.lost, ended.digest_sent) == (1, True)
