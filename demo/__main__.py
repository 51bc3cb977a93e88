"""Run `python -m demo`: audit an emulated account, force TLS on one database, and audit again."""

import argparse
import sys
from contextlib import ExitStack
from pathlib import Path

from rich.console import Console

from demo import show
from demo.account import DemoAccount
from demo.databases import PLAINTEXT
from emulation.postgresql import ServerFailedError
from emulation.postgresql_binaries import PostgresNotFoundError

_REPORT = Path("demo-output/report.html")
_EXAMPLES = """examples:
  make demo                   run both parts without a break
  make demo ARGS=--pause      wait for Enter before part 2
  make demo | less            read the output page by page, without colors
"""


def main() -> None:
    """Run both parts of the demo."""
    parser = argparse.ArgumentParser(
        prog="make demo",
        description=(
            "Audit an emulated AWS account with real PostgreSQL servers, some of them "
            "misconfigured. The demo needs no AWS account."
        ),
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--pause", action="store_true", help="wait for Enter before part 2")
    pause = parser.parse_args().pause
    console = Console(highlight=False)
    try:
        with ExitStack() as stack:
            with show.show_progress(
                console, "Starting the emulated account, the PostgreSQL servers, and their clients"
            ):
                demo_account = stack.enter_context(DemoAccount())
            _run_first_audit(console, demo_account)
            if pause:
                console.input("\nPress Enter to continue with part 2. ")
            _force_tls_and_audit_again(console, demo_account)
    except (PostgresNotFoundError, ServerFailedError) as error:
        sys.exit(str(error))


def _run_first_audit(console: Console, demo_account: DemoAccount) -> None:
    show.print_heading(console, "Part 1: Audit the account")
    show.print_databases(console, demo_account.databases)
    with show.show_progress(
        console, "Auditing RDS settings, connections, certificates, and sessions"
    ):
        response = demo_account.audit(publish=True)
    show.print_heading(console, "Verdict of each check for each database")
    show.print_matrix(console, response)
    show.print_heading(console, "Reason for each verdict other than PASSED")
    show.print_reasons(console, response)
    findings = demo_account.aws.findings()
    show.print_heading(console, f"Findings in Security Hub: {len(findings)}")
    show.print_findings(console, findings)
    show.print_heading(console, "Digest as sent by email")
    show.print_digest(console, *demo_account.aws.emails()[-1])
    show.print_heading(console, "HTML report")
    _REPORT.parent.mkdir(exist_ok=True)
    _REPORT.write_bytes(demo_account.aws.html_report())
    console.print(f"  Open {_REPORT} in a browser.")


def _force_tls_and_audit_again(console: Console, demo_account: DemoAccount) -> None:
    show.print_heading(console, f"Part 2: Force TLS on {PLAINTEXT.id}")
    with show.show_progress(console, "Setting rds.force_ssl to 1 and reconnecting the clients"):
        demo_account.force_tls(PLAINTEXT)
        connections = demo_account.reconnect(PLAINTEXT)
    show.print_connections(console, connections)
    with show.show_progress(console, "Auditing again"):
        response = demo_account.audit(publish=True)
    imported = response["published"]["imported"]
    show.print_heading(console, f"Updated findings in Security Hub: {imported}")
    show.print_digest(console, *demo_account.aws.emails()[-1])


if __name__ == "__main__":
    main()
