"""An account of a thousand databases in a bad state."""

from dataclasses import replace

import pytest
from playwright.sync_api import expect

from rds_tls_audit.html_report.render import MAX_BYTES, render_report
from tests.browser.conftest import Look
from tests.unit.html_report.large_fleets import large


@pytest.mark.parametrize("sharing", [1, 4, 1000])
def test_its_page_stays_below_three_megabytes(sharing: int) -> None:
    assert len(render_report(large(sharing=sharing)).encode()) <= MAX_BYTES


def test_reasons_that_make_it_too_large_are_cut_and_that_is_said() -> None:
    posture = large()
    wordy = [
        replace(row, verdicts=tuple(replace(it, because=it.because * 9) for it in row.verdicts))
        for row in posture.databases
    ]

    written = render_report(replace(posture, databases=tuple(wordy)))

    assert len(written.encode()) <= MAX_BYTES
    assert "Reasons end after" in written
    assert "Reasons end after" not in render_report(large(10))


def test_its_page_opens_with_every_database(look: Look) -> None:
    expect(look(large()).locator("#filter-count")).to_have_text("1,000 of 1,000 databases")


def test_its_filter_finds_one_of_a_thousand(look: Look) -> None:
    sight = look(large(sharing=1))
    sight.get_by_label("Text", exact=True).fill("service-0007")

    expect(sight.locator("#filter-count")).to_have_text("1 of 1,000 databases")
