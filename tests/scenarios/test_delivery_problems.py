"""Problems of sending findings are reported when they begin or change, not every day."""

from contextlib import suppress
from datetime import timedelta

import pytest

from rds_tls_audit.pipeline.run import RunKind
from rds_tls_audit.stages.steps.deliver_digests import DigestNotDeliveredError
from tests.scenarios.simulated_account import DAY, HOUR, SimulatedAccount
from tests.support.builders import bad, database, good

ORDERS, BILLING = database("orders-prod"), database("billing")
SAMPLE_INTERVAL = timedelta(minutes=15)
OFF = "InvalidAccessException"


def run_for_days_without_hub(account: SimulatedAccount) -> None:
    for _ in range(6):
        account.hub.fail(OFF, calls=99)
        account.run_full()
        account.hub.accept_again()
        account.advance_clock(DAY)


def test_that_security_hub_is_off_is_reported_once_with_the_changes_held_back(
    account: SimulatedAccount,
) -> None:
    account.set_databases(bad(ORDERS))

    run_for_days_without_hub(account)

    (digest,) = account.topics["digest"].digests
    assert "aws securityhub enable-security-hub" in (digest.hub_disabled or "")
    assert len(digest.changes) == 3
    assert account.states.items == {}


def test_nothing_is_lost_when_security_hub_is_turned_on_again(account: SimulatedAccount) -> None:
    account.set_databases(bad(ORDERS))
    run_for_days_without_hub(account)

    account.run_full()

    assert len(account.hub.findings) == 3
    assert len(account.states.items) == 3
    assert account.outbox.entries == {}


def test_further_changes_that_are_held_back_are_reported(account: SimulatedAccount) -> None:
    account.set_databases(bad(ORDERS), good(BILLING))
    run_for_days_without_hub(account)
    account.set_databases(bad(BILLING))
    account.hub.fail(OFF, calls=99)

    account.run_full()

    assert len(account.topics["digest"].digests) == 2


def test_changes_held_back_are_not_reported_again_in_later_digests(
    account: SimulatedAccount,
) -> None:
    account.set_databases(bad(ORDERS))
    run_for_days_without_hub(account)
    account.advance_clock(DAY)
    account.hub.fail(OFF, calls=99)
    account.run_full()  # sends the weekly summary

    assert (
        len([change for change in account.reported_changes() if change.check == "force-ssl"]) == 1
    )


def test_a_batch_without_a_result_in_every_sample_run_is_not_reported_every_15_minutes(
    account: SimulatedAccount,
) -> None:
    account.set_databases(good(ORDERS))
    account.run_full()
    for _ in range(8):
        account.advance_clock(HOUR / 4)
        run = account.start_run(RunKind.SAMPLE)
        account.write_manifest(run, ["orders-prod"])
        account.close_run(run, 1, complete=False)

    assert len(account.topics["digest"].digests) <= 1


def test_delivery_problems_of_sample_runs_are_not_reported_every_15_minutes(
    account: SimulatedAccount,
) -> None:
    account.set_databases(good(ORDERS))
    account.run_full()
    account.set_databases(bad(ORDERS))
    for _ in range(4):
        account.advance_clock(SAMPLE_INTERVAL)
        account.hub.fail(OFF, calls=99)
        account.run_sample()
        account.hub.accept_again()

    (digest,) = account.topics["digest"].digests
    assert [change.check for change in digest.changes] == ["sessions-encrypted"]
    assert digest.hub_disabled


def test_an_unavailable_topic_delays_no_other_topic(
    account: SimulatedAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rds_tls_audit.stages.steps.deliver_digests.MAX_ENTRIES", 3)
    account.topics["chat"].unavailable = True
    for number in range(3):
        account.set_databases(bad(database(f"db-{number}")))
        with suppress(DigestNotDeliveredError):
            account.run_full()
        account.advance_clock(DAY)

    assert len(account.reported_changes("digest")) == 9
