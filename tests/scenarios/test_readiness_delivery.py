"""Readiness is sent and reported once, whatever Security Hub responds, and changes nothing else."""

from contextlib import suppress
from dataclasses import replace

import pytest

from rds_tls_audit.adapters.security_hub.client import ATTEMPTS
from rds_tls_audit.fleet.database import Database
from rds_tls_audit.pipeline.run import RunKind
from tests.scenarios.faults import (
    DENIED,
    DISABLED,
    FAILS_AFTER,
    INTERNAL,
    LIMITED,
    ONE_FAILS,
    Fault,
    FaultInjector,
    inject_faults,
)
from tests.scenarios.readiness_helpers import (
    MEMBERS,
    NEW,
    ORDERS,
    readiness_of,
    record_five_weeks_of_samples,
    without_plaintext_clients,
)
from tests.scenarios.simulated_account import (
    DAY,
    HOUR,
    SimulatedAccount,
    check_ids,
    findings_sent_by,
    readiness_in,
)
from tests.support.builders import bad, good


@pytest.mark.parametrize("fleet", [[ORDERS, NEW], MEMBERS], ids=["instances", "cluster"])
def test_attaching_readiness_changes_nothing_else_in_the_finding(
    account: SimulatedAccount, fleet: list[Database]
) -> None:
    owned = [replace(database, tags={"Owner": f"the team of {database.id}"}) for database in fleet]
    account.set_databases(*(bad(database) for database in owned))

    sent = [
        finding
        for finding in findings_sent_by(account, account.run_full)
        if check_ids([finding]) == ["force-ssl"]
    ]

    opened, with_readiness = sent[: len(sent) // 2], sent[len(sent) // 2 :]
    assert [finding["Id"] for finding in opened] == [finding["Id"] for finding in with_readiness]
    for before, after in zip(opened, with_readiness, strict=True):
        changed = {name for name, value in after.items() if before[name] != value}
        assert changed == {"Description", "UpdatedAt", "ProductFields"}
        assert after["ProductFields"] == {
            **before["ProductFields"],
            "rds-tls-audit/safe-to-force": "check-first",
        }


def test_a_full_run_that_is_closed_twice_sends_and_reports_nothing_twice(
    account: SimulatedAccount,
) -> None:
    account.set_databases(bad(ORDERS))
    run = account.start_run(RunKind.FULL)
    account.probe_and_publish(run, account.write_manifest(run, [ORDERS.id]))
    account.close_run(run, 1, complete=True)
    later = replace(run, observed_at=run.observed_at + HOUR)

    sent = [
        *findings_sent_by(account, lambda: account.close_run(run, 1, complete=True)),
        *findings_sent_by(account, lambda: account.close_run(later, 1, complete=True)),
    ]

    assert sent == []
    assert readiness_of(account, ORDERS) == "check-first"
    assert len(account.topics["digest"].digests) == 1


def test_unchanged_readiness_is_sent_once_a_week_and_reported_once(
    safe_account: SimulatedAccount,
) -> None:
    sent = []
    for _ in range(14):
        safe_account.advance_clock(DAY)
        record_five_weeks_of_samples(safe_account, ORDERS)
        sent += [
            safe_account.now.day
            for finding in findings_sent_by(safe_account, safe_account.run_full)
            if readiness_in(finding)
        ]

    assert sent == [8, 15]
    assert [len(digest.readiness_changes) for digest in safe_account.topics["digest"].digests] == [
        1,
        0,
        0,
    ]


@pytest.mark.parametrize(
    ("kind", "times"),
    [
        (DISABLED, 9),
        (DENIED, 9),
        (INTERNAL, ATTEMPTS),
        (LIMITED, ATTEMPTS),
        (ONE_FAILS, 1),
        (FAILS_AFTER, 1),
    ],
)
def test_readiness_that_security_hub_did_not_import_is_sent_by_the_next_full_run(
    account: SimulatedAccount, kind: str, times: int
) -> None:
    faults = FaultInjector(armed=Fault("hub", kind, call=2, times=times))
    inject_faults(account, faults)
    account.set_databases(bad(ORDERS))
    with suppress(Exception):
        account.run_full()
    assert readiness_of(account, ORDERS) == ("check-first" if kind == FAILS_AFTER else None)
    faults.armed = None
    account.advance_clock(DAY)

    sent = [
        finding for finding in findings_sent_by(account, account.run_full) if readiness_in(finding)
    ]

    assert len(sent) == 1
    assert readiness_of(account, ORDERS) == "check-first"
    assert (
        len([change for change in account.reported_changes() if change.check == "force-ssl"]) == 1
    )
    assert sum(len(digest.readiness_changes) for digest in account.topics["digest"].digests) == 1


def test_readiness_of_an_unconfirmed_failure_is_attached_by_the_next_full_run(
    safe_account: SimulatedAccount,
) -> None:
    """Until then it has none: Security Hub may have either the old or the new finding."""
    faults = FaultInjector(armed=Fault("hub", FAILS_AFTER, call=1))
    inject_faults(safe_account, faults)
    safe_account.set_databases(bad(replace(ORDERS, parameter_group="pg17")))
    safe_account.advance_clock(DAY)

    with suppress(Exception):
        safe_account.run_full()

    assert faults.calls["hub"] == ["import"]
    assert readiness_of(safe_account, ORDERS) is None

    safe_account.advance_clock(DAY)
    safe_account.run_full()
    assert readiness_of(safe_account, ORDERS) == "check-first"


def test_readiness_does_not_overwrite_an_unconfirmed_pass(
    account: SimulatedAccount,
) -> None:
    account.set_databases(without_plaintext_clients(ORDERS))
    record_five_weeks_of_samples(account, ORDERS)
    run = account.start_run(RunKind.FULL)
    account.probe_and_publish(run, account.write_manifest(run, [ORDERS.id]))
    account.advance_clock(HOUR)
    account.set_databases(good(ORDERS))
    inject_faults(account, FaultInjector(armed=Fault("hub", FAILS_AFTER, call=1)))
    with suppress(Exception):
        account.run_named(ORDERS.id)
    later = replace(run, observed_at=account.now + HOUR)

    sent = findings_sent_by(account, lambda: account.close_run(later, 1, complete=True))

    assert "force-ssl" not in check_ids(sent)
    assert account.get_finding("force-ssl", ORDERS.resource_id)["Compliance"]["Status"] == "PASSED"


def test_a_pass_that_fails_by_now_is_not_resolved_at_the_end_of_the_run(
    account: SimulatedAccount,
) -> None:
    account.set_databases(bad(ORDERS))
    account.run_full()
    account.set_databases(good(ORDERS))
    faults = FaultInjector(armed=Fault("hub", DENIED, call=2, times=9))
    inject_faults(account, faults)
    account.advance_clock(DAY)
    account.run_full()  # the finding passes, and could not be resolved
    account.set_databases(bad(ORDERS))
    faults.armed = Fault("hub", ONE_FAILS, call=len(faults.calls["hub"]) + 1)
    account.advance_clock(DAY)
    account.run_full()  # the check fails, and Security Hub rejects the finding

    force_ssl = account.get_finding("force-ssl", ORDERS.resource_id)
    assert force_ssl["Compliance"]["Status"] == "PASSED"
    assert account.hub.workflow[force_ssl["Id"]] == "NEW"
