"""By keyboard, in the dark, on a phone, on paper, and without script."""

from dataclasses import replace

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Look
from tests.unit.html_report.posture_examples import HOSTILE, LONG, failing, row, small
from tests.unit.html_report.readiness_examples import saying

REASON = "2 of 14 sessions in clear"
FOCUSED = "document.activeElement.localName"
BRIGHTNESS = """() => {
  const [red, green, blue] = getComputedStyle(document.body).backgroundColor.match(/\\d+/g);
  return (Number(red) + Number(green) + Number(blue)) / 3;
}"""


def tab_to(page: Page, name: str) -> None:
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate(FOCUSED) == name:
            return
    raise AssertionError(f"no Tab reaches a {name}")


@pytest.mark.parametrize("key", ["Enter", "Space"])
def test_the_keyboard_opens_a_row(look: Look, key: str) -> None:
    page = look(small())
    page.locator("#filter-owner").focus()
    tab_to(page, "summary")
    page.keyboard.press(key)

    expect(page.get_by_text(REASON)).to_be_visible()


def test_the_first_tab_leads_past_everything_to_the_databases(look: Look) -> None:
    page = look(small())
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the databases")).to_be_focused()
    page.keyboard.press("Enter")

    assert page.evaluate("location.hash") == "#databases"


def test_the_keyboard_ticks_a_status(look: Look) -> None:
    page = look(small())
    page.get_by_label("Text", exact=True).focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Space")

    expect(page.locator("#filter-count")).to_have_text("2 of 8 databases")


def test_dark_is_dark_and_light_is_light(look: Look) -> None:
    assert look(small(), color_scheme="dark").evaluate(BRIGHTNESS) < 40
    assert look(small(), color_scheme="light").evaluate(BRIGHTNESS) > 230


@pytest.mark.parametrize("width", [320, 375, 740, 900, 1280])
def test_the_page_never_scrolls_sideways(look: Look, width: int) -> None:
    long = row(LONG, *failing("force-ssl"), owner=LONG, cluster=LONG, arn=LONG)
    told = small(long)
    told = replace(
        told, assessments=(saying(LONG), *told.assessments), problems=(LONG,), run_id=LONG
    )
    page = look(told, viewport={"width": width, "height": 800})
    page.evaluate("for (const it of document.querySelectorAll('details')) it.open = true")

    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_phone_names_what_is_not_well_and_leaves_out_what_is(look: Look) -> None:
    page = look(small(), viewport={"width": 375, "height": 800})
    first = page.locator("#matrix tbody").first

    expect(first.get_by_text("plaintext-refused failed")).to_be_visible()
    expect(first.locator(".cells td:not([class])").first).to_be_hidden()
    expect(first.locator("summary")).to_contain_text("7 passed")


def test_the_names_of_the_checks_stay_in_sight(look: Look) -> None:
    page = look(small(), viewport={"width": 1280, "height": 400})
    page.locator("#matrix tbody").last.scroll_into_view_if_needed()

    expect(page.get_by_role("columnheader", name="plaintext-refused")).to_be_in_viewport()


def test_paper_shows_what_is_closed_and_no_filter(look: Look) -> None:
    page = look(small())
    expect(page.get_by_text(REASON)).to_be_hidden()
    page.emulate_media(media="print")

    expect(page.get_by_text(REASON)).to_be_visible()
    expect(page.get_by_text("Set rds.force_ssl to 0 in parameter group pg14-clear")).to_be_visible()
    expect(page.get_by_text("Npgsql: SSL Mode=VerifyFull").first).to_be_visible()
    expect(page.get_by_role("columnheader", name="plaintext-refused")).to_be_visible()
    expect(page.locator("#filter")).to_be_hidden()


def test_without_script_the_page_is_whole(look: Look) -> None:
    page = look(small(row(HOSTILE, *failing("force-ssl"))), java_script_enabled=False)
    expect(page.locator("#filter")).to_be_hidden()
    page.locator("#matrix summary").first.click()

    expect(page.get_by_text(REASON)).to_be_visible()
    expect(page.locator("#check-1 .remedy")).to_contain_text("Set rds.force_ssl to 1")
    expect(page.locator("#by-hand")).to_contain_text("sslmode=disable")
    expect(page.get_by_text("etl (nightly-load) at 10.0.3.17")).to_be_visible()
    expect(page.locator("#matrix tbody")).to_have_count(9)


def test_without_script_a_link_to_a_database_opens_its_row_too(look: Look) -> None:
    page = look(small(), java_script_enabled=False)

    page.locator("#accepted").get_by_role("link", name="old-crm").click()

    expect(page.get_by_role("definition").filter(has_text="db:old-crm")).to_be_visible()
