"""The report of a thousand databases, most of which fail checks."""

from dataclasses import replace

import pytest
from playwright.sync_api import expect

from rds_tls_audit.html_report.render import MAX_BYTES, render_report
from tests.browser.conftest import OpenReport
from tests.unit.html_report.large_fleets import large


@pytest.mark.parametrize("sharing", [1, 4, 1000])
def test_the_report_stays_below_three_megabytes(sharing: int) -> None:
    assert len(render_report(large(sharing=sharing)).encode()) <= MAX_BYTES


def test_reasons_that_make_the_report_too_large_are_cut_and_the_report_says_so() -> None:
    posture = large()
    long_reasons = [
        replace(
            row, verdicts=tuple(replace(cell, because=cell.because * 9) for cell in row.verdicts)
        )
        for row in posture.databases
    ]

    html = render_report(replace(posture, databases=tuple(long_reasons)))

    assert len(html.encode()) <= MAX_BYTES
    assert "reasons are cut to" in html
    assert "reasons are cut to" not in render_report(large(10))


def test_the_report_opens_with_every_database(open_report: OpenReport) -> None:
    expect(open_report(large()).locator("#filter-count")).to_have_text("1,000 of 1,000 databases")


def test_the_filter_finds_one_of_a_thousand(open_report: OpenReport) -> None:
    page = open_report(large(sharing=1))
    page.get_by_label("Text", exact=True).fill("service-0007")

    expect(page.locator("#filter-count")).to_have_text("1 of 1,000 databases")
