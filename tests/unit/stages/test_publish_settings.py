"""Settings decide which findings are published, and how much detail they contain."""

import pytest

from rds_tls_audit.checks.registry import all_checks
from rds_tls_audit.checks.verdict import Status
from rds_tls_audit.pipeline.run import RunKind
from tests.support.builders import bad, good, probe_result, run, settings
from tests.unit.stages.publish_helpers import (
    BILLING,
    MEMBERS,
    ORDERS,
    PublishHarness,
    checks,
    finding_id,
)


def test_a_disabled_check_is_evaluated_but_not_sent(publisher: PublishHarness) -> None:
    off = settings(DISABLED_CHECKS="plaintext-refused")

    result = publisher.publish(probe_result(run(), [bad(ORDERS)]), off)

    assert checks(publisher.sent) == ["force-ssl", "sessions-encrypted"]
    verdicts = {verdict.check: verdict.status for verdict in result.databases[0].verdicts}
    assert verdicts["plaintext-refused"] is Status.FAILED


def test_only_a_full_run_archives_the_findings_of_a_disabled_check(
    publisher: PublishHarness,
) -> None:
    off = settings(DISABLED_CHECKS="plaintext-refused")
    publisher.publish(probe_result(run(), [bad(ORDERS)]))

    publisher.publish(probe_result(run(RunKind.NAMED, hours=1), [bad(ORDERS)]), off)
    assert publisher.sent == []

    publisher.publish(probe_result(run(hours=24), [bad(ORDERS)]), off)
    assert checks(publisher.sent) == ["plaintext-refused"]
    assert publisher.sent[0]["RecordState"] == "ARCHIVED"
    assert publisher.sent[0]["Compliance"]["Status"] == "FAILED"


def test_force_ssl_of_instances_outside_clusters_can_be_deferred_to_rds38(
    publisher: PublishHarness,
) -> None:
    deferring = settings(DEFER_TO_RDS38="true")

    publisher.publish(probe_result(run(), [bad(ORDERS), bad(MEMBERS[0])]), deferring)

    generator = "rds-tls-audit/force-ssl"
    force_ssl = [finding for finding in publisher.sent if finding["GeneratorId"] == generator]
    assert [finding["Id"] for finding in force_ssl] == [finding_id("force-ssl", "cluster-LEDGER")]


def test_passed_findings_are_sent_if_publish_passed_is_set(publisher: PublishHarness) -> None:
    publisher.publish(probe_result(run(), [good(ORDERS)]), settings(PUBLISH_PASSED="true"))

    assert checks(publisher.sent) == [check.id for check in all_checks()]
    assert {finding["Compliance"]["Status"] for finding in publisher.sent} == {"PASSED"}
    assert publisher.changes == []


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
    publisher: PublishHarness, environment: dict[str, str], owner: str | None
) -> None:
    publisher.publish(probe_result(run(), [bad(ORDERS)]), settings(**environment))

    owners = {finding["ProductFields"].get("rds-tls-audit/owner") for finding in publisher.sent}
    assert owners == {owner}
    assert {change.owner for change in publisher.changes} == {owner}


@pytest.mark.parametrize(
    ("detail", "shown", "hidden"),
    [
        ("none", [], ["orders_app", "(web)", "10.0.1.7"]),
        ("roles", ["orders_app", "(web)"], ["10.0.1.7"]),
        ("full", ["orders_app", "(web)", "10.0.1.7"], []),
    ],
)
def test_a_finding_and_its_change_show_only_the_configured_client_detail(
    publisher: PublishHarness, detail: str, shown: list[str], hidden: list[str]
) -> None:
    publisher.publish(probe_result(run(), [bad(ORDERS)]), settings(CLIENT_DETAIL=detail))

    finding = publisher.hub.findings[finding_id("sessions-encrypted")]
    (change,) = [change for change in publisher.changes if change.check == "sessions-encrypted"]
    for text in (finding["Description"], change.because):
        assert "4 of 4" in text
        assert [part for part in shown if part not in text] == []
        assert [part for part in hidden if part in text] == []


def test_a_result_names_the_owner_for_the_html_report(publisher: PublishHarness) -> None:
    result = publisher.publish(probe_result(run(), [good(ORDERS), good(BILLING)]))

    assert {database.id: database.owner for database in result.databases} == {
        "orders-prod": "orders team",
        "billing": None,
    }
