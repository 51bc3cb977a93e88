"""Disabled, accepted, and deferred findings are archived with the reason, and reopened later."""

from datetime import timedelta

import pytest

from rds_tls_audit.checks.registry import all_checks
from rds_tls_audit.findings.state import ChangeKind
from rds_tls_audit.fleet.database import TAG_ACCEPT
from tests.scenarios.simulated_account import (
    DAY,
    HOUR,
    SimulatedAccount,
    check_ids,
    finding_id,
    finding_statuses,
    findings_sent_by,
)
from tests.support.builders import NOW, bad, cluster, database, good, settings

ORDERS, LEDGER = database("orders-prod"), database("ledger-1", cluster=cluster())
ACTIVE, ARCHIVED = ("FAILED", "ACTIVE"), ("FAILED", "ARCHIVED")
FORCE_SSL = finding_id("force-ssl", "db-ORDERS-PROD")
ACCEPTED = database(
    "orders-prod",
    tags={TAG_ACCEPT: f"force-ssl until={(NOW + timedelta(days=20)).date()} ref=RISK-7"},
)


def test_a_disabled_check_is_archived_and_reopened_when_it_is_enabled(
    account: SimulatedAccount,
) -> None:
    account.set_databases(bad(ORDERS))
    account.run_full()
    account.settings = settings(DISABLED_CHECKS="force-ssl")
    account.advance_clock(HOUR)
    account.run_named("orders-prod")
    account.run_sample()
    assert finding_statuses(account)[FORCE_SSL] == ACTIVE

    account.advance_clock(DAY)
    (archived,) = findings_sent_by(account, account.run_full)
    account.settings = settings()
    account.advance_clock(DAY)
    reopened, with_readiness = findings_sent_by(account, account.run_full)

    assert archived["RecordState"] == "ARCHIVED"
    assert "DISABLED_CHECKS" in archived["Description"]
    for finding in (reopened, with_readiness):
        assert (finding["Id"], finding["RecordState"]) == (FORCE_SSL, "ACTIVE")
    assert reopened["CreatedAt"] == archived["CreatedAt"]
    kinds = [change.kind for change in account.reported_changes() if change.check == "force-ssl"]
    assert kinds == [ChangeKind.NEW, ChangeKind.ARCHIVED, ChangeKind.NEW]


def test_an_accepted_risk_is_archived_until_its_end(account: SimulatedAccount) -> None:
    account.set_databases(bad(ORDERS))
    account.run_full()
    account.set_databases(bad(ACCEPTED))
    records = []
    for _ in range(21):
        account.advance_clock(DAY)
        account.run_full()
        records.append(account.hub.findings[FORCE_SSL]["RecordState"])
        if records == ["ARCHIVED"]:
            finding = account.hub.findings[FORCE_SSL]
            assert finding["Description"].startswith("Accepted until 2026-03-21 (RISK-7): ")

    assert records == ["ARCHIVED"] * 19 + ["ACTIVE"] * 2
    kinds = [change.kind for change in account.reported_changes() if change.check == "force-ssl"]
    assert kinds == [ChangeKind.NEW, ChangeKind.ACCEPTED, ChangeKind.NEW]


def test_a_risk_that_is_accepted_from_the_start_is_not_sent_before_its_end(
    account: SimulatedAccount,
) -> None:
    account.set_databases(bad(ACCEPTED))
    account.run_full()
    assert FORCE_SSL not in account.hub.findings

    account.advance_clock(20 * DAY)
    account.run_full()

    assert finding_statuses(account)[FORCE_SSL] == ACTIVE


def test_an_accepted_risk_that_is_fixed_passes(account: SimulatedAccount) -> None:
    account.set_databases(bad(ORDERS))
    account.run_full()
    account.set_databases(bad(ACCEPTED))
    account.advance_clock(DAY)
    account.run_full()
    account.set_databases(good(ACCEPTED))
    account.advance_clock(DAY)
    account.run_full()

    assert finding_statuses(account)[FORCE_SSL] == ("PASSED", "ACTIVE")


def test_deferring_to_rds38_archives_force_ssl_of_instances_but_not_of_clusters(
    account: SimulatedAccount,
) -> None:
    account.set_databases(bad(ORDERS), bad(LEDGER))
    account.run_full()
    account.settings = settings(DEFER_TO_RDS38="true")
    account.advance_clock(DAY)

    (archived,) = [
        finding
        for finding in findings_sent_by(account, account.run_full)
        if finding["RecordState"] == "ARCHIVED"
    ]

    assert archived["Id"] == FORCE_SSL
    assert "RDS.38" in archived["Description"]
    assert finding_statuses(account)[finding_id("force-ssl", "cluster-LEDGER")] == ACTIVE


@pytest.mark.parametrize(
    ("publish_passed", "sent"),
    [("false", []), ("true", [*(check.id for check in all_checks()), "coverage"])],
    ids=["not-sent", "sent"],
)
def test_passes_are_sent_only_if_publish_passed_is_on_and_never_reported(
    account: SimulatedAccount, publish_passed: str, sent: list[str]
) -> None:
    account.settings = settings(PUBLISH_PASSED=publish_passed)
    account.set_databases(good(ORDERS))

    account.run_full()

    assert check_ids(account.hub.findings.values()) == sent
    assert account.reported_changes() == []
