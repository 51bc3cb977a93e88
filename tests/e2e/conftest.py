"""Deploys the stack once for all tests of this folder: real functions, servers, and IAM rules."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from demo.deployed.account import DeployedDemoAccount
from emulation.emulator import Emulator
from emulation.inbox import Inbox
from emulation.stack import Execution, Stack, deploy

EXECUTION_TIMEOUT_SECONDS = 500
WINDOW_SECONDS = 2
"""How long recheck gathers changes before it starts a run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """The deployed stack with the account, the emulator, and the inbox that it uses."""

    demo_account: DeployedDemoAccount
    emulator: Emulator
    stack: Stack
    inbox: Inbox

    def run(self, event: object, *, name: str | None = None) -> Execution:
        """Start an execution, wait until it has ended, and return it."""
        return self.stack.run(event, seconds=EXECUTION_TIMEOUT_SECONDS, name=name)

    def findings(self) -> dict[str, dict[str, object]]:
        """Return the findings that Security Hub holds, by Id."""
        return {finding["Id"]: finding for finding in self.demo_account.aws.findings()}

    def clear(self) -> None:
        """Empty the bucket, the table, and Security Hub, as if there had been no run."""
        s3, dynamodb = self.emulator.client("s3"), self.emulator.client("dynamodb")
        bucket, table = self.stack.outputs["RunBucket"], self.stack.outputs["StateTable"]
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
            for stored in page.get("Contents", []):
                s3.delete_object(Bucket=bucket, Key=stored["Key"])
        for page in dynamodb.get_paginator("scan").paginate(TableName=table):
            for item in page["Items"]:
                key = {name: item[name] for name in ("pk", "sk")}
                dynamodb.delete_item(TableName=table, Key=key)
        hub = self.demo_account.aws.hub
        hub.findings.clear()
        hub.workflow.clear()


def stop_schedules(emulator: Emulator) -> None:
    """Disable all schedules: a run of theirs would start whenever the tests take long enough."""
    scheduler = emulator.client("scheduler")
    for listed in scheduler.list_schedules()["Schedules"]:
        name = {"Name": listed["Name"], "GroupName": listed["GroupName"]}
        schedule = scheduler.get_schedule(**name)
        kept = {
            key: schedule[key] for key in ("ScheduleExpression", "FlexibleTimeWindow", "Target")
        }
        scheduler.update_schedule(**name, **kept, State="DISABLED")


@pytest.fixture(scope="session")
def deployment() -> Iterator[Deployment]:
    with (
        DeployedDemoAccount() as demo_account,
        Emulator(demo_account.aws, wait_scale=0) as emulator,
    ):
        # Two cores cannot probe ten batches of 25 databases at once within the default of 10 s.
        parameters = demo_account.parameters(emulator) | {
            "ProbeDeadlineSeconds": "60",
            "RecheckDelaySeconds": "3",
            "RecheckWindowSeconds": str(WINDOW_SECONDS),
        }
        stack = deploy(emulator, parameters)
        stop_schedules(emulator)
        with Inbox(emulator, stack.outputs["Topic"]) as inbox:
            yield Deployment(demo_account=demo_account, emulator=emulator, stack=stack, inbox=inbox)


@pytest.fixture(scope="session")
def configuration_only(deployment: Deployment) -> Iterator[Deployment]:
    """A second stack in the same account, deployed without a VPC."""
    stack = deploy(deployment.emulator, {}, name="configuration-only")
    stop_schedules(deployment.emulator)
    # This stack receives every change in the account, too, but must not start runs for them.
    functions = deployment.emulator.client("lambda")
    (mapping,) = functions.list_event_source_mappings(
        FunctionName=stack.outputs["RecheckFunction"]
    )["EventSourceMappings"]
    functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
    with Inbox(deployment.emulator, stack.outputs["Topic"]) as inbox:
        yield Deployment(
            demo_account=deployment.demo_account,
            emulator=deployment.emulator,
            stack=stack,
            inbox=inbox,
        )
