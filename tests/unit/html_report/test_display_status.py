"""The display status, the order of databases, and the headline."""

from collections.abc import Mapping

import pytest

from rds_tls_audit.checks.verdict import Status
from rds_tls_audit.html_report.display_status import (
    DisplayStatus,
    sort_cells,
    sort_rows,
    worst_status_of,
)
from rds_tls_audit.html_report.headline import headline
from rds_tls_audit.html_report.posture import DatabaseRow
from tests.unit.html_report.posture_examples import blind, cell, cells, failing, row

ACCEPTED = cell("force-ssl", Status.FAILED, "accepted until 2026-06-30", accepted=True)
WORST_FIRST = (
    row("a-high-and-a-medium", *failing("plaintext-refused", "force-ssl")),
    row("a-high", *failing("plaintext-refused")),
    row("a-medium-and-a-warning", *failing("force-ssl", "certificate-current")),
    row("a-medium", *failing("force-ssl")),
    row("b-medium", *failing("force-ssl")),
    row("warning", *failing("certificate-current")),
    row("unknown", *blind("no answer")),
    row("accepted", *cells(ACCEPTED)),
    row("passed", *cells()),
)


def test_databases_are_sorted_worst_first() -> None:
    assert sort_rows(reversed(WORST_FIRST)) == list(WORST_FIRST)


@pytest.mark.parametrize(
    ("database", "status"),
    [
        pytest.param(WORST_FIRST[0], DisplayStatus.FAILED, id="failed"),
        pytest.param(
            WORST_FIRST[-2], DisplayStatus.ACCEPTED, id="an accepted risk is not an open failure"
        ),
        pytest.param(WORST_FIRST[-1], DisplayStatus.PASSED, id="passed"),
        pytest.param(row("silent"), DisplayStatus.UNKNOWN, id="without a verdict"),
    ],
)
def test_a_database_has_the_status_of_its_worst_verdict(
    database: DatabaseRow, status: DisplayStatus
) -> None:
    assert worst_status_of(database) is status


def test_verdicts_are_sorted_worst_first_then_in_the_order_of_the_checks() -> None:
    found = sort_cells(row("orders", *failing("certificate-current", "plaintext-refused")))

    assert [cell.check for cell in found[:3]] == [
        "plaintext-refused",
        "certificate-current",
        "force-ssl",
    ]


@pytest.mark.parametrize(
    ("counts", "sentence"),
    [
        pytest.param({}, "No database was audited.", id="nothing"),
        pytest.param(
            {DisplayStatus.FAILED: 7, DisplayStatus.WARNING: 2, DisplayStatus.PASSED: 39},
            "7 of 48 databases fail at least one check.",
            id="failures before warnings",
        ),
        pytest.param(
            {DisplayStatus.FAILED: 1}, "1 of 1 database fails at least one check.", id="one failure"
        ),
        pytest.param(
            {DisplayStatus.WARNING: 1, DisplayStatus.UNKNOWN: 4},
            "No check failed, but 1 of 5 databases has a warning.",
            id="a warning",
        ),
        pytest.param(
            {DisplayStatus.UNKNOWN: 4, DisplayStatus.PASSED: 1},
            "No check failed, but 4 of 5 databases could not be fully assessed.",
            id="unknown is not passed",
        ),
        pytest.param(
            {DisplayStatus.ACCEPTED: 1, DisplayStatus.PASSED: 4},
            "All 5 databases pass every check except for accepted risks.",
            id="accepted is not passed",
        ),
        pytest.param({DisplayStatus.PASSED: 5}, "All 5 databases pass every check.", id="all"),
        pytest.param(
            {DisplayStatus.PASSED: 1},
            "The only database passes every check.",
            id="the only database",
        ),
    ],
)
def test_the_headline_names_the_worst_status(
    counts: Mapping[DisplayStatus, int], sentence: str
) -> None:
    assert headline(counts, whole=True) == sentence


@pytest.mark.parametrize(
    ("counts", "sentence"),
    [
        ({DisplayStatus.PASSED: 5}, "All 5 databases with a result pass every check."),
        ({DisplayStatus.PASSED: 1}, "The only database with a result passes every check."),
        ({DisplayStatus.FAILED: 2}, "2 of the 2 databases with a result fail at least one check."),
    ],
)
def test_the_headline_of_an_incomplete_run_never_claims_all_databases(
    counts: Mapping[DisplayStatus, int], sentence: str
) -> None:
    assert headline(counts, whole=False) == sentence
