"""What to type to look around in the emulated account, in another terminal."""

import shlex
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import cache

from emulation.stack import Execution, Stack

_CLI_SECONDS = 20
_PYTHON = """\
PYTHONWARNINGS=ignore .venv/bin/python -c 'import boto3; print(boto3.client("{client}").{call})'"""


def commands(
    environment: Mapping[str, str], stack: Stack, execution: Execution
) -> Iterator[tuple[str, str]]:
    """Give each with what it shows; with the AWS CLI where it is installed, else with boto3.

    `environment` is to be exported first.
    """
    exports = " ".join(f"{name}={shlex.quote(value)}" for name, value in environment.items())
    yield "once in that terminal", f"export {exports}"
    machine, bucket = stack.outputs["StateMachine"], stack.outputs["RunBucket"]
    table, probe = stack.outputs["StateTable"], stack.resources["ProbeLogGroup"]
    yield (
        "another full run",
        _command(
            f"stepfunctions start-execution --state-machine-arn {machine}",
            "stepfunctions",
            f'start_execution(stateMachineArn="{machine}")',
        ),
    )
    yield (
        "the runs",
        _command(
            f"stepfunctions list-executions --state-machine-arn {machine}",
            "stepfunctions",
            f'list_executions(stateMachineArn="{machine}")',
        ),
    )
    yield (
        "the states of the first",
        _command(
            f"stepfunctions get-execution-history --execution-arn {execution.arn}",
            "stepfunctions",
            f'get_execution_history(executionArn="{execution.arn}")',
        ),
    )
    yield (
        "its manifest, results and report",
        _command(f"s3 ls --recursive s3://{bucket}", "s3", f'list_objects_v2(Bucket="{bucket}")'),
    )
    yield (
        "what is remembered of each check and client",
        _command(f"dynamodb scan --table-name {table}", "dynamodb", f'scan(TableName="{table}")'),
    )
    yield (
        "what the probe logged",
        _command(
            f"logs filter-log-events --log-group-name {probe}",
            "logs",
            f'filter_log_events(logGroupName="{probe}")',
        ),
    )
    yield "the findings", _command("securityhub get-findings", "securityhub", "get_findings()")
    yield "the databases", _command("rds describe-db-instances", "rds", "describe_db_instances()")


def _command(cli: str, client: str, call: str) -> str:
    if _has_cli():
        return f"aws {cli}"
    return _PYTHON.format(client=client, call=call)


@cache
def _has_cli() -> bool:
    # Not by looking for it: the name can stand for a shim without anything behind it.
    with suppress(OSError, subprocess.SubprocessError):
        asked = ["aws", "--version"]  # wherever it is installed
        subprocess.run(asked, check=True, capture_output=True, timeout=_CLI_SECONDS)
        return True
    return False
