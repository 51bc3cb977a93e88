"""What is published, and how much of it is told, is the operator's to set."""

import pytest

from rds_tls_audit.checks.registry import all_checks
from rds_tls_audit.checks.verdict import Status
from rds_tls_audit.pipeline.run import RunKind
from tests.support.builders import bad, evidence, good, run, settings
from tests.unit.stages.publish_helpers import BILLING, MEMBERS, ORDERS, World, checks, finding_of


def test_a_disabled_check_is_judged_but_not_sent(world: World) -> None:
    off = settings(DISABLED_CHECKS="plaintext-refused")

    result = world.publish(evidence(run(), [bad(ORDERS)]), off)

    assert checks(world.sent) == ["force-ssl", "sessions-encrypted"]
    verdicts = {it.check: it.status for it in result.databases[0].verdicts}
    assert verdicts["plaintext-refused"] is Status.FAILED


def test_a_check_that_gets_disabled_is_archived_by_the_next_full_run_alone(world: World) -> None:
    off = settings(DISABLED_CHECKS="plaintext-refused")
    world.publish(evidence(run(), [bad(ORDERS)]))

    world.publish(evidence(run(RunKind.NAMED, hours=1), [bad(ORDERS)]), off)
    assert world.sent == []

    world.publish(evidence(run(hours=24), [bad(ORDERS)]), off)
    assert checks(world.sent) == ["plaintext-refused"]
    assert world.sent[0]["RecordState"] == "ARCHIVED"
    assert world.sent[0]["Compliance"]["Status"] == "FAILED"


def test_force_ssl_of_plain_instances_can_be_left_to_awss_own_control(world: World) -> None:
    deferring = settings(DEFER_TO_RDS38="true")

    world.publish(evidence(run(), [bad(ORDERS), bad(MEMBERS[0])]), deferring)

    force_ssl = [it for it in world.sent if it["GeneratorId"] == "rds-tls-audit/force-ssl"]
    assert [it["Id"] for it in force_ssl] == [finding_of("force-ssl", "cluster-LEDGER")]


def test_passed_is_sent_where_it_is_asked_for(world: World) -> None:
    world.publish(evidence(run(), [good(ORDERS)]), settings(PUBLISH_PASSED="true"))

    assert checks(world.sent) == [check.id for check in all_checks()]
    assert {it["Compliance"]["Status"] for it in world.sent} == {"PASSED"}
    assert world.changes == []


@pytest.mark.parametrize(
    ("environment", "owner"),
    [
        ({}, "orders team"),
        ({"OWNER_TAG": "Team"}, "shop"),
        ({"OWNER_TAG": "Nobody"}, None),
        ({"OWNER_TAG": "Blank"}, None),
    ],
    ids=["Owner", "another-tag", "no-such-tag", "blank"],
)
def test_the_owner_is_the_value_of_the_owner_tag(
    world: World, environment: dict[str, str], owner: str | None
) -> None:
    world.publish(evidence(run(), [bad(ORDERS)]), settings(**environment))

    assert {it["ProductFields"].get("rds-tls-audit/owner") for it in world.sent} == {owner}
    assert {change.owner for change in world.changes} == {owner}


@pytest.mark.parametrize(
    ("detail", "who"),
    [
        ("none", "4 of 4 client sessions in clear: 4 by a role not shown."),
        ("roles", "4 of 4 client sessions in clear: 4 by orders_app (web)."),
        ("full", "4 of 4 client sessions in clear: 4 by orders_app (web) at 10.0.1.7."),
    ],
)
def test_a_finding_tells_of_clients_what_may_be_told(world: World, detail: str, who: str) -> None:
    world.publish(evidence(run(), [bad(ORDERS)]), settings(CLIENT_DETAIL=detail))

    assert world.hub.findings[finding_of("sessions-encrypted")]["Description"] == who
    (told,) = [it for it in world.changes if it.check == "sessions-encrypted"]
    assert f"{told.because}." == who


def test_a_result_names_the_owner_for_the_page(world: World) -> None:
    result = world.publish(evidence(run(), [good(ORDERS), good(BILLING)]))

    assert {it.id: it.owner for it in result.databases} == {
        "orders-prod": "orders team",
        "billing": None,
    }
