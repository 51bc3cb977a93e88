"""Every week, each finding gets a heartbeat and each topic a summary."""

import pytest

from rds_tls_audit.findings.state import ChangeKind
from tests.scenarios.simulated_account import (
    DAY,
    HOUR,
    SimulatedAccount,
    check_ids,
    finding_id,
    findings_sent_by,
)
from tests.support.builders import bad, database, good

ORDERS, BILLING = database("orders-prod"), database("billing")


def test_every_open_finding_is_sent_again_every_week_and_not_reported_again(
    account: SimulatedAccount,
) -> None:
    account.set_databases(bad(ORDERS), good(BILLING))
    account.run_full()
    sent = []
    for _ in range(15):
        account.advance_clock(DAY)
        sent.append(len(findings_sent_by(account, account.run_full)))

    # The heartbeat of force-ssl is its readiness, which is attached at the end of the same run.
    assert sent == [0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 3, 0]
    assert [change.kind for change in account.reported_changes()] == [ChangeKind.NEW] * 3


def test_passing_findings_get_a_heartbeat_and_archived_ones_do_not(
    account: SimulatedAccount,
) -> None:
    account.set_databases(bad(ORDERS), bad(BILLING))
    account.run_full()
    account.set_databases(good(ORDERS))
    account.out_of_scope = {"billing"}
    account.advance_clock(DAY)
    account.run_full()
    account.advance_clock(7 * DAY)

    sent = findings_sent_by(account, account.run_full)

    assert {finding["Compliance"]["Status"] for finding in sent} == {"PASSED"}
    assert len(sent) == 3


def test_the_heartbeat_contains_the_current_observation(account: SimulatedAccount) -> None:
    account.set_databases(bad(ORDERS))
    account.run_full()
    before = account.get_finding("sessions-encrypted", "db-ORDERS-PROD")
    account.advance_clock(7 * DAY)
    account.run_full()
    after = account.get_finding("sessions-encrypted", "db-ORDERS-PROD")

    assert after["LastObservedAt"] == after["UpdatedAt"] == "2026-03-08T06:00:00.000Z"
    assert after["CreatedAt"] == before["CreatedAt"]
    assert (
        after["ProductFields"]["rds-tls-audit/run"] != before["ProductFields"]["rds-tls-audit/run"]
    )


@pytest.mark.parametrize("topic", ["digest", "chat"])
def test_a_weekly_summary_is_sent_every_seven_days(account: SimulatedAccount, topic: str) -> None:
    account.set_databases(good(ORDERS))
    weekly = []
    for day in range(30):
        before = len(account.topics[topic].digests)
        account.run_full()
        digests = account.topics[topic].digests[before:]
        assert all(digest.weekly for digest in digests)
        weekly += [day] * len(digests)
        account.advance_clock(DAY)

    assert weekly == [7, 14, 21, 28]


def test_named_and_sample_runs_send_no_weekly_summary(account: SimulatedAccount) -> None:
    account.set_databases(good(ORDERS))
    account.run_full()
    account.advance_clock(30 * DAY)
    account.run_named("orders-prod")
    account.run_sample()

    assert account.topics["digest"].digests == []


def test_an_overdue_weekly_summary_is_sent_by_the_next_full_run(account: SimulatedAccount) -> None:
    account.set_databases(good(ORDERS))
    account.run_full()
    account.advance_clock(7 * DAY - HOUR)
    account.run_full()
    assert account.topics["digest"].digests == []
    account.advance_clock(3 * HOUR)
    account.run_full()

    assert [digest.weekly for digest in account.topics["digest"].digests] == [True]


def test_a_new_topic_receives_only_later_changes(account: SimulatedAccount) -> None:
    late = account.topics.pop("chat")
    account.set_databases(bad(ORDERS))
    account.run_full()
    account.topics["chat"] = late
    account.set_databases(bad(BILLING))
    account.advance_clock(DAY)
    account.run_full()

    assert {change.database for change in late.changes} == {"billing"}
    assert check_ids([account.hub.findings[finding_id("force-ssl", "db-BILLING")]]) == ["force-ssl"]
