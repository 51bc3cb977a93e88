"""Day after day: first what is wrong, then nothing, then the fix and nothing else."""

from dataclasses import replace

from rds_tls_audit.findings.state import ChangeKind
from tests.scenarios.simulated_account import DAY, World, checks, said, since, standing
from tests.support.builders import NOW, bad, cluster, database, good

ORDERS, BILLING = database("orders-prod"), database("billing")
MEMBERS = [database(f"ledger-{number}", cluster=cluster()) for number in (1, 2, 3)]
FAILING = ["force-ssl", "plaintext-refused", "sessions-encrypted"]


def test_a_fleet_is_told_once_and_then_only_what_is_fixed(world: World) -> None:
    world.put(bad(ORDERS), good(BILLING), *(bad(member) for member in MEMBERS))

    first = since(world, world.full)
    world.later(DAY)
    second = since(world, world.full)
    world.later(DAY)
    world.put(good(ORDERS))
    third = since(world, world.full)

    # One force-ssl of the cluster, and two of each of its members.
    opened = sorted([*FAILING, "force-ssl", *(FAILING[1:] * 3)])
    assert sorted(checks(first[: len(opened)])) == opened
    # At the end it is known whether forcing TLS is safe; that goes with what asks for it.
    answered = first[len(opened) :]
    assert checks(answered) == ["force-ssl", "force-ssl"]
    assert {said(it) for it in answered} == {"check-first"}
    assert second == []
    assert checks(third) == FAILING
    assert {it["Compliance"]["Status"] for it in third} == {"PASSED"}
    assert {it["CreatedAt"] for it in third} == {"2026-03-01T06:00:00.000Z"}
    assert {it["UpdatedAt"] for it in third} == {"2026-03-03T06:00:00.000Z"}


def test_each_topic_is_told_what_is_new_and_then_what_is_resolved(world: World) -> None:
    world.put(bad(ORDERS))
    world.full()
    world.later(DAY)
    world.full()
    world.later(DAY)
    world.put(good(ORDERS))
    world.full()

    for topic in ("digest", "chat"):
        kinds = [[it.kind for it in letter.changes] for letter in world.topics[topic].letters]
        assert kinds == [[ChangeKind.NEW] * 3, [ChangeKind.RESOLVED] * 3]


def test_four_hundred_databases_are_told_in_calls_of_a_hundred_at_most(world: World) -> None:
    world.put(*(bad(database(f"shop-{number}")) for number in range(400)))

    world.full()

    assert len(world.hub.findings) == 1200
    assert max(it.number for it in world.hub.requests) <= 100
    assert len(world.told()) == 1200


def test_a_database_that_is_renamed_keeps_its_findings(world: World) -> None:
    renamed = replace(
        database("orders"),
        resource_id=ORDERS.resource_id,
    )
    world.put(bad(ORDERS))
    world.full()
    world.later(DAY)
    world.remove("orders-prod")
    world.put(bad(renamed))

    for _ in range(3):
        world.full()
        world.later(DAY)

    assert set(standing(world).values()) == {("FAILED", "ACTIVE")}
    assert len(world.hub.findings) == 3


def test_the_observation_of_the_first_day_stays_the_first(world: World) -> None:
    world.put(bad(ORDERS))
    for _ in range(9):
        world.full()
        world.later(DAY)
    world.put(good(ORDERS))
    world.full()

    for finding in world.hub.findings.values():
        assert finding["CreatedAt"] == finding["FirstObservedAt"] == f"{NOW:%Y-%m-%dT%H:%M:%S}.000Z"
