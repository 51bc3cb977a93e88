"""Commands with which a user inspects the emulated account from another terminal."""

import shlex
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import cache

from emulation.stack import Execution, Stack

_CLI_SECONDS = 20
_PYTHON = """\
PYTHONWARNINGS=ignore .venv/bin/python -c 'import boto3; print(boto3.client("{client}").{call})'"""


def inspection_commands(
    environment: Mapping[str, str], stack: Stack, execution: Execution
) -> Iterator[tuple[str, str]]:
    """Yield the purpose of each command and the command, the export of `environment` first.

    The commands use the AWS CLI if it is installed, and boto3 otherwise.
    """
    exports = " ".join(f"{name}={shlex.quote(value)}" for name, value in environment.items())
    yield "Run this once in the other terminal", f"export {exports}"
    machine, bucket = stack.outputs["StateMachine"], stack.outputs["RunBucket"]
    table, probe = stack.outputs["StateTable"], stack.resources["ProbeLogGroup"]
    yield (
        "Start another full run",
        _command(
            f"stepfunctions start-execution --state-machine-arn {machine}",
            "stepfunctions",
            f'start_execution(stateMachineArn="{machine}")',
        ),
    )
    yield (
        "List the runs",
        _command(
            f"stepfunctions list-executions --state-machine-arn {machine}",
            "stepfunctions",
            f'list_executions(stateMachineArn="{machine}")',
        ),
    )
    yield (
        "Show the history of the first run",
        _command(
            f"stepfunctions get-execution-history --execution-arn {execution.arn}",
            "stepfunctions",
            f'get_execution_history(executionArn="{execution.arn}")',
        ),
    )
    yield (
        "List its manifest, results, and HTML report",
        _command(f"s3 ls --recursive s3://{bucket}", "s3", f'list_objects_v2(Bucket="{bucket}")'),
    )
    yield (
        "Show the stored state of each check and client",
        _command(f"dynamodb scan --table-name {table}", "dynamodb", f'scan(TableName="{table}")'),
    )
    yield (
        "Show the log of the probe function",
        _command(
            f"logs filter-log-events --log-group-name {probe}",
            "logs",
            f'filter_log_events(logGroupName="{probe}")',
        ),
    )
    yield "Show the findings", _command("securityhub get-findings", "securityhub", "get_findings()")
    yield (
        "Show the databases",
        _command("rds describe-db-instances", "rds", "describe_db_instances()"),
    )


def _command(cli: str, client: str, call: str) -> str:
    if _has_cli():
        return f"aws {cli}"
    return _PYTHON.format(client=client, call=call)


@cache
def _has_cli() -> bool:
    # Run it instead of searching the PATH: the command can be a shim that runs nothing.
    with suppress(OSError, subprocess.SubprocessError):
        command = ["aws", "--version"]  # wherever it is installed
        subprocess.run(command, check=True, capture_output=True, timeout=_CLI_SECONDS)
        return True
    return False
