"""What keeps findings from Security Hub is told when it begins or changes, not day after day."""

from contextlib import suppress
from datetime import timedelta

import pytest

from rds_tls_audit.pipeline.run import RunKind
from rds_tls_audit.stages.steps.deliver_digests import DigestNotDeliveredError
from tests.scenarios.simulated_account import DAY, HOUR, World
from tests.support.builders import bad, database, good

ORDERS, BILLING = database("orders-prod"), database("billing")
QUARTER = timedelta(minutes=15)
OFF = "InvalidAccessException"


def week_without_hub(world: World) -> None:
    for _ in range(6):
        world.hub.fail(OFF, calls=99)
        world.full()
        world.hub.take_again()
        world.later(DAY)


def test_a_hub_that_is_off_is_told_once_with_what_it_kept_back(world: World) -> None:
    world.put(bad(ORDERS))

    week_without_hub(world)

    (letter,) = world.topics["digest"].letters
    assert "Security Hub is off" in (letter.hub_off or "")
    assert len(letter.changes) == 3
    assert world.states.items == {}


def test_nothing_is_lost_when_it_is_on_again(world: World) -> None:
    world.put(bad(ORDERS))
    week_without_hub(world)

    world.full()

    assert len(world.hub.findings) == 3
    assert len(world.states.items) == 3
    assert world.outbox.notes == {}


def test_more_that_is_kept_back_is_told(world: World) -> None:
    world.put(bad(ORDERS), good(BILLING))
    week_without_hub(world)
    world.put(bad(BILLING))
    world.hub.fail(OFF, calls=99)

    world.full()

    assert len(world.topics["digest"].letters) == 2


def test_what_is_kept_back_is_not_told_as_new_in_the_letters_that_follow(world: World) -> None:
    world.put(bad(ORDERS))
    week_without_hub(world)
    world.later(DAY)
    world.hub.fail(OFF, calls=99)
    world.full()  # the summary of the week

    assert len([it for it in world.told() if it.check == "force-ssl"]) == 1


def test_a_batch_that_is_lost_in_every_sample_is_not_told_every_quarter_of_an_hour(
    world: World,
) -> None:
    world.put(good(ORDERS))
    world.full()
    for _ in range(8):
        world.later(HOUR / 4)
        this_run = world.new_run(RunKind.SAMPLE)
        world.discover(this_run, ["orders-prod"])
        world.report(this_run, 1, complete=False)

    assert len(world.topics["digest"].letters) <= 1


def test_what_fails_for_a_sample_is_not_told_every_quarter_of_an_hour(world: World) -> None:
    world.put(good(ORDERS))
    world.full()
    world.put(bad(ORDERS))
    for _ in range(4):
        world.later(QUARTER)
        world.hub.fail(OFF, calls=99)
        world.sample()
        world.hub.take_again()

    (letter,) = world.topics["digest"].letters
    assert [it.check for it in letter.changes] == ["sessions-encrypted"]
    assert letter.hub_off


def test_a_topic_that_is_dead_keeps_nothing_from_the_others(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rds_tls_audit.stages.steps.deliver_digests.MAX_NOTES", 3)
    world.topics["chat"].away = True
    for number in range(3):
        world.put(bad(database(f"db-{number}")))
        with suppress(DigestNotDeliveredError):
            world.full()
        world.later(DAY)

    assert len(world.told("digest")) == 9
