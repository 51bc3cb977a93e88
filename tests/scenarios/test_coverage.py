"""All databases that cannot be assessed share one finding of the account."""

from emulation.strict_hub import problems
from rds_tls_audit.findings.state import ChangeKind
from tests.scenarios.simulated_account import (
    COVERAGE_FINDING,
    DAY,
    SimulatedAccount,
    check_ids,
    finding_statuses,
    findings_sent_by,
    unreachable,
)
from tests.support.builders import bad, database, good

UNREACHABLE = [database(f"shop-{number}") for number in range(200)]


def create_unreachable_databases(account: SimulatedAccount) -> None:
    """Create two hundred databases that the probe cannot reach."""
    account.set_databases(
        *(
            unreachable(
                good(database), f"{database.id}.example.com:5432 does not answer; allow the probe"
            )
            for database in UNREACHABLE
        )
    )


def test_two_hundred_unreachable_databases_open_one_finding(account: SimulatedAccount) -> None:
    create_unreachable_databases(account)

    first = findings_sent_by(account, account.run_full)

    assert [finding["Id"] for finding in first] == [COVERAGE_FINDING]
    (finding,) = first
    assert problems(finding) == ()
    assert finding["Compliance"]["Status"] == "WARNING"
    description = finding["Description"]
    assert "200 of 200 databases" in description
    assert "its endpoint does not answer; allow the probe" in description
    assert "(200 databases, including shop-0)" in description


def test_the_coverage_finding_is_reported_once_and_passes_when_all_databases_are_assessed(
    account: SimulatedAccount,
) -> None:
    create_unreachable_databases(account)
    account.run_full()
    account.advance_clock(DAY)
    second = findings_sent_by(account, account.run_full)
    account.advance_clock(DAY)
    account.set_databases(*(good(database) for database in UNREACHABLE))
    third = findings_sent_by(account, account.run_full)

    assert second == []
    assert check_ids(third) == ["coverage"]
    assert finding_statuses(account) == {COVERAGE_FINDING: ("PASSED", "ACTIVE")}
    assert [change.kind for change in account.reported_changes()] == [
        ChangeKind.NEW,
        ChangeKind.RESOLVED,
    ]


def test_the_coverage_finding_is_sent_but_not_reported_again_if_other_databases_are_affected(
    account: SimulatedAccount,
) -> None:
    account.set_databases(unreachable(good(UNREACHABLE[0])), good(UNREACHABLE[1]))
    account.run_full()
    account.advance_clock(DAY)
    account.set_databases(unreachable(good(UNREACHABLE[1])))

    second = findings_sent_by(account, account.run_full)

    assert [finding["Id"] for finding in second] == [COVERAGE_FINDING]
    assert "2 of 2 databases" in second[0]["Description"]
    assert len(account.reported_changes()) == 1


def test_known_failures_stay_open_beside_the_coverage_finding(account: SimulatedAccount) -> None:
    account.set_databases(bad(UNREACHABLE[0]))
    account.run_full()
    account.set_databases(unreachable(bad(UNREACHABLE[0])))
    account.advance_clock(DAY)
    account.run_full()

    assert set(finding_statuses(account).values()) == {("FAILED", "ACTIVE"), ("WARNING", "ACTIVE")}


def test_an_account_whose_databases_are_all_assessed_has_no_coverage_finding(
    account: SimulatedAccount,
) -> None:
    account.set_databases(good(UNREACHABLE[0]))
    account.run_full()

    assert account.hub.findings == {}


def test_the_coverage_finding_does_not_outlive_the_last_database(account: SimulatedAccount) -> None:
    account.set_databases(unreachable(good(UNREACHABLE[0])))
    account.run_full()
    account.delete_databases(UNREACHABLE[0].id)
    for _ in range(3):
        account.advance_clock(DAY)
        account.run_full()

    assert finding_statuses(account)[COVERAGE_FINDING] != ("WARNING", "ACTIVE")
