"""Opens reports in a browser; a report that logs an error or sends a request fails its test."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from rds_tls_audit.html_report.posture import Posture
from rds_tls_audit.html_report.render import render_report

_skipped: set[str] = set()

try:
    from playwright.sync_api import Browser, Page, expect, sync_playwright
except ImportError:
    collect_ignore_glob = ["test_*.py"]
    _skipped.add("playwright is not installed")

type OpenReport = Callable[..., Page]
"""Opens the report of a posture, with options of a browser context."""

TIMEOUT_MILLISECONDS = 300_000
_NAMES = ("chromium", "chromium-browser", "google-chrome")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for reason in sorted(_skipped):
        terminalreporter.section("The HTML report was not fully tested", red=True)
        terminalreporter.write_line(reason)


def skip_loudly(reason: str) -> None:
    """Skip, and report the reason in the summary even without pytest's own option for it."""
    _skipped.add(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    found = next(filter(None, map(shutil.which, _NAMES)), None)
    if found is None:
        skip_loudly(
            "no browser was found; install Chromium (on Debian or Ubuntu: apt-get install chromium)"
        )
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=found, timeout=TIMEOUT_MILLISECONDS)
        expect.set_options(timeout=TIMEOUT_MILLISECONDS)
        yield running
        running.close()


@pytest.fixture
def open_report(browser: Browser, tmp_path: Path) -> Iterator[OpenReport]:
    """Open the report of a posture from disk, without a network."""
    errors: list[str] = []
    with ExitStack() as stack:

        def opened(posture: Posture, **options: Any) -> Page:  # noqa: ANN401 - playwright's own
            file = tmp_path / "report.html"
            file.write_text(render_report(posture), encoding="utf-8")
            context = browser.new_context(offline=True, **options)
            stack.callback(context.close)
            context.set_default_timeout(TIMEOUT_MILLISECONDS)
            page = context.new_page()
            page.on("console", lambda message: errors.append(message.text))
            page.on("pageerror", lambda error: errors.append(str(error)))
            page.on("dialog", lambda dialog: errors.append(dialog.message))
            address = file.as_uri()
            page.on(
                "request",
                lambda request: (
                    None if request.url.partition("#")[0] == address else errors.append(request.url)
                ),
            )
            page.goto(address)
            return page

        yield opened
    assert errors == []
