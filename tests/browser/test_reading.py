"""What a reader sees: the matrix, an opened row, a link into a row, hostile names."""

import re

from playwright.sync_api import expect

from rds_tls_audit.html_report.manual_checks import COMMANDS
from tests.browser.conftest import Look
from tests.unit.html_report.posture_examples import (
    HOSTILE,
    LONG,
    RIGHT_TO_LEFT,
    failing,
    row,
    small,
)

GLYPH = "it => getComputedStyle(it, '::before').content"


def test_each_verdict_has_a_glyph_and_a_word(look: Look) -> None:
    page = look(small())
    cells = page.get_by_role("row", name=re.compile("^orders-prod")).first.get_by_role("cell")

    assert cells.nth(0).evaluate(GLYPH) == '"✗" / ""'
    expect(cells.nth(0)).to_have_text("force-ssl failed")
    assert cells.nth(1).evaluate(GLYPH) == '"✓" / ""'
    expect(cells.nth(1)).to_have_text("passed")


def test_the_worst_database_is_the_first(look: Look) -> None:
    page = look(small())

    expect(page.locator("#matrix tbody th").first).to_have_text("orders-prod")


def test_an_opened_row_tells_why_what_next_and_how_to_see_it(look: Look) -> None:
    page = look(small())
    row = page.locator("#matrix tbody").first
    row.locator("summary").click()

    expect(row).to_contain_text("rds.force_ssl is 0 in parameter group pg14-clear")
    expect(row).to_contain_text("Next step Set rds.force_ssl to 1")
    for reason in row.locator("li.failed, li.warning").all():
        expect(reason.locator(".remedy")).to_have_count(1)
    expect(row).to_contain_text('psql -w "host=orders-prod.')
    expect(row).to_contain_text("port=5432 dbname=postgres user=rds_tls_audit sslmode=disable")
    expect(row.locator("dl")).to_contain_text("logged in")


def test_an_opened_row_shows_the_lines_for_what_is_not_well(look: Look) -> None:
    page = look(small())
    failed, *_, well = page.locator("#matrix tbody").all()
    for each in (failed, well):
        each.locator("summary").click()

    expect(failed.locator(".commands .label")).to_have_text(
        ["plaintext-refused, force-ssl-in-effect", "sessions-encrypted, sessions-modern-tls"]
    )
    expect(well.locator(".commands .label")).to_have_count(len(COMMANDS))


def test_a_line_can_be_taken_by_one_click(look: Look) -> None:
    page = look(small())
    line = page.locator("#by-hand pre code").first
    line.click()

    assert page.evaluate("getSelection().toString()").strip() == COMMANDS[0].line


def test_an_answer_names_its_clients_and_what_each_has_to_change(look: Look) -> None:
    page = look(small())
    answer = page.locator("#answers > details").first

    expect(answer.locator("summary").first).to_contain_text("pg14-clear check these first")
    client = answer.get_by_role("row", name="bi_reader")
    expect(client.get_by_role("cell").nth(0)).to_have_text("reports")
    expect(client.get_by_role("cell").nth(1)).to_have_text("2026-02-17 06:00 UTC")
    client.get_by_role("link").click()
    advice = page.locator(f"#{page.evaluate('location.hash.slice(1)')}")
    expect(advice).to_contain_text("Breaks at its next connect, unless its own setting is allow")
    expect(advice).to_contain_text("pgjdbc (sslmode=disable or allow, or a version before 42.2.5")
    expect(advice).to_contain_text("?sslmode=verify-full&sslrootcert=global-bundle.pem")


def test_a_row_leads_to_its_answer_and_the_answer_back(look: Look) -> None:
    page = look(small(), viewport={"width": 1280, "height": 800})
    answer = page.locator("#answers > details", has_text="parameter group pg17")
    answer.locator("summary").first.click()
    expect(answer.get_by_text("35 % of the sessions")).to_be_hidden()
    row = page.locator("#matrix tbody").filter(has_text="search-prod")
    row.locator("summary").click()
    row.get_by_role("link", name="safe").click()

    expect(answer.get_by_text("35 % of the sessions")).to_be_in_viewport()
    row.locator("summary").click()
    answer.get_by_role("link", name="search-prod").click()
    expect(row.locator("dl")).to_be_in_viewport()


def test_a_click_anywhere_on_a_row_opens_and_closes_it(look: Look) -> None:
    page = look(small())
    reason = page.get_by_text("2 of 14 sessions in clear")

    page.locator("#matrix .cells td").first.click()
    expect(reason).to_be_visible()
    page.locator("#matrix .cells td").first.click()
    expect(reason).to_be_hidden()


def test_a_row_opened_twice_says_everything_once(look: Look) -> None:
    page = look(small())
    row = page.locator("#matrix tbody").first
    for _ in range(3):
        row.locator("summary").click()

    expect(row.locator(".commands")).to_have_count(1)


def test_a_link_to_a_database_opens_its_row(look: Look) -> None:
    page = look(small())

    page.locator("#accepted").get_by_role("link", name="old-crm").click()

    expect(page.get_by_role("definition").filter(has_text="db:old-crm")).to_be_visible()


def test_hostile_names_do_nothing_and_are_readable(look: Look) -> None:
    names = (HOSTILE, LONG, RIGHT_TO_LEFT, "قاعدة البيانات", "'\"><img src=x onerror=alert(2)>")
    rows = [row(name, *failing("force-ssl"), owner=name, cluster=name) for name in names]
    page = look(small(*rows))

    for summary in page.locator("#matrix summary").all():
        summary.click()

    headers = page.locator("#matrix tbody th").all_text_contents()
    assert {HOSTILE, LONG, "\\u202egnp.exe", names[3], names[4]} <= set(headers)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_name_that_a_shell_would_read_stays_out_of_the_commands(look: Look) -> None:
    page = look(small(row("$(reboot)", *failing("plaintext-refused", "force-ssl"))))
    opened = page.locator("#matrix tbody").filter(has_text="$(reboot)")
    opened.locator("summary").click()

    expect(opened.locator("dl code")).to_contain_text("HOST='$(reboot).")
    expect(opened.locator("pre").first).to_contain_text('"host=$HOST port=$PORT')
