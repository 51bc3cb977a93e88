"""Measures how a browser opens the report of a thousand databases, compared to that of ten."""

import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from rds_tls_audit.html_report.render import render_report
from tests.unit.html_report.large_fleets import large

_ROUNDS = 5
_NAMES = ("chromium", "chromium-browser", "google-chrome")
_LOADED = "performance.timing.loadEventEnd - performance.timing.navigationStart"
_HANG_MILLISECONDS = 300_000


def lines() -> Iterator[str]:
    """Measure, and return a line for each ratio."""
    found = next(filter(None, map(shutil.which, _NAMES)), None)
    if found is None:
        yield "not measured, because Chromium is not installed"
        return
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as directory:
        browser = playwright.chromium.launch(executable_path=found, timeout=_HANG_MILLISECONDS)
        page = browser.new_context(offline=True).new_page()
        page.set_default_timeout(_HANG_MILLISECONDS)
        files = {count: _write(Path(directory), count) for count in (10, 1_000)}
        few, many = (
            min(_measure_opening(page, files[count]) for _ in range(_ROUNDS)) for count in files
        )
        filtering = min(_measure_filter(page) for _ in range(_ROUNDS))
        browser.close()
    yield (
        f"the report of 1,000 databases takes {many / few:.1f} times as long to open as that of 10 "
        f"({many:.0f} ms to {few:.0f} ms)"
    )
    yield (
        f"its filter takes {filtering / many:.2f} times as long as opening the report "
        f"({filtering:.0f} ms)"
    )


def _write(directory: Path, count: int) -> Path:
    file = directory / f"{count}.html"
    file.write_text(render_report(large(count)), encoding="utf-8")
    return file


def _measure_opening(page: Page, file: Path) -> float:
    page.goto(file.as_uri())
    return float(page.evaluate(_LOADED))


def _measure_filter(page: Page) -> float:
    """Measure the milliseconds until the filter shows one database; the filter is reset."""
    count = page.locator("#filter-count")
    begin = time.monotonic()
    page.get_by_label("Text", exact=True).fill("service-0007")
    count.get_by_text("1 of 1,000 databases").wait_for()
    milliseconds = (time.monotonic() - begin) * 1000
    page.get_by_label("Text", exact=True).fill("")
    return milliseconds
