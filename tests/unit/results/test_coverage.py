"""The coverage verdict of an account: how many databases are affected, and for which reasons."""

from dataclasses import replace

import pytest

from rds_tls_audit.checks.registry import all_checks
from rds_tls_audit.checks.verdict import Status
from rds_tls_audit.findings.resource import account_resource
from rds_tls_audit.results.coverage import COVERAGE, MAX_REASONS, evaluate_coverage
from rds_tls_audit.results.gaps import Gap
from tests.support.builders import database


def gap(reason: str = "timed out", named: int = 1, more: int = 0) -> Gap:
    names = tuple(f"shop-{number}" for number in range(named))
    return Gap(reason=reason, databases=names, more=more, checks=9)


def test_an_account_without_gaps_passes() -> None:
    verdict = evaluate_coverage(12, [], []).verdict

    assert verdict.status is Status.PASSED
    assert "12 databases" in verdict.because


@pytest.mark.parametrize(
    ("gaps", "reasons"),
    [
        ([gap()], "timed out (1 database: shop-0)"),
        ([gap(named=20, more=180)], "timed out (200 databases, including shop-0)"),
        (
            [gap(), gap("denied", 2)],
            "timed out (1 database: shop-0); denied (2 databases, including shop-0)",
        ),
        (
            [gap(str(number)) for number in range(MAX_REASONS)],
            "; ".join(f"{number} (1 database: shop-0)" for number in range(MAX_REASONS)),
        ),
    ],
    ids=["one", "many", "two-reasons", "as-many-as-fit"],
)
def test_each_reason_is_listed_with_the_number_of_its_databases(
    gaps: list[Gap], reasons: str
) -> None:
    verdict = evaluate_coverage(250, ["shop-0", "shop-1"], gaps).verdict

    assert verdict.status is Status.WARNING
    assert "2 of 250 databases" in verdict.because
    assert verdict.because.endswith(f": {reasons}")


def test_reasons_that_do_not_fit_are_counted() -> None:
    gaps = [gap(str(number)) for number in range(MAX_REASONS + 2)]

    assert evaluate_coverage(9, ["shop-0"], gaps).verdict.because.endswith("; and 2 more reasons")


def test_the_fingerprint_changes_if_other_databases_are_affected() -> None:
    def of(*names: str, reason: str = "timed out") -> tuple[str, ...]:
        return evaluate_coverage(9, names, [gap(reason)]).verdict.fingerprint

    assert of("a", "b") == of("b", "a") == of("a", "b", reason="denied")
    assert of("a", "b") != of("a")
    assert of("ab") != of("a", "b")


def test_coverage_is_not_a_check_of_the_catalog() -> None:
    assert COVERAGE not in all_checks()
    assert COVERAGE.id not in {check.id for check in all_checks()}


def test_the_longest_reasons_fit_into_a_description() -> None:
    gaps = [
        replace(gap(f"{number}{'r' * 400}", 9), databases=("n" * 63,) * 9)
        for number in range(MAX_REASONS)
    ]

    assert len(evaluate_coverage(9, ["shop-0"], gaps).verdict.because) < 1024


def test_the_resource_of_the_coverage_finding_is_the_account() -> None:
    resource = account_resource(database().location)

    assert (resource.type, resource.resource_id) == ("AwsAccount", "123456789012")
    assert resource.arn == "AWS::::Account:123456789012"
