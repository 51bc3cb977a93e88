"""The report by keyboard, in dark mode, on a phone, printed, and without script."""

from dataclasses import replace

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenReport
from tests.unit.html_report.posture_examples import HOSTILE, LONG, failing, row, small
from tests.unit.html_report.readiness_examples import assessment_saying

REASON = "2 of 14 sessions are unencrypted"
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
def test_the_keyboard_opens_a_row(open_report: OpenReport, key: str) -> None:
    page = open_report(small())
    page.locator("#filter-owner").focus()
    tab_to(page, "summary")
    page.keyboard.press(key)

    expect(page.get_by_text(REASON)).to_be_visible()


def test_the_first_tab_skips_to_the_databases(open_report: OpenReport) -> None:
    page = open_report(small())
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the databases")).to_be_focused()
    page.keyboard.press("Enter")

    assert page.evaluate("location.hash") == "#databases"


def test_the_keyboard_selects_a_status(open_report: OpenReport) -> None:
    page = open_report(small())
    page.get_by_label("Text", exact=True).focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Space")

    expect(page.locator("#filter-count")).to_have_text("2 of 8 databases")


def test_the_report_follows_the_color_scheme(open_report: OpenReport) -> None:
    assert open_report(small(), color_scheme="dark").evaluate(BRIGHTNESS) < 40
    assert open_report(small(), color_scheme="light").evaluate(BRIGHTNESS) > 230


@pytest.mark.parametrize("width", [320, 375, 740, 900, 1280])
def test_the_report_never_scrolls_sideways(open_report: OpenReport, width: int) -> None:
    long = row(LONG, *failing("force-ssl"), owner=LONG, cluster=LONG, arn=LONG)
    posture = small(long)
    posture = replace(
        posture,
        run=replace(posture.run, run_id=LONG),
        assessments=(assessment_saying(LONG), *posture.assessments),
        tag_problems=(LONG,),
    )
    page = open_report(posture, viewport={"width": width, "height": 800})
    page.evaluate("for (const row of document.querySelectorAll('details')) row.open = true")

    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_phone_names_only_the_checks_that_did_not_pass(open_report: OpenReport) -> None:
    page = open_report(small(), viewport={"width": 375, "height": 800})
    first = page.locator("#matrix tbody").first

    expect(first.get_by_text("plaintext-refused failed")).to_be_visible()
    expect(first.locator(".cells td:not([class])").first).to_be_hidden()
    expect(first.locator("summary")).to_contain_text("7 passed")


def test_the_names_of_the_checks_stay_visible(open_report: OpenReport) -> None:
    page = open_report(small(), viewport={"width": 1280, "height": 400})
    page.locator("#matrix tbody").last.scroll_into_view_if_needed()

    expect(page.get_by_role("columnheader", name="plaintext-refused")).to_be_in_viewport()


def test_a_printed_report_shows_closed_details_and_no_filter(open_report: OpenReport) -> None:
    page = open_report(small())
    expect(page.get_by_text(REASON)).to_be_hidden()
    page.emulate_media(media="print")

    expect(page.get_by_text(REASON)).to_be_visible()
    expect(page.get_by_text("Set rds.force_ssl to 0 in parameter group pg14-clear")).to_be_visible()
    expect(page.get_by_text("Npgsql: SSL Mode=VerifyFull").first).to_be_visible()
    expect(page.get_by_role("columnheader", name="plaintext-refused")).to_be_visible()
    expect(page.locator("#filter")).to_be_hidden()


def test_the_report_is_complete_without_script(open_report: OpenReport) -> None:
    page = open_report(small(row(HOSTILE, *failing("force-ssl"))), java_script_enabled=False)
    expect(page.locator("#filter")).to_be_hidden()
    page.locator("#matrix summary").first.click()

    expect(page.get_by_text(REASON)).to_be_visible()
    expect(page.locator("#check-1 .remedy")).to_contain_text("set rds.force_ssl to 1")
    expect(page.locator("#by-hand")).to_contain_text("sslmode=disable")
    expect(page.get_by_text("etl (nightly-load) at 10.0.3.17")).to_be_visible()
    expect(page.locator("#matrix tbody")).to_have_count(9)


def test_a_link_to_a_database_opens_its_row_without_script(open_report: OpenReport) -> None:
    page = open_report(small(), java_script_enabled=False)

    page.locator("#accepted").get_by_role("link", name="old-crm").click()

    expect(page.get_by_role("definition").filter(has_text="db:old-crm")).to_be_visible()
