"""The filter: by text, status, check, and owner, with the number of matching databases."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenReport
from tests.unit.html_report.posture_examples import small


@pytest.fixture
def page(open_report: OpenReport) -> Page:
    return open_report(small())


def shown(page: Page) -> list[str]:
    return page.locator("#matrix tbody:visible th").all_text_contents()


def test_all_databases_are_shown_initially(page: Page) -> None:
    expect(page.locator("#filter-count")).to_have_text("8 of 8 databases")
    assert len(shown(page)) == 8


@pytest.mark.parametrize(
    ("text", "names"),
    [
        pytest.param("ORDERS-p", ["orders-prod"], id="name, ignoring case"),
        pytest.param("aurora ledger", ["ledger-1", "ledger-2"], id="all words"),
        pytest.param("nightly-load", ["orders-prod"], id="a reason"),
        pytest.param("nowhere", [], id="nothing"),
    ],
)
def test_the_filter_finds_text(page: Page, text: str, names: list[str]) -> None:
    page.get_by_label("Text", exact=True).fill(text)

    assert shown(page) == names
    expect(page.locator("#filter-count")).to_have_text(f"{len(names)} of 8 databases")
    expect(page.get_by_text("No database matches the filter.")).to_be_visible(visible=not names)


def test_the_filter_finds_one_status_or_several(page: Page) -> None:
    page.get_by_role("checkbox", name="Failed").check()
    assert shown(page) == ["orders-prod", "reports"]

    page.get_by_role("checkbox", name="Accepted").check()
    assert shown(page) == ["orders-prod", "reports", "old-crm"]


def test_passed_requires_every_verdict(page: Page) -> None:
    page.get_by_role("checkbox", name="Passed").check()

    assert shown(page) == ["ledger-1", "ledger-2", "search-prod"]


def test_the_number_of_a_status_is_how_many_databases_it_shows(page: Page) -> None:
    for choice in page.locator(".choice").all():
        choice.locator("input").check()
        assert len(shown(page)) == int(choice.locator(".count").inner_text())
        choice.locator("input").uncheck()


def test_the_filter_finds_a_status_of_one_check(page: Page) -> None:
    page.get_by_role("checkbox", name="Failed").check()
    page.get_by_label("For check", exact=True).select_option("plaintext-refused")

    assert shown(page) == ["orders-prod"]


def test_the_filter_finds_an_owner_or_none(page: Page) -> None:
    page.get_by_label("Owner", exact=True).select_option("payments")
    assert shown(page) == ["billing", "ledger-1", "ledger-2"]

    page.get_by_label("Owner", exact=True).select_option("(no owner)")
    assert shown(page) == ["archive"]


def test_clear_shows_all_databases_again(page: Page) -> None:
    page.get_by_label("Text", exact=True).fill("nowhere")
    page.get_by_role("checkbox", name="Failed").check()
    page.get_by_role("button", name="Clear").click()

    expect(page.locator("#filter-count")).to_have_text("8 of 8 databases")


def test_a_screen_reader_announces_the_number(page: Page) -> None:
    expect(page.locator("#filter-count")).to_have_attribute("aria-live", "polite")
