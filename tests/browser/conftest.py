"""A browser to look at pages with; a page that complains or calls out fails its test."""

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

type Look = Callable[..., Page]
"""Takes a posture and options of a browser context."""

PATIENCE_MILLISECONDS = 300_000
_NAMES = ("chromium", "chromium-browser", "google-chrome")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for reason in sorted(_skipped):
        terminalreporter.section("The page was not fully tested", red=True)
        terminalreporter.write_line(reason)


def skip_loudly(reason: str) -> None:
    """Skip, and say so at the end even where nobody asks for the reasons."""
    _skipped.add(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    found = next(filter(None, map(shutil.which, _NAMES)), None)
    if found is None:
        skip_loudly("no browser: install Chromium (Debian and Ubuntu: apt-get install chromium)")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=found, timeout=PATIENCE_MILLISECONDS)
        expect.set_options(timeout=PATIENCE_MILLISECONDS)
        yield running
        running.close()


@pytest.fixture
def look(browser: Browser, tmp_path: Path) -> Iterator[Look]:
    """Opens the page of a posture from disk, without a network."""
    complaints: list[str] = []
    with ExitStack() as stack:

        def opened(posture: Posture, **options: Any) -> Page:  # noqa: ANN401 - playwright's own
            file = tmp_path / "report.html"
            file.write_text(render_report(posture), encoding="utf-8")
            context = browser.new_context(offline=True, **options)
            stack.callback(context.close)
            context.set_default_timeout(PATIENCE_MILLISECONDS)
            sight = context.new_page()
            sight.on("console", lambda message: complaints.append(message.text))
            sight.on("pageerror", lambda error: complaints.append(str(error)))
            sight.on("dialog", lambda dialog: complaints.append(dialog.message))
            address = file.as_uri()
            sight.on(
                "request",
                lambda request: (
                    None
                    if request.url.partition("#")[0] == address
                    else complaints.append(request.url)
                ),
            )
            sight.goto(address)
            return sight

        yield opened
    assert complaints == []
