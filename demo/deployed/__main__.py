"""`python -m demo.deployed`: deploy the stack into an emulated account, and run it once in full."""

import argparse
import sys
import time
from collections import Counter
from contextlib import suppress

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from demo import show
from demo.deployed.look_around import commands
from demo.deployed.scene import DeployedScene
from emulation.emulator import Emulator, EmulatorFailedError
from emulation.inbox import Inbox
from emulation.postgresql import ServerFailedError
from emulation.postgresql_binaries import PostgresNotFoundError
from emulation.stack import DeploymentFailedError, Execution, Stack, deploy

_EXAMPLES = """examples:
  make demo-deployed               deploy, one full run, what it found
  make demo-deployed ARGS=--keep   leave it up to look around in
"""
_RUN_SECONDS = 500
_POLL_SECONDS = 0.1


def main() -> None:
    """Do so."""
    parser = argparse.ArgumentParser(
        prog="make demo-deployed",
        description="Deploy the stack without AWS, and run its state machine once.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--keep", action="store_true", help="leave it up until Enter or Ctrl-C")
    keep = parser.parse_args().keep
    console = Console(highlight=False)
    try:
        _run(console, keep=keep)
    except (
        DeploymentFailedError,
        EmulatorFailedError,
        PostgresNotFoundError,
        ServerFailedError,
        TimeoutError,
    ) as error:
        sys.exit(str(error))


def _run(console: Console, *, keep: bool) -> None:
    with DeployedScene() as scene, Emulator(scene.account) as emulator:
        with show.step(console, "deploying with sam"):
            stack = deploy(emulator, scene.parameters(emulator))
        with Inbox(emulator, stack.outputs["Topic"]) as inbox:
            show.heading(console, "A full run of the state machine")
            ended = _watch(console, stack, stack.start({"kind": "full"}))
            console.print(f"{ended.status}: {ended.output or ended.cause}")
            imported = scene.account.findings()
            show.heading(console, f"What reached Security Hub: {len(imported)} findings")
            show.findings(console, imported)
            _show_mail(console, inbox)
        show.heading(console, "What each role called")
        _show_calls(console, emulator, stack)
        if keep:
            show.heading(console, "Look around, from another terminal in this directory")
            _keep(console, emulator, stack, ended)


def _watch(console: Console, stack: Stack, arn: str) -> Execution:
    """Show the state it is in and how many batches are through, until it ends."""
    columns = TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[batches]}")
    with Progress(*columns, TimeElapsedColumn(), console=console) as progress:
        task = progress.add_task("", total=None, batches="")
        end = time.monotonic() + _RUN_SECONDS
        while not stack.has_ended(arn) and time.monotonic() < end:
            _update(progress, task, stack, arn)
            time.sleep(_POLL_SECONDS)
        _update(progress, task, stack, arn)
    return stack.wait(arn, 0)


def _update(progress: Progress, task: TaskID, stack: Stack, arn: str) -> None:
    batches = stack.progress(arn)
    progress.update(
        task,
        description=f"{(stack.states(arn) or ['waiting'])[-1]:<12}",
        total=batches.total or None,
        completed=batches.succeeded + batches.failed,
        batches=f"{batches.succeeded} of {batches.total} batches, {batches.failed} failed",
    )


def _show_mail(console: Console, inbox: Inbox) -> None:
    for subject, text in inbox.mails():
        show.heading(console, "The digest, as it is mailed")
        show.digest(console, subject, text)


def _show_calls(console: Console, emulator: Emulator, stack: Stack) -> None:
    counts: Counter[tuple[str, str]] = Counter()
    for call, count in emulator.recorder.calls().items():
        refused = "" if call.allowed else " (refused)"
        counts[stack.logical_id(call.role), call.action + refused] += count
    for (role, action), count in sorted(counts.items()):
        console.print(f"  {role:<16} {count:>4}  {action}")


def _keep(console: Console, emulator: Emulator, stack: Stack, execution: Execution) -> None:
    for what, command in commands(emulator.environment(), stack, execution):
        console.print(f"# {what}", style="dim")
        console.print(command, soft_wrap=True, markup=False)
    with suppress(EOFError, KeyboardInterrupt):
        console.input("\nPress Enter to end it all. ")


if __name__ == "__main__":
    main()
