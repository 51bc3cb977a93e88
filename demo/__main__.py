"""`python -m demo`: audit a local account, force TLS on one database, audit again."""

import argparse
import sys
from contextlib import ExitStack
from pathlib import Path

from rich.console import Console

from demo import show
from demo.scene import Scene
from demo.states import PLAINTEXT
from emulation.postgresql import ServerFailedError
from emulation.postgresql_binaries import PostgresNotFoundError

_REPORT = Path("demo-output/report.html")
_EXAMPLES = """examples:
  make demo                   both acts, in one go
  make demo ARGS=--pause      wait for Enter before the second act
  make demo | less            without colours, which only a terminal gets
"""


def main() -> None:
    """Run both acts."""
    parser = argparse.ArgumentParser(
        prog="make demo",
        description="Audit a local account: real PostgreSQL servers, good and bad, emulated AWS.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--pause", action="store_true", help="wait for Enter before act two")
    pause = parser.parse_args().pause
    console = Console(highlight=False)
    try:
        with ExitStack() as stack:
            with show.step(console, "starting PostgreSQL servers, their clients and the account"):
                scene = stack.enter_context(Scene())
            _first_act(console, scene)
            if pause:
                console.input("\nPress Enter for act two. ")
            _second_act(console, scene)
    except (PostgresNotFoundError, ServerFailedError) as error:
        sys.exit(str(error))


def _first_act(console: Console, scene: Scene) -> None:
    show.heading(console, "Act one: the audit")
    show.states(console, scene.states)
    with show.step(console, "auditing: RDS API, wire, certificates, sessions"):
        answer = scene.audit(publish=True)
    show.heading(console, "Databases and checks")
    show.matrix(console, answer)
    show.heading(console, "Why, for everything that is not PASSED")
    show.reasons(console, answer)
    show.heading(console, f"What reached Security Hub: {answer['published']['imported']} findings")
    show.findings(console, scene.account.findings())
    show.heading(console, "The digest, as it is mailed")
    show.digest(console, *scene.account.mails()[-1])
    show.heading(console, "The report, to be opened in a browser")
    _REPORT.parent.mkdir(exist_ok=True)
    _REPORT.write_bytes(scene.account.page())
    console.print(f"  {_REPORT}")


def _second_act(console: Console, scene: Scene) -> None:
    show.heading(console, f"Act two: TLS is forced on {PLAINTEXT.id}")
    with show.step(console, "setting rds.force_ssl to 1; the clients connect anew"):
        scene.force_tls(PLAINTEXT)
        turned_away = scene.reconnect(PLAINTEXT)
    for client, words in turned_away:
        if words is None:
            console.print(f"  {client.application}: connected, with TLS")
        else:
            console.print(f"  {client.application}: turned away by the server: {words}")
    with show.step(console, "auditing again"):
        answer = scene.audit(publish=True)
    show.heading(console, f"Security Hub is told what changed: {answer['published']['imported']}")
    show.digest(console, *scene.account.mails()[-1])


if __name__ == "__main__":
    main()
