"""Full runs day after day send the failures, then nothing, then only the fixes."""

from dataclasses import replace

from rds_tls_audit.findings.state import ChangeKind
from tests.scenarios.simulated_account import (
    DAY,
    SimulatedAccount,
    check_ids,
    finding_statuses,
    findings_sent_by,
    readiness_in,
)
from tests.support.builders import NOW, bad, cluster, database, good

ORDERS, BILLING = database("orders-prod"), database("billing")
MEMBERS = [database(f"ledger-{number}", cluster=cluster()) for number in (1, 2, 3)]
FAILING = ["force-ssl", "plaintext-refused", "sessions-encrypted"]


def test_failures_are_sent_once_and_after_that_only_the_fixes(account: SimulatedAccount) -> None:
    account.set_databases(bad(ORDERS), good(BILLING), *(bad(member) for member in MEMBERS))

    first = findings_sent_by(account, account.run_full)
    account.advance_clock(DAY)
    second = findings_sent_by(account, account.run_full)
    account.advance_clock(DAY)
    account.set_databases(good(ORDERS))
    third = findings_sent_by(account, account.run_full)

    # One force-ssl finding of the cluster, and two other findings of each of its members.
    opened = sorted([*FAILING, "force-ssl", *(FAILING[1:] * 3)])
    assert sorted(check_ids(first[: len(opened)])) == opened
    # At the end of the run, the readiness is attached to the force-ssl findings.
    with_readiness = first[len(opened) :]
    assert check_ids(with_readiness) == ["force-ssl", "force-ssl"]
    assert {readiness_in(finding) for finding in with_readiness} == {"check-first"}
    assert second == []
    assert check_ids(third) == FAILING
    assert {finding["Compliance"]["Status"] for finding in third} == {"PASSED"}
    assert {finding["CreatedAt"] for finding in third} == {"2026-03-01T06:00:00.000Z"}
    assert {finding["UpdatedAt"] for finding in third} == {"2026-03-03T06:00:00.000Z"}


def test_each_topic_receives_new_findings_and_then_resolved_ones(
    account: SimulatedAccount,
) -> None:
    account.set_databases(bad(ORDERS))
    account.run_full()
    account.advance_clock(DAY)
    account.run_full()
    account.advance_clock(DAY)
    account.set_databases(good(ORDERS))
    account.run_full()

    for topic in ("digest", "chat"):
        kinds = [
            [change.kind for change in digest.changes] for digest in account.topics[topic].digests
        ]
        assert kinds == [[ChangeKind.NEW] * 3, [ChangeKind.RESOLVED] * 3]


def test_the_findings_of_four_hundred_databases_are_sent_in_calls_of_at_most_100(
    account: SimulatedAccount,
) -> None:
    account.set_databases(*(bad(database(f"shop-{number}")) for number in range(400)))

    account.run_full()

    assert len(account.hub.findings) == 1200
    assert max(request.number for request in account.hub.requests) <= 100
    assert len(account.reported_changes()) == 1200


def test_a_database_that_is_renamed_keeps_its_findings(account: SimulatedAccount) -> None:
    renamed = replace(
        database("orders"),
        resource_id=ORDERS.resource_id,
    )
    account.set_databases(bad(ORDERS))
    account.run_full()
    account.advance_clock(DAY)
    account.delete_databases("orders-prod")
    account.set_databases(bad(renamed))

    for _ in range(3):
        account.run_full()
        account.advance_clock(DAY)

    assert set(finding_statuses(account).values()) == {("FAILED", "ACTIVE")}
    assert len(account.hub.findings) == 3


def test_the_times_of_the_first_observation_never_change(account: SimulatedAccount) -> None:
    account.set_databases(bad(ORDERS))
    for _ in range(9):
        account.run_full()
        account.advance_clock(DAY)
    account.set_databases(good(ORDERS))
    account.run_full()

    for finding in account.hub.findings.values():
        assert finding["CreatedAt"] == finding["FirstObservedAt"] == f"{NOW:%Y-%m-%dT%H:%M:%S}.000Z"
