"""Prints the databases, the audit's verdicts and reasons, the findings, and the digest."""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from rich.box import SIMPLE
from rich.console import Console
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from demo.databases import Client, DemoDatabase

type AuditResponse = Mapping[str, Any]
"""The response of the audit function, parsed from JSON."""

_SYMBOLS = {
    "PASSED": ("✓", "green"),
    "WARNING": ("!", "yellow"),
    "FAILED": ("✗", "bold red"),
    "UNKNOWN": ("?", "cyan"),
}


def print_heading(console: Console, text: str) -> None:
    """Print the heading of the next section."""
    console.print()
    console.print(Rule(text, align="left", style="dim"))
    console.print()


@contextmanager
def show_progress(console: Console, activity: str) -> Iterator[None]:
    """Show an activity while it runs, and afterwards how long it took."""
    begin = time.monotonic()
    with console.status(f"{activity} …"):
        yield
    console.print(f"{activity}: {time.monotonic() - begin:.1f} s", style="dim")


def print_databases(console: Console, databases: Iterable[DemoDatabase]) -> None:
    """Print each database with its description."""
    table = _table("Database", "Description")
    for database in databases:
        table.add_row(database.id, database.description)
    console.print(table)


def print_matrix(console: Console, response: AuditResponse) -> None:
    """Print one row per database and one column per check, with a symbol for each verdict."""
    databases = response["databases"]
    checks = [verdict["check"] for verdict in databases[0]["verdicts"]]
    table = _table("Database", *(str(number) for number, _ in enumerate(checks, 1)))
    for database in databases:
        symbols = (_symbol(verdict["status"]) for verdict in database["verdicts"])
        table.add_row(database["id"], *symbols)
    console.print(table)
    for number, check in enumerate(checks, 1):
        console.print(f"  {number:>2}  {check}")
    totals = Text("\n  ")
    for status, count in response["totals"].items():
        totals.append_text(_symbol(status)).append(f" {status} {count}   ")
    console.print(totals)


def print_reasons(console: Console, response: AuditResponse) -> None:
    """Print the reason for each verdict other than PASSED, with checks of one reason together."""
    table = _table("Database", "", "Check", "Reason")
    for database in response["databases"]:
        checks_by_reason: dict[tuple[str, str], list[str]] = {}
        for verdict in database["verdicts"]:
            if verdict["status"] != "PASSED":
                key = (verdict["status"], verdict["because"])
                checks_by_reason.setdefault(key, []).append(verdict["check"])
        for position, ((status, because), checks) in enumerate(checks_by_reason.items()):
            table.add_row(
                "" if position else database["id"],
                _symbol(status),
                "\n".join(checks),
                Text(because),
                end_section=position == len(checks_by_reason) - 1,
            )
    console.print(table)


def print_findings(console: Console, findings: Sequence[Mapping[str, Any]]) -> None:
    """Print the findings that Security Hub holds, the most severe first."""
    table = _table("Severity", "Compliance", "Title")
    order = {"HIGH": 0, "MEDIUM": 1, "LOW": 2, "INFORMATIONAL": 3}
    most_severe_first = sorted(
        findings, key=lambda finding: (order[finding["Severity"]["Label"]], finding["Title"])
    )
    for finding in most_severe_first:
        table.add_row(
            finding["Severity"]["Label"], finding["Compliance"]["Status"], Text(finding["Title"])
        )
    console.print(table)


def print_digest(console: Console, subject: str, text: str) -> None:
    """Print a digest as an email subscriber receives it."""
    console.print(Text(f"Subject: {subject}\n", style="bold"))
    console.print(Text(text))


def print_connections(console: Console, connections: Iterable[tuple[Client, str | None]]) -> None:
    """Print for each client that it connected, or with which message the server refused it."""
    for client, refusal in connections:
        if refusal is None:
            console.print(f"  {client.application} connected with TLS.")
        else:
            text = f"  The server refused {client.application}: {refusal}"
            console.print(text, markup=False)


def _table(*headers: str) -> Table:
    table = Table(box=SIMPLE, pad_edge=False, show_edge=False)
    for header in headers:
        table.add_column(header, overflow="fold")
    return table


def _symbol(status: str) -> Text:
    symbol, style = _SYMBOLS[status]
    return Text(symbol, style=style)
