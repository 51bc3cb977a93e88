"""What a reader sees: the matrix, an opened row, links between sections, and hostile names."""

import re

from playwright.sync_api import expect

from rds_tls_audit.html_report.manual_checks import COMMANDS
from tests.browser.conftest import OpenReport
from tests.unit.html_report.posture_examples import (
    HOSTILE,
    LONG,
    RIGHT_TO_LEFT,
    failing,
    row,
    small,
)

GLYPH = "cell => getComputedStyle(cell, '::before').content"


def test_each_verdict_has_a_glyph_and_a_word(open_report: OpenReport) -> None:
    page = open_report(small())
    cells = page.get_by_role("row", name=re.compile("^orders-prod")).first.get_by_role("cell")

    assert cells.nth(0).evaluate(GLYPH) == '"✗" / ""'
    expect(cells.nth(0)).to_have_text("force-ssl failed")
    assert cells.nth(1).evaluate(GLYPH) == '"✓" / ""'
    expect(cells.nth(1)).to_have_text("passed")


def test_the_worst_database_is_the_first(open_report: OpenReport) -> None:
    page = open_report(small())

    expect(page.locator("#matrix tbody th").first).to_have_text("orders-prod")


def test_an_opened_row_shows_reasons_next_steps_and_commands(open_report: OpenReport) -> None:
    page = open_report(small())
    row = page.locator("#matrix tbody").first
    row.locator("summary").click()

    expect(row).to_contain_text("rds.force_ssl is 0 in parameter group pg14-clear")
    expect(row).to_contain_text("Next step Set rds.force_ssl to 1")
    for reason in row.locator("li.failed, li.warning").all():
        expect(reason.locator(".remedy")).to_have_count(1)
    expect(row).to_contain_text('psql -w "host=orders-prod.')
    expect(row).to_contain_text("port=5432 dbname=postgres user=rds_tls_audit sslmode=disable")
    expect(row.locator("dl")).to_contain_text("logged in")


def test_an_opened_row_shows_the_commands_for_the_checks_that_did_not_pass(
    open_report: OpenReport,
) -> None:
    page = open_report(small())
    failed, *_, passed = page.locator("#matrix tbody").all()
    for opened in (failed, passed):
        opened.locator("summary").click()

    expect(failed.locator(".commands .label")).to_have_text(
        ["plaintext-refused, force-ssl-in-effect", "sessions-encrypted, sessions-modern-tls"]
    )
    expect(passed.locator(".commands .label")).to_have_count(len(COMMANDS))


def test_a_click_selects_a_whole_command(open_report: OpenReport) -> None:
    page = open_report(small())
    line = page.locator("#by-hand pre code").first
    line.click()

    assert page.evaluate("getSelection().toString()").strip() == COMMANDS[0].line


def test_an_assessment_names_its_clients_and_what_each_must_change(open_report: OpenReport) -> None:
    page = open_report(small())
    card = page.locator("#answers > details").first

    expect(card.locator("summary").first).to_contain_text("pg14-clear check these first")
    client = card.get_by_role("row", name="bi_reader")
    expect(client.get_by_role("cell").nth(0)).to_have_text("reports")
    expect(client.get_by_role("cell").nth(1)).to_have_text("2026-02-17 06:00 UTC")
    client.get_by_role("link").click()
    advice = page.locator(f"#{page.evaluate('location.hash.slice(1)')}")
    expect(advice).to_contain_text("unless it uses sslmode=allow")
    expect(advice).to_contain_text("pgjdbc (sslmode=disable or allow, or a version before 42.2.5")
    expect(advice).to_contain_text("?sslmode=verify-full&sslrootcert=global-bundle.pem")


def test_a_row_and_its_assessment_link_to_each_other(open_report: OpenReport) -> None:
    page = open_report(small(), viewport={"width": 1280, "height": 800})
    card = page.locator("#answers > details", has_text="parameter group pg17")
    card.locator("summary").first.click()
    expect(card.get_by_text("35% of the sessions")).to_be_hidden()
    row = page.locator("#matrix tbody").filter(has_text="search-prod")
    row.locator("summary").click()
    row.get_by_role("link", name="safe").click()

    expect(card.get_by_text("35% of the sessions")).to_be_in_viewport()
    row.locator("summary").click()
    card.get_by_role("link", name="search-prod").click()
    expect(row.locator("dl")).to_be_in_viewport()


def test_a_click_anywhere_on_a_row_opens_and_closes_it(open_report: OpenReport) -> None:
    page = open_report(small())
    reason = page.get_by_text("2 of 14 sessions are unencrypted")

    page.locator("#matrix .cells td").first.click()
    expect(reason).to_be_visible()
    page.locator("#matrix .cells td").first.click()
    expect(reason).to_be_hidden()


def test_a_row_opened_twice_shows_everything_once(open_report: OpenReport) -> None:
    page = open_report(small())
    row = page.locator("#matrix tbody").first
    for _ in range(3):
        row.locator("summary").click()

    expect(row.locator(".commands")).to_have_count(1)


def test_a_link_to_a_database_opens_its_row(open_report: OpenReport) -> None:
    page = open_report(small())

    page.locator("#accepted").get_by_role("link", name="old-crm").click()

    expect(page.get_by_role("definition").filter(has_text="db:old-crm")).to_be_visible()


def test_hostile_names_are_harmless_and_readable(open_report: OpenReport) -> None:
    names = (HOSTILE, LONG, RIGHT_TO_LEFT, "قاعدة البيانات", "'\"><img src=x onerror=alert(2)>")
    rows = [row(name, *failing("force-ssl"), owner=name, cluster=name) for name in names]
    page = open_report(small(*rows))

    for summary in page.locator("#matrix summary").all():
        summary.click()

    headers = page.locator("#matrix tbody th").all_text_contents()
    assert {HOSTILE, LONG, "\\u202egnp.exe", names[3], names[4]} <= set(headers)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_name_with_shell_syntax_is_not_inserted_into_the_commands(
    open_report: OpenReport,
) -> None:
    page = open_report(small(row("$(reboot)", *failing("plaintext-refused", "force-ssl"))))
    opened = page.locator("#matrix tbody").filter(has_text="$(reboot)")
    opened.locator("summary").click()

    expect(opened.locator("dl code")).to_contain_text("HOST='$(reboot).")
    expect(opened.locator("pre").first).to_contain_text('"host=$HOST port=$PORT')
