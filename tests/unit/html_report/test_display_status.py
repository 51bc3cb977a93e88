"""Worst first, and the posture in one sentence."""

from collections.abc import Mapping

import pytest

from rds_tls_audit.checks.verdict import Status
from rds_tls_audit.html_report.display_status import (
    DisplayStatus,
    cells_worst_first,
    worst_first,
    worst_of,
)
from rds_tls_audit.html_report.headline import headline
from rds_tls_audit.html_report.posture import Row
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
    row("all-well", *cells()),
)


def test_databases_come_worst_first() -> None:
    assert worst_first(reversed(WORST_FIRST)) == list(WORST_FIRST)


@pytest.mark.parametrize(
    ("database", "standing"),
    [
        pytest.param(WORST_FIRST[0], DisplayStatus.FAILED, id="failed"),
        pytest.param(WORST_FIRST[-2], DisplayStatus.ACCEPTED, id="accepted is no open failure"),
        pytest.param(WORST_FIRST[-1], DisplayStatus.PASSED, id="passed"),
        pytest.param(row("silent"), DisplayStatus.UNKNOWN, id="without a verdict"),
    ],
)
def test_a_database_stands_as_its_worst_verdict(database: Row, standing: DisplayStatus) -> None:
    assert worst_of(database) is standing


def test_verdicts_of_a_database_come_worst_first_else_in_the_order_of_the_checks() -> None:
    found = cells_worst_first(row("it", *failing("certificate-current", "plaintext-refused")))

    assert [it.check for it in found[:3]] == [
        "plaintext-refused",
        "certificate-current",
        "force-ssl",
    ]


@pytest.mark.parametrize(
    ("standings", "told"),
    [
        pytest.param({}, "No database was judged.", id="nothing"),
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
            "No check failed; 1 of 5 databases carries a warning.",
            id="a warning",
        ),
        pytest.param(
            {DisplayStatus.UNKNOWN: 4, DisplayStatus.PASSED: 1},
            "No check failed, but 4 of 5 databases could not be fully assessed.",
            id="not seen is not passed",
        ),
        pytest.param(
            {DisplayStatus.ACCEPTED: 1, DisplayStatus.PASSED: 4},
            "All 5 databases pass every check, but for accepted risks.",
            id="accepted is not passed",
        ),
        pytest.param({DisplayStatus.PASSED: 5}, "All 5 databases pass every check.", id="all"),
        pytest.param(
            {DisplayStatus.PASSED: 1}, "The only database passes every check.", id="the one"
        ),
    ],
)
def test_the_sentence_tells_the_worst(standings: Mapping[DisplayStatus, int], told: str) -> None:
    assert headline(standings, whole=True) == told


@pytest.mark.parametrize(
    ("standings", "told"),
    [
        ({DisplayStatus.PASSED: 5}, "All 5 databases with a result pass every check."),
        ({DisplayStatus.PASSED: 1}, "The only database with a result passes every check."),
        ({DisplayStatus.FAILED: 2}, "2 of the 2 databases with a result fail at least one check."),
    ],
)
def test_a_run_that_did_not_see_all_never_speaks_of_all(
    standings: Mapping[DisplayStatus, int], told: str
) -> None:
    assert headline(standings, whole=False) == told
