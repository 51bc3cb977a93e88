"""A passing finding is resolved in Security Hub, unless it is suppressed."""

from dataclasses import replace

import pytest

from emulation.strict_hub import GET, UPDATE
from tests.scenarios.faults import FAILS_BEFORE, Fault, FaultInjector, inject_faults
from tests.scenarios.simulated_account import DAY, HOUR, SimulatedAccount, finding_id
from tests.support.builders import bad, database, good, settings

ORDERS = database("orders-prod")
FINDINGS = [
    finding_id(check, "db-ORDERS-PROD")
    for check in ("force-ssl", "plaintext-refused", "sessions-encrypted")
]


@pytest.fixture
def account() -> SimulatedAccount:
    """An account whose database failed, whose findings are sent, and which is fixed now."""
    account = SimulatedAccount()
    account.set_databases(bad(ORDERS))
    account.run_full()
    account.advance_clock(DAY)
    account.set_databases(good(ORDERS))
    return account


def workflow_requests(account: SimulatedAccount) -> int:
    return sum(request.operation in {GET, UPDATE} for request in account.hub.requests)


def test_a_passing_finding_is_resolved(account: SimulatedAccount) -> None:
    account.run_full()

    assert [account.hub.workflow[key] for key in FINDINGS] == ["RESOLVED"] * 3
    assert not any(state.to_resolve for state in account.states.items.values())


@pytest.mark.parametrize("by", ["NOTIFIED", "RESOLVED", "NEW"])
def test_a_passing_finding_is_resolved_whatever_a_reviewer_set_it_to(
    account: SimulatedAccount, by: str
) -> None:
    account.hub.set_workflow(FINDINGS[0], by)

    account.run_full()

    assert account.hub.workflow[FINDINGS[0]] == "RESOLVED"


def test_a_suppressed_finding_stays_suppressed_and_is_not_read_again(
    account: SimulatedAccount,
) -> None:
    account.hub.suppress(FINDINGS[0])
    account.run_full()
    before = workflow_requests(account)
    account.advance_clock(DAY)
    account.run_full()

    assert account.hub.workflow[FINDINGS[0]] == "SUPPRESSED"
    assert workflow_requests(account) == before


def test_passes_that_security_hub_rejects_are_sent_and_resolved_by_the_next_run(
    account: SimulatedAccount,
) -> None:
    for key in FINDINGS:
        account.hub.reject(key, "InternalError")
    account.run_full()
    assert {finding["Compliance"]["Status"] for finding in account.hub.findings.values()} == {
        "FAILED"
    }
    account.hub.accept_again()
    account.advance_clock(DAY)
    account.run_full()

    assert {account.hub.workflow[key] for key in FINDINGS} == {"RESOLVED"}


@pytest.mark.parametrize("next_run", ["full", "named"])
def test_a_failed_resolution_is_retried_and_the_pass_is_reported_once(
    account: SimulatedAccount, next_run: str
) -> None:
    faults = FaultInjector(armed=Fault("hub", FAILS_BEFORE, call=2, times=99))  # all but the import
    inject_faults(account, faults)
    account.run_full()
    assert {account.hub.workflow[key] for key in FINDINGS} == {"NEW"}
    reported = list(account.reported_changes())
    faults.armed = None
    account.advance_clock(HOUR)

    account.run_full() if next_run == "full" else account.run_named("orders-prod")

    assert {account.hub.workflow[key] for key in FINDINGS} == {"RESOLVED"}
    assert account.reported_changes() == reported


def test_nothing_is_resolved_if_resolve_on_pass_is_off(account: SimulatedAccount) -> None:
    account.settings = replace(account.settings, resolve_on_pass=False)
    account.run_full()

    assert workflow_requests(account) == 0
    assert {account.hub.workflow[key] for key in FINDINGS} == {"NEW"}


def test_a_failure_that_recurs_is_open_again(account: SimulatedAccount) -> None:
    account.run_full()
    account.advance_clock(DAY)
    account.set_databases(bad(ORDERS))
    account.run_full()

    assert {account.hub.workflow[key] for key in FINDINGS} == {"NEW"}


def test_published_passes_are_resolved_too() -> None:
    account = SimulatedAccount(settings=settings(PUBLISH_PASSED="true"))
    account.set_databases(good(ORDERS))
    account.run_full()

    assert set(account.hub.workflow.values()) == {"RESOLVED"}
