"""Prints what an audit found: a matrix, the reasons, what Security Hub got, the digest."""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from rich.box import SIMPLE
from rich.console import Console
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from demo.states import State

_GLYPHS = {
    "PASSED": ("✓", "green"),
    "WARNING": ("!", "yellow"),
    "FAILED": ("✗", "bold red"),
    "UNKNOWN": ("?", "cyan"),
}


def heading(console: Console, text: str) -> None:
    """Print what comes next."""
    console.print()
    console.print(Rule(text, align="left", style="dim"))
    console.print()


@contextmanager
def step(console: Console, doing: str) -> Iterator[None]:
    """Show that something is going on, and how long it took."""
    begin = time.monotonic()
    with console.status(f"{doing} …"):
        yield
    console.print(f"{doing}: {time.monotonic() - begin:.1f} s", style="dim")


def states(console: Console, shown: Iterable[State]) -> None:
    """Print the databases and their stories."""
    table = _table("database", "its state")
    for state in shown:
        table.add_row(state.id, state.story)
    console.print(table)


def matrix(console: Console, answer: Mapping[str, Any]) -> None:
    """Print a row a database and a column a check, each verdict a glyph."""
    databases = answer["databases"]
    checks = [verdict["check"] for verdict in databases[0]["verdicts"]]
    table = _table("database", *(str(number) for number, _ in enumerate(checks, 1)))
    for database in databases:
        table.add_row(database["id"], *(_glyph(it["status"]) for it in database["verdicts"]))
    console.print(table)
    for number, check in enumerate(checks, 1):
        console.print(f"  {number:>2}  {check}")
    totals = Text("\n  ")
    for status, count in answer["totals"].items():
        totals.append_text(_glyph(status)).append(f" {status} {count}   ")
    console.print(totals)


def reasons(console: Console, answer: Mapping[str, Any]) -> None:
    """Print why, for everything that is not PASSED."""
    table = _table("database", "", "check", "because")
    for database in answer["databases"]:
        alike: dict[tuple[str, str], list[str]] = {}
        for verdict in database["verdicts"]:
            if verdict["status"] != "PASSED":
                key = (verdict["status"], verdict["because"])
                alike.setdefault(key, []).append(verdict["check"])
        for position, ((status, because), checks) in enumerate(alike.items()):
            table.add_row(
                "" if position else database["id"],
                _glyph(status),
                "\n".join(checks),
                Text(because),
                end_section=position == len(alike) - 1,
            )
    console.print(table)


def findings(console: Console, imported: Sequence[Mapping[str, Any]]) -> None:
    """Print what reached Security Hub."""
    table = _table("severity", "compliance", "title")
    order = {"HIGH": 0, "MEDIUM": 1, "LOW": 2, "INFORMATIONAL": 3}
    ranked = sorted(
        imported, key=lambda finding: (order[finding["Severity"]["Label"]], finding["Title"])
    )
    for finding in ranked:
        table.add_row(
            finding["Severity"]["Label"], finding["Compliance"]["Status"], Text(finding["Title"])
        )
    console.print(table)


def digest(console: Console, subject: str, text: str) -> None:
    """Print a digest as it is mailed."""
    console.print(Text(f"Subject: {subject}\n", style="bold"))
    console.print(Text(text))


def _table(*heads: str) -> Table:
    table = Table(box=SIMPLE, pad_edge=False, show_edge=False)
    for head in heads:
        table.add_column(head, overflow="fold")
    return table


def _glyph(status: str) -> Text:
    glyph, style = _GLYPHS[status]
    return Text(glyph, style=style)
