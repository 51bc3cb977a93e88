"""Deploys the stack to the emulator with `sam deploy` and runs its state machine."""

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
    """`sam deploy` failed; the message contains its output."""


class StateData(NamedTuple):
    """The input or output of a state in an execution."""

    execution: str
    state: str
    side: Literal["input", "output"]
    content: bytes


class MapProgress(NamedTuple):
    """The number of child executions of a Distributed Map, in total and by status."""

    total: int
    running: int
    succeeded: int
    failed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """An execution that has ended."""

    arn: str
    status: str
    output: Any
    """The output, parsed from JSON; None unless the execution succeeded."""
    error: str | None
    cause: str | None


def deploy(
    emulator: Emulator,
    parameters: Mapping[str, str],
    *,
    name: str = NAME,
    template: Path = TEMPLATE,
) -> "Stack":
    """Deploy the output of `sam build`, or deploy it again with other parameters.

    Raises:
        DeploymentFailedError: the stack has not been built, or its deployment failed.

    """
    if not template.exists():
        raise DeploymentFailedError(f"{template} is missing: run `make build`.")
    s3 = emulator.client("s3")
    if _CODE_BUCKET not in {bucket["Name"] for bucket in s3.list_buckets()["Buckets"]}:
        region = {"LocationConstraint": emulator.environment()["AWS_REGION"]}
        s3.create_bucket(Bucket=_CODE_BUCKET, CreateBucketConfiguration=region)
    deployment = subprocess.run(
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
        env={
            **emulator.environment(),
            "HOME": emulator.scratch_directory,
            "SAM_CLI_TELEMETRY": "0",
        },
        timeout=_DEPLOY_SECONDS,
    )
    if deployment.returncode:
        raise DeploymentFailedError(f"sam deploy failed:\n{deployment.stdout}")
    return Stack(emulator, name)


def _overrides(parameters: Mapping[str, str]) -> list[str]:
    if not parameters:
        return []
    return ["--parameter-overrides", *(f'{key}="{value}"' for key, value in parameters.items())]


class Stack:
    """A deployed stack and its executions."""

    def __init__(self, emulator: Emulator, name: str) -> None:
        self._emulator = emulator
        self._step_functions = emulator.client("stepfunctions")
        self.name = name

    @cached_property
    def outputs(self) -> Mapping[str, str]:
        """The values of the stack's outputs, by key."""
        described = self._emulator.client("cloudformation").describe_stacks(StackName=self.name)
        outputs = described["Stacks"][0]["Outputs"]
        return {output["OutputKey"]: output["OutputValue"] for output in outputs}

    @cached_property
    def resources(self) -> Mapping[str, str]:
        """The physical ids of the resources (names or ARNs), by logical id."""
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

    def logical_id(self, physical_id: str) -> str:
        """Return the logical id of a resource, or `physical_id` if the stack has no such one."""
        logical_ids = (key for key, value in self.resources.items() if value == physical_id)
        return next(logical_ids, physical_id)

    def start(self, event: object, *, name: str | None = None) -> str:
        """Start an execution and return its ARN."""
        optional = {"name": name} if name else {}
        started = self._step_functions.start_execution(
            stateMachineArn=self.outputs["StateMachine"], input=json.dumps(event), **optional
        )
        return str(started["executionArn"])

    def has_ended(self, arn: str) -> bool:
        """Return whether an execution has ended, with any status."""
        return bool(self._describe(arn)["status"] != "RUNNING")

    def wait(self, arn: str, seconds: float) -> Execution:
        """Wait until an execution has ended, and return it.

        Raises:
            TimeoutError: it has not ended; the message contains its current state.

        """
        end = time.monotonic() + seconds
        while not self.has_ended(arn):
            if time.monotonic() > end:
                entered = self.states_entered(arn)[-1:]
                raise TimeoutError(
                    f"{arn} is still running after {seconds} s, in state {entered}, with "
                    f"{self.progress(arn)}. See the emulator's log."
                )
            time.sleep(_POLL_SECONDS)
        described = self._describe(arn)
        succeeded = described["status"] == "SUCCEEDED"
        return Execution(
            arn=arn,
            status=described["status"],
            output=json.loads(described["output"]) if succeeded else None,
            error=described.get("error"),
            cause=described.get("cause"),
        )

    def run(self, event: object, *, seconds: float, name: str | None = None) -> Execution:
        """Start an execution, wait until it has ended, and return it."""
        return self.wait(self.start(event, name=name), seconds)

    def executions(self) -> list[str]:
        """Return the ARNs of all executions of the state machine, the newest first."""
        return self._list_executions(stateMachineArn=self.outputs["StateMachine"])

    def children(self, arn: str) -> list[str]:
        """Return the ARNs of the child executions that an execution's Distributed Maps started."""
        return [
            child
            for map_run in self._map_runs(arn)
            for child in self._list_executions(mapRunArn=map_run)
        ]

    def progress(self, arn: str) -> MapProgress:
        """Count an execution's child executions; all counts are 0 before the first one starts."""
        counts = [
            self._step_functions.describe_map_run(mapRunArn=map_run)["itemCounts"]
            for map_run in self._map_runs(arn)
        ]
        return MapProgress(
            *(sum(count[field] for count in counts) for field in MapProgress._fields)
        )

    def history(self, arn: str) -> list[dict[str, Any]]:
        """Return all events of an execution, the oldest first."""
        pages = self._step_functions.get_paginator("get_execution_history").paginate(
            executionArn=arn, PaginationConfig={"PageSize": _EVENTS_PAGE}
        )
        return [event for page in pages for event in page["events"]]

    def states_entered(self, arn: str) -> list[str]:
        """Return the names of the states that an execution or a child entered, in order."""
        return [
            event["stateEnteredEventDetails"]["name"]
            for event in self.history(arn)
            if "stateEnteredEventDetails" in event
        ]

    def state_data(self, arn: str) -> Iterator[StateData]:
        """Yield the input and output of each state of an execution and of its children."""
        for execution in (arn, *self.children(arn)):
            for event in self.history(execution):
                if entered := event.get("stateEnteredEventDetails"):
                    content = entered["input"].encode()
                    yield StateData(execution, entered["name"], "input", content)
                if exited := event.get("stateExitedEventDetails"):
                    content = exited["output"].encode()
                    yield StateData(execution, exited["name"], "output", content)

    def _describe(self, arn: str) -> Mapping[str, Any]:
        described: Mapping[str, Any] = self._step_functions.describe_execution(executionArn=arn)
        return described

    def _map_runs(self, arn: str) -> list[str]:
        map_runs = self._step_functions.list_map_runs(executionArn=arn)["mapRuns"]
        return [map_run["mapRunArn"] for map_run in map_runs]

    def _list_executions(self, **filters: str) -> list[str]:
        pages = self._step_functions.get_paginator("list_executions").paginate(**filters)
        return [item["executionArn"] for page in pages for item in page["executions"]]
