"""Run `python -m demo.deployed`: deploy the stack into an emulated account and run it once."""

import argparse
import sys
import time
from collections import Counter
from contextlib import suppress

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from demo import show
from demo.deployed.account import DeployedDemoAccount
from demo.deployed.inspection_commands import inspection_commands
from emulation.emulator import Emulator, EmulatorFailedError
from emulation.inbox import Inbox
from emulation.postgresql import ServerFailedError
from emulation.postgresql_binaries import PostgresNotFoundError
from emulation.stack import DeploymentFailedError, Execution, Stack, deploy

_EXAMPLES = """examples:
  make demo-deployed               deploy the stack and show the results of one full run
  make demo-deployed ARGS=--keep   then keep the stack running so that you can inspect it
"""
_RUN_SECONDS = 500
_POLL_SECONDS = 0.1


def main() -> None:
    """Deploy the stack, run it, and show the results."""
    parser = argparse.ArgumentParser(
        prog="make demo-deployed",
        description=(
            "Deploy the stack into an emulated AWS account and run its state machine once. "
            "The demo needs no AWS account."
        ),
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--keep", action="store_true", help="keep the stack running until you press Enter or Ctrl-C"
    )
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
    with DeployedDemoAccount() as demo_account, Emulator(demo_account.aws) as emulator:
        with show.show_progress(console, "Deploying the stack with the SAM CLI"):
            stack = deploy(emulator, demo_account.parameters(emulator))
        with Inbox(emulator, stack.outputs["Topic"]) as inbox:
            show.print_heading(console, "Full run of the state machine")
            execution = _watch(console, stack, stack.start({"kind": "full"}))
            console.print(f"{execution.status}: {execution.output or execution.cause}")
            findings = demo_account.aws.findings()
            show.print_heading(console, f"Findings in Security Hub: {len(findings)}")
            show.print_findings(console, findings)
            _print_digests(console, inbox)
        show.print_heading(console, "AWS API calls of each role")
        _print_calls(console, emulator, stack)
        if keep:
            show.print_heading(
                console, "Inspect the account from another terminal, in this directory"
            )
            _keep_running(console, emulator, stack, execution)


def _watch(console: Console, stack: Stack, arn: str) -> Execution:
    """Show the current state and the number of finished batches until the execution ends."""
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
        description=f"{(stack.states_entered(arn) or ['Starting'])[-1]:<12}",
        total=batches.total or None,
        completed=batches.succeeded + batches.failed,
        batches=f"{batches.succeeded} of {batches.total} batches done, {batches.failed} failed",
    )


def _print_digests(console: Console, inbox: Inbox) -> None:
    for subject, text in inbox.emails():
        show.print_heading(console, "Digest as sent by email")
        show.print_digest(console, subject, text)


def _print_calls(console: Console, emulator: Emulator, stack: Stack) -> None:
    counts: Counter[tuple[str, str]] = Counter()
    for call, count in emulator.recorder.calls().items():
        denied = "" if call.allowed else " (denied)"
        counts[stack.logical_id(call.role), call.action + denied] += count
    for (role, action), count in sorted(counts.items()):
        console.print(f"  {role:<16} {count:>4}  {action}")


def _keep_running(console: Console, emulator: Emulator, stack: Stack, execution: Execution) -> None:
    for purpose, command in inspection_commands(emulator.environment(), stack, execution):
        console.print(f"# {purpose}", style="dim")
        console.print(command, soft_wrap=True, markup=False)
    with suppress(EOFError, KeyboardInterrupt):
        console.input("\nPress Enter to stop the emulated account. ")


if __name__ == "__main__":
    main()
