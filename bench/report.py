"""How the report of a thousand databases opens in a browser, to that of ten."""

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
    """Measure, and give a line for each ratio."""
    found = next(filter(None, map(shutil.which, _NAMES)), None)
    if found is None:
        yield "not measured: there is no Chromium"
        return
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as directory:
        browser = playwright.chromium.launch(executable_path=found, timeout=_HANG_MILLISECONDS)
        sight = browser.new_context(offline=True).new_page()
        sight.set_default_timeout(_HANG_MILLISECONDS)
        files = {count: _written(Path(directory), count) for count in (10, 1_000)}
        few, many = (min(_opening(sight, files[count]) for _ in range(_ROUNDS)) for count in files)
        filtering = min(_filtering(sight) for _ in range(_ROUNDS))
        browser.close()
    yield (
        f"that of 1,000 databases opens in {many / few:.1f} times the time of that of 10 "
        f"({many:.0f} ms to {few:.0f} ms)"
    )
    yield (
        f"its filter answers in {filtering / many:.2f} times the time that it takes to open "
        f"({filtering:.0f} ms)"
    )


def _written(directory: Path, count: int) -> Path:
    file = directory / f"{count}.html"
    file.write_text(render_report(large(count)), encoding="utf-8")
    return file


def _opening(sight: Page, file: Path) -> float:
    sight.goto(file.as_uri())
    return float(sight.evaluate(_LOADED))


def _filtering(sight: Page) -> float:
    """Measure the milliseconds until the render_report shows one of all; it is left as it was."""
    count = sight.locator("#filter-count")
    begin = time.monotonic()
    sight.get_by_label("Text", exact=True).fill("service-0007")
    count.get_by_text("1 of 1,000 databases").wait_for()
    milliseconds = (time.monotonic() - begin) * 1000
    sight.get_by_label("Text", exact=True).fill("")
    return milliseconds
