"""What is switched off, accepted or left to AWS is archived with the reason, and comes back."""

from datetime import timedelta

import pytest

from rds_tls_audit.checks.registry import all_checks
from rds_tls_audit.findings.state import ChangeKind
from rds_tls_audit.fleet.database import TAG_ACCEPT
from tests.scenarios.simulated_account import DAY, HOUR, World, checks, finding_id, since, standing
from tests.support.builders import NOW, bad, cluster, database, good, settings

ORDERS, LEDGER = database("orders-prod"), database("ledger-1", cluster=cluster())
ACTIVE, ARCHIVED = ("FAILED", "ACTIVE"), ("FAILED", "ARCHIVED")
FORCE_SSL = finding_id("force-ssl", "db-ORDERS-PROD")
ACCEPTED = database(
    "orders-prod",
    tags={TAG_ACCEPT: f"force-ssl until={(NOW + timedelta(days=20)).date()} ref=RISK-7"},
)


def test_a_disabled_check_is_archived_and_comes_back_when_it_is_enabled(world: World) -> None:
    world.put(bad(ORDERS))
    world.full()
    world.settings = settings(DISABLED_CHECKS="force-ssl")
    world.later(HOUR)
    world.named("orders-prod")
    world.sample()
    assert standing(world)[FORCE_SSL] == ACTIVE

    world.later(DAY)
    (archived,) = since(world, world.full)
    world.settings = settings()
    world.later(DAY)
    back, answered = since(world, world.full)

    assert archived["RecordState"] == "ARCHIVED"
    assert archived["Description"] == "The check is disabled (DISABLED_CHECKS)."
    for it in (back, answered):
        assert (it["Id"], it["RecordState"]) == (FORCE_SSL, "ACTIVE")
    assert back["CreatedAt"] == archived["CreatedAt"]
    kinds = [it.kind for it in world.told() if it.check == "force-ssl"]
    assert kinds == [ChangeKind.NEW, ChangeKind.ARCHIVED, ChangeKind.NEW]


def test_an_accepted_risk_is_archived_until_its_end(world: World) -> None:
    world.put(bad(ORDERS))
    world.full()
    world.put(bad(ACCEPTED))
    records = []
    for _ in range(21):
        world.later(DAY)
        world.full()
        records.append(world.hub.findings[FORCE_SSL]["RecordState"])
        if records == ["ARCHIVED"]:
            finding = world.hub.findings[FORCE_SSL]
            assert finding["Description"].startswith("Accepted until 2026-03-21 (RISK-7): ")

    assert records == ["ARCHIVED"] * 19 + ["ACTIVE"] * 2
    kinds = [it.kind for it in world.told() if it.check == "force-ssl"]
    assert kinds == [ChangeKind.NEW, ChangeKind.ACCEPTED, ChangeKind.NEW]


def test_a_risk_that_is_accepted_from_the_start_is_not_sent_before_its_end(world: World) -> None:
    world.put(bad(ACCEPTED))
    world.full()
    assert FORCE_SSL not in world.hub.findings

    world.later(20 * DAY)
    world.full()

    assert standing(world)[FORCE_SSL] == ACTIVE


def test_an_accepted_risk_that_is_fixed_passes(world: World) -> None:
    world.put(bad(ORDERS))
    world.full()
    world.put(bad(ACCEPTED))
    world.later(DAY)
    world.full()
    world.put(good(ACCEPTED))
    world.later(DAY)
    world.full()

    assert standing(world)[FORCE_SSL] == ("PASSED", "ACTIVE")


def test_force_ssl_is_left_to_awss_control_but_for_clusters(world: World) -> None:
    world.put(bad(ORDERS), bad(LEDGER))
    world.full()
    world.settings = settings(DEFER_TO_RDS38="true")
    world.later(DAY)

    (archived,) = [it for it in since(world, world.full) if it["RecordState"] == "ARCHIVED"]

    assert archived["Id"] == FORCE_SSL
    assert "RDS.38" in archived["Description"]
    assert standing(world)[finding_id("force-ssl", "cluster-LEDGER")] == ACTIVE


@pytest.mark.parametrize(
    ("publish_passed", "sent"),
    [("false", []), ("true", [*(check.id for check in all_checks()), "coverage"])],
    ids=["not-sent", "sent"],
)
def test_passes_are_sent_where_they_are_asked_for_and_are_no_news(
    world: World, publish_passed: str, sent: list[str]
) -> None:
    world.settings = settings(PUBLISH_PASSED=publish_passed)
    world.put(good(ORDERS))

    world.full()

    assert checks(world.hub.findings.values()) == sent
    assert world.told() == []
