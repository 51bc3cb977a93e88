"""Named, event, and sample runs change only the databases that they are about."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from rds_tls_audit.pipeline.run import RunKind
from rds_tls_audit.stages.report import Reported
from tests.scenarios.simulated_account import (
    DAY,
    HOUR,
    SimulatedAccount,
    check_ids,
    finding_id,
    findings_sent_by,
    unreachable,
)
from tests.support.builders import (
    GOOD,
    OPEN,
    bad,
    cluster,
    database,
    good,
    plaintext_session,
    seen,
    session_view,
)

ORDERS, BILLING, SHOP = database("orders-prod"), database("billing"), database("shop")
MEMBERS = [database(f"ledger-{number}", cluster=cluster()) for number in (1, 2)]
WITHOUT_PLAINTEXT_CLIENTS = replace(
    bad(ORDERS), observation=replace(GOOD, plaintext=OPEN.plaintext)
)
"""A server that accepts plaintext but has no plaintext clients."""


@pytest.fixture
def account() -> SimulatedAccount:
    """An account whose databases all fail, and whose findings are sent."""
    account = SimulatedAccount()
    account.set_databases(*(bad(database) for database in (ORDERS, BILLING, SHOP, *MEMBERS)))
    account.run_full()
    account.advance_clock(HOUR)
    return account


def changed_by(account: SimulatedAccount, act: Callable[[], object]) -> set[str]:
    """Return the resource ids whose findings or states are different afterwards."""
    findings, states = dict(account.hub.findings), dict(account.states.items)
    act()
    sent = [key for key, finding in account.hub.findings.items() if findings.get(key) != finding]
    kept = [key for key, state in account.states.items.items() if states.get(key) != state]
    return {key.rsplit("/", 1)[-1] for key in sent} | {resource_id for resource_id, _ in kept}


@pytest.mark.parametrize("kind", ["named", "event"])
def test_a_run_of_named_databases_changes_no_other_database(
    account: SimulatedAccount, kind: str
) -> None:
    account.set_databases(*(good(database) for database in (ORDERS, BILLING, SHOP, *MEMBERS)))
    run = account.run_named if kind == "named" else account.run_for_event

    assert changed_by(account, lambda: run("orders-prod")) == {"db-ORDERS-PROD"}
    assert changed_by(account, lambda: run("ledger-1")) == {"db-LEDGER-1", "cluster-LEDGER"}
    assert account.inventory.items.keys() == {
        *(database.resource_id for database in (ORDERS, BILLING, SHOP, *MEMBERS)),
        "cluster-LEDGER",
    }


def test_a_day_of_sample_runs_updates_only_the_states_of_failing_session_checks(
    account: SimulatedAccount,
) -> None:
    account.set_databases(good(ORDERS), unreachable(bad(BILLING)))
    findings = dict(account.hub.findings)
    before = dict(account.states.items)

    for _ in range(96):
        account.run_sample()
        account.advance_clock(HOUR / 4)

    assert account.hub.findings == findings
    changed = {key for key, state in account.states.items.items() if before[key] != state}
    assert changed == {
        (database.resource_id, "sessions-encrypted") for database in (SHOP, *MEMBERS)
    }
    assert len(account.topics["digest"].digests) == 1


def test_a_sample_run_opens_findings_of_session_checks_only(account: SimulatedAccount) -> None:
    account.set_databases(good(ORDERS))
    account.run_named("orders-prod")
    account.advance_clock(8 * DAY)
    account.run_full()
    account.advance_clock(HOUR)
    account.set_databases(bad(ORDERS))

    sent = findings_sent_by(account, account.run_sample)

    assert check_ids(sent) == ["sessions-encrypted"]
    assert sent[0]["Compliance"]["Status"] == "FAILED"


def test_named_and_sample_runs_do_not_count_unknown_verdicts(account: SimulatedAccount) -> None:
    account.set_databases(unreachable(bad(ORDERS)))
    account.run_full()
    account.advance_clock(HOUR)

    for _ in range(3):
        account.run_named("orders-prod")
        account.run_sample()
        account.advance_clock(HOUR)

    assert {finding["Compliance"]["Status"] for finding in account.hub.findings.values()} == {
        "FAILED",
        "WARNING",
    }


def test_a_nightly_plaintext_client_causes_one_lasting_failure() -> None:
    account = SimulatedAccount()
    by_day = WITHOUT_PLAINTEXT_CLIENTS
    sessions = seen(session_view(plaintext_session(role="export")))
    at_night = replace(by_day, observation=replace(by_day.observation, sessions=sessions))
    account.set_databases(by_day)
    account.run_full()
    account.advance_clock(HOUR)

    def week() -> None:
        for _ in range(7):
            account.set_databases(at_night)
            account.run_sample()
            account.advance_clock(23 * HOUR)
            account.set_databases(by_day)
            account.run_full()
            account.advance_clock(HOUR)

    sent = [
        finding
        for finding in findings_sent_by(account, week)
        if check_ids([finding]) == ["sessions-encrypted"]
    ]

    assert [finding["Compliance"]["Status"] for finding in sent[:1]] == ["FAILED"]
    assert {finding["Compliance"]["Status"] for finding in sent} == {"FAILED"}
    reported = [
        change for change in account.reported_changes() if change.check == "sessions-encrypted"
    ]
    assert len(reported) == 1


def test_the_finding_passes_a_week_after_the_last_plaintext_connection() -> None:
    account = SimulatedAccount()
    account.set_databases(bad(ORDERS))
    account.run_full()
    account.set_databases(WITHOUT_PLAINTEXT_CLIENTS)
    finding = finding_id("sessions-encrypted", "db-ORDERS-PROD")

    statuses = []
    for _ in range(8):
        account.advance_clock(DAY)
        account.run_full()
        statuses.append(account.hub.findings[finding]["Compliance"]["Status"])

    assert statuses == ["FAILED"] * 6 + ["PASSED"] * 2


@pytest.mark.parametrize("kind", [RunKind.NAMED, RunKind.SAMPLE])
def test_only_full_runs_report_coverage_count_absences_and_send_weekly_summaries(
    account: SimulatedAccount, kind: RunKind
) -> None:
    account.set_databases(unreachable(bad(ORDERS)))
    account.advance_clock(30 * DAY)
    inventory = dict(account.inventory.items)

    ended: Reported = (
        account.run_sample() if kind is RunKind.SAMPLE else account.run_named("orders-prod")
    )

    assert ended.not_assessed == 1
    assert account.inventory.items == inventory
    assert not account.topics["digest"].digests[1:]
    assert "coverage" not in check_ids(account.hub.findings.values())
