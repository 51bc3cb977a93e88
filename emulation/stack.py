"""The stack as `sam deploy` makes it in the emulator, and the executions of its state machine."""

import json
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, NamedTuple

from emulation.emulator import ROOT, Emulator

NAME = "rds-tls-audit"
TEMPLATE = ROOT / ".aws-sam" / "build" / "template.yaml"

_SAM = ROOT / ".venv-sam" / "bin" / "python"
_CODE_BUCKET = "deployments"
_DEPLOY_SECONDS = 500
_POLL_SECONDS = 0.1
_EVENTS_PAGE = 1000


class DeploymentFailedError(Exception):
    """`sam deploy` failed; the message is what it said."""


class StateData(NamedTuple):
    """What went into a state or came out of it, in which execution."""

    execution: str
    state: str
    side: Literal["input", "output"]
    content: bytes


class Progress(NamedTuple):
    """The children of a Distributed Map."""

    total: int
    running: int
    succeeded: int
    failed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """How an execution ended."""

    arn: str
    status: str
    output: Any
    """Parsed; None unless it succeeded."""
    error: str | None
    cause: str | None


def deploy(
    emulator: Emulator,
    parameters: Mapping[str, str],
    *,
    name: str = NAME,
    template: Path = TEMPLATE,
) -> "Stack":
    """Deploy what `sam build` built, or deploy it anew with other parameters.

    Raises:
        DeploymentFailedError: it is not built, or the emulator refuses it.

    """
    if not template.exists():
        raise DeploymentFailedError(f"{template} is missing: run `make build`.")
    s3 = emulator.client("s3")
    if _CODE_BUCKET not in {bucket["Name"] for bucket in s3.list_buckets()["Buckets"]}:
        region = {"LocationConstraint": emulator.environment()["AWS_REGION"]}
        s3.create_bucket(Bucket=_CODE_BUCKET, CreateBucketConfiguration=region)
    done = subprocess.run(
        [
            *(_SAM, "-m", "samcli", "deploy", "--template-file", template, "--stack-name", name),
            *("--s3-bucket", _CODE_BUCKET, "--capabilities", "CAPABILITY_IAM"),
            *("--no-confirm-changeset", "--no-fail-on-empty-changeset", "--no-progressbar"),
            *_overrides(parameters),
        ],
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=template.parent,
        env={**emulator.environment(), "HOME": emulator.scratch, "SAM_CLI_TELEMETRY": "0"},
        timeout=_DEPLOY_SECONDS,
    )
    if done.returncode:
        raise DeploymentFailedError(f"sam deploy failed:\n{done.stdout}")
    return Stack(emulator, name)


def _overrides(parameters: Mapping[str, str]) -> list[str]:
    if not parameters:
        return []
    return ["--parameter-overrides", *(f'{key}="{value}"' for key, value in parameters.items())]


class Stack:
    """A deployed stack."""

    def __init__(self, emulator: Emulator, name: str) -> None:
        self._emulator = emulator
        self._states = emulator.client("stepfunctions")
        self.name = name

    @cached_property
    def outputs(self) -> Mapping[str, str]:
        """The stack's outputs by their keys."""
        described = self._emulator.client("cloudformation").describe_stacks(StackName=self.name)
        outputs = described["Stacks"][0]["Outputs"]
        return {output["OutputKey"]: output["OutputValue"] for output in outputs}

    @cached_property
    def resources(self) -> Mapping[str, str]:
        """The names or ARNs that the resources got, by logical id."""
        pages = (
            self._emulator.client("cloudformation")
            .get_paginator("list_stack_resources")
            .paginate(StackName=self.name)
        )
        return {
            resource["LogicalResourceId"]: resource["PhysicalResourceId"]
            for page in pages
            for resource in page["StackResourceSummaries"]
        }

    def logical_id(self, name: str) -> str:
        """Give the logical id of the resource that got this name or ARN; else the name."""
        return next((key for key, value in self.resources.items() if value == name), name)

    def start(self, event: object, *, name: str | None = None) -> str:
        """Start an execution, and return its ARN."""
        named = {"name": name} if name else {}
        started = self._states.start_execution(
            stateMachineArn=self.outputs["StateMachine"], input=json.dumps(event), **named
        )
        return str(started["executionArn"])

    def has_ended(self, arn: str) -> bool:
        """Say whether an execution has ended, however it did."""
        return bool(self._described(arn)["status"] != "RUNNING")

    def wait(self, arn: str, seconds: float) -> Execution:
        """Wait until an execution has ended.

        Raises:
            TimeoutError: it has not; where it stands is in the message.

        """
        end = time.monotonic() + seconds
        while not self.has_ended(arn):
            if time.monotonic() > end:
                entered = self.states(arn)[-1:]
                raise TimeoutError(
                    f"{arn} still runs after {seconds} s, in {entered}, {self.progress(arn)}: "
                    "look at the emulator's log."
                )
            time.sleep(_POLL_SECONDS)
        described = self._described(arn)
        succeeded = described["status"] == "SUCCEEDED"
        return Execution(
            arn=arn,
            status=described["status"],
            output=json.loads(described["output"]) if succeeded else None,
            error=described.get("error"),
            cause=described.get("cause"),
        )

    def run(self, event: object, *, seconds: float, name: str | None = None) -> Execution:
        """Start an execution and wait for its end."""
        return self.wait(self.start(event, name=name), seconds)

    def executions(self) -> list[str]:
        """Give the ARNs of all executions of the state machine, the newest first."""
        return self._listed(stateMachineArn=self.outputs["StateMachine"])

    def children(self, arn: str) -> list[str]:
        """Give the ARNs of the child executions of its Distributed Maps."""
        return [child for run in self._map_runs(arn) for child in self._listed(mapRunArn=run)]

    def progress(self, arn: str) -> Progress:
        """Count the children of its Distributed Maps; all 0 before the first."""
        counts = [
            self._states.describe_map_run(mapRunArn=run)["itemCounts"]
            for run in self._map_runs(arn)
        ]
        return Progress(*(sum(count[field] for count in counts) for field in Progress._fields))

    def history(self, arn: str) -> list[dict[str, Any]]:
        """Give all events of one execution, oldest first."""
        pages = self._states.get_paginator("get_execution_history").paginate(
            executionArn=arn, PaginationConfig={"PageSize": _EVENTS_PAGE}
        )
        return [event for page in pages for event in page["events"]]

    def states(self, arn: str) -> list[str]:
        """Give the names of the states that an execution or a child entered, in order."""
        return [
            event["stateEnteredEventDetails"]["name"]
            for event in self.history(arn)
            if "stateEnteredEventDetails" in event
        ]

    def state_data(self, arn: str) -> Iterator[StateData]:
        """Give each state's input and output, in the execution and in all its children."""
        for execution in (arn, *self.children(arn)):
            for event in self.history(execution):
                if entered := event.get("stateEnteredEventDetails"):
                    content = entered["input"].encode()
                    yield StateData(execution, entered["name"], "input", content)
                if exited := event.get("stateExitedEventDetails"):
                    content = exited["output"].encode()
                    yield StateData(execution, exited["name"], "output", content)

    def _described(self, arn: str) -> Mapping[str, Any]:
        described: Mapping[str, Any] = self._states.describe_execution(executionArn=arn)
        return described

    def _map_runs(self, arn: str) -> list[str]:
        return [run["mapRunArn"] for run in self._states.list_map_runs(executionArn=arn)["mapRuns"]]

    def _listed(self, **of: str) -> list[str]:
        pages = self._states.get_paginator("list_executions").paginate(**of)
        return [item["executionArn"] for page in pages for item in page["executions"]]
