"""The report as text: complete, escaped, bounded, and self-contained."""

import base64
import hashlib
import re

import pytest

from rds_tls_audit.checks.registry import all_checks
from rds_tls_audit.checks.verdict import Status
from rds_tls_audit.html_report.posture import DatabaseRow
from rds_tls_audit.html_report.render import MAX_LISTED, render_report
from rds_tls_audit.html_report.shorten import shorten_reasons
from rds_tls_audit.html_report.trend import MAX_RUNS
from tests.unit.html_report.posture_examples import (
    NOT_PASSED,
    RUN_ID,
    cell,
    cells,
    failing,
    posture,
    row,
    small,
)
from tests.unit.html_report.report_reader import Reader


def test_the_report_contains_everything_that_is_known() -> None:
    text = Reader(render_report(small())).text

    for part in (
        "2 of the 8 databases with a result fail at least one check.",
        "123456789012",
        "eu-central-1",
        "2026-03-01 06:00 UTC",
        "full-2026-03-01",
        "3 databases, not audited",
        "rds.force_ssl is 0 in parameter group pg14-clear",
        "HOST=orders-prod.",
        "1 check these first",
        "etl (nightly-load) at 10.0.3.17",
        "2026-03-01 02:00 UTC",
        "unless it uses sslmode=allow",
        "pgjdbc: ?sslmode=verify-full",
        "75% of the sessions that were opened",
        "1 minute every hour",
        "Set rds.force_ssl to 1 in parameter group pg14-clear",
        "Set rds.force_ssl to 0 in parameter group pg14-clear",
        "A major version upgrade to PostgreSQL 15 or later",
        "/aws/rds/instance/orders-prod/postgresql",
        "| stats count(*) as connections",
        "archive: no login: no secret tag",
        "accepted until 2026-06-30 (SEC-114)",
        "its end date was 2026-01-31",
        "staging-7",
        *(check.remedy for check in all_checks()),
    ):
        assert part in text


def test_the_policy_allows_only_the_reports_own_style_and_script() -> None:
    html = render_report(small())
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', html)

    assert policy is not None
    for tag in ("style", "script"):
        inline = re.search(rf"<{tag}>(.*?)</{tag}>", html, re.DOTALL)
        assert inline is not None
        digest = hashlib.sha256(inline.group(1).encode()).digest()
        assert f"{tag}-src &#39;sha256-{base64.b64encode(digest).decode()}&#39;" in policy.group(1)
    assert policy.group(1).startswith("default-src &#39;none&#39;")


def test_nothing_is_fetched() -> None:
    html = render_report(small())

    assert Reader(html).attributes & {"src", "srcset", "style", "onclick", "onload"} == set()
    assert re.findall(r'href="?([^#"][^">]*)', html) == []
    assert "url(" not in html
    assert "@import" not in html


def test_a_remedy_appears_once_however_many_databases_need_it() -> None:
    remedy = next(check.remedy for check in all_checks() if check.id == "force-ssl")
    rows = tuple(row(f"orders-{number}", *failing(*NOT_PASSED)) for number in range(5))

    assert Reader(render_report(posture(databases=rows))).text.count(remedy) == 1


def test_an_incomplete_list_says_so() -> None:
    assert "This list is incomplete." in render_report(posture(complete=False))
    assert "This list is incomplete." not in render_report(posture())


def test_an_empty_posture_makes_a_complete_report() -> None:
    text = Reader(render_report(posture())).text

    assert "No database was audited." in text
    assert "No database has a result." in text
    assert "No parameter group was assessed." in text
    assert "There was nothing to assess." in text


def test_a_complete_audit_without_failures_says_so() -> None:
    text = Reader(render_report(posture(databases=(row("orders", *cells()),)))).text

    assert "The only database passes every check." in text
    assert "Every check was assessed for every database." in text


@pytest.mark.parametrize("number", [MAX_LISTED, MAX_LISTED + 1])
def test_lists_are_bounded(number: int) -> None:
    accepted = cell("force-ssl", Status.FAILED, "accepted", accepted=True)
    rows = tuple(row(f"old-{index}", *cells(accepted)) for index in range(number))
    problems = tuple(f"problem {index}" for index in range(number))

    text = Reader(render_report(posture(databases=rows, tag_problems=problems))).text

    assert ("and 1 more database" in text) == (number > MAX_LISTED)
    assert ("and 1 more\n" in text) == (number > MAX_LISTED)


@pytest.mark.parametrize(("earlier", "lines"), [(0, 0), (1, 4)])
def test_the_first_run_draws_no_line(earlier: int, lines: int) -> None:
    assert Reader(render_report(posture(earlier=earlier))).tags.count("polyline") == lines


@pytest.mark.parametrize("earlier", [1, MAX_RUNS - 1, MAX_RUNS, MAX_RUNS + 5])
def test_the_last_thirty_runs_are_drawn_with_the_current_run_last(earlier: int) -> None:
    html = render_report(
        posture(databases=(row("orders", *failing("force-ssl")),), earlier=earlier)
    )
    failed, *_ = re.findall("<svg viewBox.*?</svg>", html, re.DOTALL)
    dots = re.findall(r"<title>(\S+) 06:00 UTC: (\d+)</title>", failed)

    assert f"over the last {min(earlier + 1, MAX_RUNS)} full runs" in html
    assert len(dots) == min(earlier + 1, MAX_RUNS)
    assert dots == sorted(dots)
    assert dots[-1] == ("2026-03-01", "1")


def test_a_report_with_cut_reasons_says_where_the_complete_ones_are() -> None:
    text = Reader(render_report(shorten_reasons(small(), 20))).text

    assert "reasons are cut to 20 characters" in text
    assert f"runs/{RUN_ID}/results/" in text
    assert "reasons are cut" not in Reader(render_report(small())).text


def test_the_most_urgent_assessments_come_first() -> None:
    html = render_report(small())
    groups = re.findall("<h3><bdi>[a-z ]*group (.*)</bdi></h3>", html)

    assert groups == ["pg14-clear", "default.postgres14", "pg17", "aurora16"]


def test_the_specific_next_step_of_a_database_is_in_its_row() -> None:
    verdict = cell("force-ssl", Status.FAILED, "it is 0", advice="Set it in pg16, used by 2.")
    text = Reader(render_report(posture(databases=(row("orders", *cells(verdict)),)))).text

    assert "Next step Set it in pg16, used by 2." in text


@pytest.mark.parametrize(
    ("database", "text"),
    [
        (row("a", *cells(), log_connections=True), "logged in, log_connections on"),
        (row("a", *cells(), log_connections=False), "logged in, log_connections off"),
        (row("a", *cells(), logged_in=False, proxied=True), "no login, behind an RDS Proxy"),
    ],
    ids=["logs", "no logs", "proxy"],
)
def test_a_row_shows_how_the_audit_reached_the_database(database: DatabaseRow, text: str) -> None:
    assert text in Reader(render_report(posture(databases=(database,)))).text


def test_a_row_and_its_assessment_link_to_each_other() -> None:
    html = render_report(small())

    assert "<a href=#answer-1>check these first</a>" in html
    assert "<a href=#db-1><bdi>orders-prod</bdi></a>" in html
    assert "id=answer-1>" in html
    assert "id=db-1>" in html
