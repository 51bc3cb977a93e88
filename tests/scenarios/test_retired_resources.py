"""A deleted database is archived after two complete full runs; one out of scope, at once."""

from collections.abc import Callable

import pytest

from rds_tls_audit.findings.inventory import DELETED_REASON, OUT_OF_SCOPE_REASON
from rds_tls_audit.findings.state import ChangeKind
from rds_tls_audit.pipeline.run import RunKind
from tests.scenarios.simulated_account import (
    DAY,
    HOUR,
    SimulatedAccount,
    finding_statuses,
    findings_sent_by,
)
from tests.support.builders import bad, cluster, database, good

ORDERS, BILLING = database("orders-prod"), database("billing")
MEMBERS = [database(f"ledger-{number}", cluster=cluster()) for number in (1, 2)]
ACTIVE, ARCHIVED = ("FAILED", "ACTIVE"), ("FAILED", "ARCHIVED")


@pytest.fixture
def account() -> SimulatedAccount:
    """An account whose databases all fail, and whose findings are sent."""
    account = SimulatedAccount()
    account.set_databases(*(bad(database) for database in (ORDERS, BILLING, *MEMBERS)))
    account.run_full()
    account.advance_clock(DAY)
    return account


def statuses_of(account: SimulatedAccount, resource_id: str) -> set[tuple[str, str]]:
    """Return the status and record state of the findings of a resource."""
    return {
        status
        for key, status in finding_statuses(account).items()
        if key.endswith(f"/{resource_id}")
    }


def test_a_deleted_database_is_archived_after_two_complete_full_runs(
    account: SimulatedAccount,
) -> None:
    account.delete_databases("orders-prod")

    account.run_full()
    assert statuses_of(account, "db-ORDERS-PROD") == {ACTIVE}
    account.advance_clock(DAY)
    sent = findings_sent_by(account, account.run_full)

    assert statuses_of(account, "db-ORDERS-PROD") == {ARCHIVED}
    assert {finding["Description"] for finding in sent} == {f"T{DELETED_REASON[1:]}."}
    assert statuses_of(account, "db-BILLING") == {ACTIVE}
    archived = [
        change for change in account.reported_changes() if change.kind is ChangeKind.ARCHIVED
    ]
    assert {change.database for change in archived} == {"orders-prod"}
    assert len(archived) == 3


OTHER_RUNS: dict[str, Callable[[SimulatedAccount], object]] = {
    "incomplete": lambda account: account.run_full(complete=False),
    "named": lambda account: account.run_named("billing"),
    "event": lambda account: account.run_for_event("orders-prod", "billing"),
    "sample": lambda account: account.run_sample(),
}


@pytest.mark.parametrize("act", OTHER_RUNS.values(), ids=OTHER_RUNS)
def test_no_other_run_archives_a_deleted_database(
    account: SimulatedAccount, act: Callable[[SimulatedAccount], object]
) -> None:
    account.delete_databases("orders-prod")
    account.run_full()

    for _ in range(5):
        account.advance_clock(HOUR)
        act(account)

    assert statuses_of(account, "db-ORDERS-PROD") == {ACTIVE}
    account.advance_clock(HOUR)
    account.run_full()
    assert statuses_of(account, "db-ORDERS-PROD") == {ARCHIVED}


def test_a_deleted_database_is_archived_once(account: SimulatedAccount) -> None:
    account.delete_databases("orders-prod")
    for _ in range(2):
        account.run_full()
        account.advance_clock(DAY)

    def month() -> None:
        for _ in range(6):
            account.run_full()
            account.advance_clock(DAY)

    # Other findings are sent in this time: their heartbeats.
    assert not [
        finding
        for finding in findings_sent_by(account, month)
        if finding["RecordState"] == "ARCHIVED"
    ]


def test_a_repeated_run_counts_no_second_absence(account: SimulatedAccount) -> None:
    account.delete_databases("orders-prod")
    run = account.start_run(RunKind.FULL)
    manifest = account.write_manifest(run, sorted(account.fleet))
    for _ in range(3):
        account.probe_and_publish(run, manifest)
        account.close_run(run, len(account.fleet), complete=True)

    assert statuses_of(account, "db-ORDERS-PROD") == {ACTIVE}


def test_a_database_that_reappears_in_between_is_not_archived(account: SimulatedAccount) -> None:
    deleted = account.fleet["orders-prod"]
    for _ in range(3):
        account.delete_databases("orders-prod")
        account.run_full()
        account.advance_clock(DAY)
        account.set_databases(deleted)
        account.run_full()
        account.advance_clock(DAY)

    assert statuses_of(account, "db-ORDERS-PROD") == {ACTIVE}


def test_the_findings_of_a_restored_database_are_reopened(account: SimulatedAccount) -> None:
    deleted = account.fleet["orders-prod"]
    created = {key: finding["CreatedAt"] for key, finding in account.hub.findings.items()}
    account.delete_databases("orders-prod")
    for _ in range(2):
        account.run_full()
        account.advance_clock(DAY)
    account.set_databases(deleted)

    account.run_full()

    assert statuses_of(account, "db-ORDERS-PROD") == {ACTIVE}
    assert {key: finding["CreatedAt"] for key, finding in account.hub.findings.items()} == created
    assert [change.kind for change in account.reported_changes()[-3:]] == [ChangeKind.NEW] * 3


def test_a_cluster_is_archived_with_its_last_member(account: SimulatedAccount) -> None:
    account.delete_databases("ledger-1")
    for _ in range(3):
        account.run_full()
        account.advance_clock(DAY)
    assert statuses_of(account, "db-LEDGER-1") == {ARCHIVED}
    assert statuses_of(account, "cluster-LEDGER") == {ACTIVE}

    account.delete_databases("ledger-2")
    for _ in range(2):
        account.run_full()
        account.advance_clock(DAY)

    assert statuses_of(account, "cluster-LEDGER") == {ARCHIVED}


def test_a_database_out_of_scope_is_archived_by_the_next_full_run_with_that_reason(
    account: SimulatedAccount,
) -> None:
    account.out_of_scope = {"orders-prod"}
    account.run_named("billing")
    account.run_sample()
    assert statuses_of(account, "db-ORDERS-PROD") == {ACTIVE}

    sent = findings_sent_by(account, lambda: account.run_full(complete=False))

    assert statuses_of(account, "db-ORDERS-PROD") == {ARCHIVED}
    archived = [finding for finding in sent if finding["RecordState"] == "ARCHIVED"]
    assert {finding["Description"] for finding in archived} == {f"T{OUT_OF_SCOPE_REASON[1:]}."}


def test_findings_of_databases_back_in_scope_are_reopened(account: SimulatedAccount) -> None:
    account.out_of_scope = {"orders-prod", "ledger-1", "ledger-2"}
    account.run_full()
    account.advance_clock(DAY)
    assert statuses_of(account, "cluster-LEDGER") == {ARCHIVED}
    account.out_of_scope = set()

    account.run_full()

    assert set(finding_statuses(account).values()) == {ACTIVE}


def test_a_finding_that_security_hub_rejects_is_archived_by_the_following_run(
    account: SimulatedAccount,
) -> None:
    account.out_of_scope = {"orders-prod"}
    account.hub.reject(
        next(key for key in account.hub.findings if key.endswith("-PROD")), "InternalError"
    )
    account.run_full()
    assert statuses_of(account, "db-ORDERS-PROD") == {ACTIVE, ARCHIVED}
    account.hub.accept_again()
    account.advance_clock(DAY)

    account.run_full()

    assert statuses_of(account, "db-ORDERS-PROD") == {ARCHIVED}
    assert account.inventory.items["db-ORDERS-PROD"].closed


def test_a_database_out_of_scope_that_was_named_is_archived_again(
    account: SimulatedAccount,
) -> None:
    account.out_of_scope = {"orders-prod"}
    account.run_full()
    account.advance_clock(HOUR)
    account.run_named("orders-prod")
    assert statuses_of(account, "db-ORDERS-PROD") == {ACTIVE}
    account.advance_clock(DAY)

    account.run_full()

    assert statuses_of(account, "db-ORDERS-PROD") == {ARCHIVED}


@pytest.mark.parametrize("how", ["deleted", "out-of-scope"])
def test_a_database_that_no_full_run_has_audited_is_archived_too(
    account: SimulatedAccount, how: str
) -> None:
    account.set_databases(bad(database("short-lived")))
    account.run_named("short-lived")
    if how == "deleted":
        account.delete_databases("short-lived")
    else:
        account.out_of_scope = {"short-lived"}

    for _ in range(3):
        account.advance_clock(DAY)
        account.run_full()

    assert statuses_of(account, "db-SHORT-LIVED") == {ARCHIVED}


def test_a_cluster_out_of_scope_is_archived_even_if_one_of_its_members_was_deleted(
    account: SimulatedAccount,
) -> None:
    first = account.inventory.items["cluster-LEDGER"].database.id
    account.delete_databases(first)
    account.out_of_scope = {"ledger-1", "ledger-2"} - {first}

    account.run_full()

    assert statuses_of(account, "cluster-LEDGER") == {ARCHIVED}


def test_a_deleted_database_without_findings_is_closed_in_the_inventory(
    account: SimulatedAccount,
) -> None:
    account.set_databases(good(database("clean")))
    account.run_full()
    account.delete_databases("clean")
    for _ in range(3):
        account.advance_clock(DAY)
        account.run_full()

    assert statuses_of(account, "db-CLEAN") == set()
    assert account.inventory.items["db-CLEAN"].closed
