"""What cannot be assessed is one finding of the account, however many databases it is."""

from emulation.strict_hub import problems
from rds_tls_audit.findings.state import ChangeKind
from tests.scenarios.simulated_account import COVERAGE, DAY, World, checks, since, standing, unseen
from tests.support.builders import bad, database, good

FAR = [database(f"shop-{number}") for number in range(200)]


def behind_a_door(world: World) -> None:
    """Let two hundred databases be there without a network path to them."""
    world.put(
        *(
            unseen(good(it), f"{it.id}.example.com:5432 does not answer: let the probe in")
            for it in FAR
        )
    )


def test_two_hundred_databases_without_a_path_open_one_finding(world: World) -> None:
    behind_a_door(world)

    first = since(world, world.full)

    assert [it["Id"] for it in first] == [COVERAGE]
    (finding,) = first
    assert problems(finding) == ()
    assert finding["Compliance"]["Status"] == "WARNING"
    assert finding["Description"] == (
        "200 of 200 databases not assessed in full: its endpoint does not answer: let the probe "
        "in (200 databases, among them shop-0)."
    )


def test_it_is_told_once_while_it_lasts_and_passes_when_all_is_seen(world: World) -> None:
    behind_a_door(world)
    world.full()
    world.later(DAY)
    second = since(world, world.full)
    world.later(DAY)
    world.put(*(good(it) for it in FAR))
    third = since(world, world.full)

    assert second == []
    assert checks(third) == ["coverage"]
    assert standing(world) == {COVERAGE: ("PASSED", "ACTIVE")}
    assert [it.kind for it in world.told()] == [ChangeKind.NEW, ChangeKind.RESOLVED]


def test_it_is_sent_again_where_other_databases_are_affected_but_is_no_news(world: World) -> None:
    world.put(unseen(good(FAR[0])), good(FAR[1]))
    world.full()
    world.later(DAY)
    world.put(unseen(good(FAR[1])))

    second = since(world, world.full)

    assert [it["Id"] for it in second] == [COVERAGE]
    assert "2 of 2 databases" in second[0]["Description"]
    assert len(world.told()) == 1


def test_a_failure_that_is_known_stays_beside_it(world: World) -> None:
    world.put(bad(FAR[0]))
    world.full()
    world.put(unseen(bad(FAR[0])))
    world.later(DAY)
    world.full()

    assert set(standing(world).values()) == {("FAILED", "ACTIVE"), ("WARNING", "ACTIVE")}


def test_an_account_whose_databases_are_all_seen_has_no_coverage_finding(world: World) -> None:
    world.put(good(FAR[0]))
    world.full()

    assert world.hub.findings == {}


def test_it_does_not_outlive_the_last_database(world: World) -> None:
    world.put(unseen(good(FAR[0])))
    world.full()
    world.remove(FAR[0].id)
    for _ in range(3):
        world.later(DAY)
        world.full()

    assert standing(world)[COVERAGE] != ("WARNING", "ACTIVE")
