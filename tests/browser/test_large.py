"""An account of a thousand databases in a bad state."""

import time
from dataclasses import replace

import pytest

from rds_tls_audit.html_report.render import MAX_BYTES, render_report
from tests.browser.conftest import Look
from tests.unit.html_report.large_fleets import large

MAX_SECONDS = 2.0
ATTEMPTS = 5
"""The best counts: others share the machine."""


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


def test_its_page_opens_within_two_seconds(look: Look) -> None:
    posture = large()
    seconds = []
    for _ in range(ATTEMPTS):
        sight = look(posture)
        seconds.append(
            sight.evaluate("performance.timing.loadEventEnd - performance.timing.navigationStart")
            / 1000
        )
        if seconds[-1] < MAX_SECONDS:
            break

    assert min(seconds) < MAX_SECONDS


def test_its_filter_answers_at_once(look: Look) -> None:
    sight = look(large(sharing=1))
    begin = time.monotonic()
    sight.get_by_label("Text", exact=True).fill("service-0007")

    assert sight.locator("#filter-count").inner_text() == "1 of 1,000 databases"
    assert time.monotonic() - begin < MAX_SECONDS
