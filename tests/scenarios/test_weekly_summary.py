"""Week after week: a sign of life of every finding, and a summary for people."""

import pytest

from rds_tls_audit.findings.state import ChangeKind
from tests.scenarios.simulated_account import DAY, HOUR, World, checks, finding_id, since
from tests.support.builders import bad, database, good

ORDERS, BILLING = database("orders-prod"), database("billing")


def test_every_open_finding_is_sent_again_each_week_and_that_is_no_news(world: World) -> None:
    world.put(bad(ORDERS), good(BILLING))
    world.full()
    sent = []
    for _ in range(15):
        world.later(DAY)
        sent.append(len(since(world, world.full)))

    # The sign of life of force-ssl is its answer, at the end of the same run.
    assert sent == [0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 3, 0]
    assert [it.kind for it in world.told()] == [ChangeKind.NEW] * 3


def test_what_passes_stays_alive_too_and_what_is_archived_does_not(world: World) -> None:
    world.put(bad(ORDERS), bad(BILLING))
    world.full()
    world.put(good(ORDERS))
    world.out_of_scope = {"billing"}
    world.later(DAY)
    world.full()
    world.later(7 * DAY)

    sent = since(world, world.full)

    assert {it["Compliance"]["Status"] for it in sent} == {"PASSED"}
    assert len(sent) == 3


def test_the_sign_of_life_tells_what_is_seen_now(world: World) -> None:
    world.put(bad(ORDERS))
    world.full()
    before = world.finding("sessions-encrypted", "db-ORDERS-PROD")
    world.later(7 * DAY)
    world.full()
    after = world.finding("sessions-encrypted", "db-ORDERS-PROD")

    assert after["LastObservedAt"] == after["UpdatedAt"] == "2026-03-08T06:00:00.000Z"
    assert after["CreatedAt"] == before["CreatedAt"]
    assert (
        after["ProductFields"]["rds-tls-audit/run"] != before["ProductFields"]["rds-tls-audit/run"]
    )


@pytest.mark.parametrize("topic", ["digest", "chat"])
def test_a_summary_comes_after_seven_days_and_then_each_seven(world: World, topic: str) -> None:
    world.put(good(ORDERS))
    weekly = []
    for day in range(30):
        before = len(world.topics[topic].letters)
        world.full()
        letters = world.topics[topic].letters[before:]
        assert all(letter.weekly for letter in letters)
        weekly += [day] * len(letters)
        world.later(DAY)

    assert weekly == [7, 14, 21, 28]


def test_other_runs_send_no_summary(world: World) -> None:
    world.put(good(ORDERS))
    world.full()
    world.later(30 * DAY)
    world.named("orders-prod")
    world.sample()

    assert world.topics["digest"].letters == []


def test_a_summary_that_is_late_comes_with_the_next_full_run(world: World) -> None:
    world.put(good(ORDERS))
    world.full()
    world.later(7 * DAY - HOUR)
    world.full()
    assert world.topics["digest"].letters == []
    world.later(3 * HOUR)
    world.full()

    assert [letter.weekly for letter in world.topics["digest"].letters] == [True]


def test_a_new_topic_is_told_what_is_new_from_then_on(world: World) -> None:
    late = world.topics.pop("chat")
    world.put(bad(ORDERS))
    world.full()
    world.topics["chat"] = late
    world.put(bad(BILLING))
    world.later(DAY)
    world.full()

    assert {it.database for it in late.changes} == {"billing"}
    assert checks([world.hub.findings[finding_id("force-ssl", "db-BILLING")]]) == ["force-ssl"]
