"""Gaps: what could not be assessed, grouped by reason, whatever the databases are called."""

from collections.abc import Sequence

import pytest

from rds_tls_audit.checks.verdict import Severity, Status
from rds_tls_audit.results.batch_result import DatabaseResult, NamedVerdict
from rds_tls_audit.results.gaps import BATCH_FAILED, MAX_NAMED, Gap, collect_gaps
from tests.support.builders import database, database_result, good

CLOSED = "connecting to {} timed out; allow the probe's security group"


def result(name: str, *missing: str) -> DatabaseResult:
    """Return a database with an UNKNOWN verdict for each reason."""
    return DatabaseResult(
        id=name,
        arn=database(name).arn,
        engine="postgres",
        engine_version="16.4",
        cluster=None,
        logged_in=False,
        verdicts=tuple(
            NamedVerdict(
                check=f"check-{number}",
                status=Status.UNKNOWN,
                severity=Severity.HIGH,
                because=f"known; {reason}",
                missing=reason,
            )
            for number, reason in enumerate(missing)
        ),
    )


def numbered(count: int) -> list[str]:
    return [f"db-{number:03}" for number in range(count)]


def test_two_hundred_databases_behind_one_closed_security_group_are_one_gap() -> None:
    names = numbered(200)

    found = collect_gaps(
        [result(name, *[CLOSED.format(f"{name}.example:5432")] * 9) for name in names], []
    )

    assert found == (
        Gap(
            reason=CLOSED.format("its endpoint"),
            databases=tuple(names[:20]),
            more=180,
            checks=1800,
        ),
    )


def test_a_reason_that_all_its_databases_share_word_for_word_is_shown_in_full() -> None:
    reason = CLOSED.format("orders-prod.example:5432")

    assert [gap.reason for gap in collect_gaps([result("orders-prod", reason)], [])] == [reason]


def test_the_gap_that_affects_most_databases_comes_first() -> None:
    found = collect_gaps(
        [result("a", "rare"), result("b", "b"), result("c", "b"), result("d", "a")], []
    )

    assert [gap.reason for gap in found] == ["b", "a", "rare"]


def test_a_database_counts_once_for_a_reason_and_every_verdict_counts() -> None:
    (gap,) = collect_gaps([result("a", "why", "why", "why")], [])

    assert (gap.databases, gap.checks) == (("a",), 3)


@pytest.mark.parametrize(("count", "more"), [(MAX_NAMED, 0), (MAX_NAMED + 1, 1)])
def test_a_limited_number_of_databases_is_named_and_the_others_are_counted(
    count: int, more: int
) -> None:
    (gap,) = collect_gaps([result(name, "why") for name in numbered(count)], [])

    assert (len(gap.databases), gap.more, gap.count) == (MAX_NAMED, more, count)


@pytest.mark.parametrize(("without_result", "expected"), [([], 0), (["b", "a"], 2)])
def test_databases_without_a_result_are_a_gap_without_verdicts(
    without_result: Sequence[str], expected: int
) -> None:
    found = collect_gaps([], without_result)

    assert sum(gap.count for gap in found) == expected
    assert {(gap.reason, gap.checks) for gap in found} <= {(BATCH_FAILED, 0)}


def test_there_is_no_gap_if_everything_was_assessed() -> None:
    assert collect_gaps([database_result(good(database()))], []) == ()
