"""The stack, deployed once for all tests of this folder: real functions, real servers, real IAM."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from demo.deployed.scene import DeployedScene
from emulation.emulator import Emulator
from emulation.inbox import Inbox
from emulation.stack import Execution, Stack, deploy

PATIENCE_SECONDS = 500
WINDOW_SECONDS = 2
"""For which changes are gathered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """The deployed stack with everything around it."""

    scene: DeployedScene
    emulator: Emulator
    stack: Stack
    inbox: Inbox

    def run(self, event: object, *, name: str | None = None) -> Execution:
        """Run an execution to its end."""
        return self.stack.run(event, seconds=PATIENCE_SECONDS, name=name)

    def findings(self) -> dict[str, dict[str, object]]:
        """Give what Security Hub holds, by Id."""
        return {finding["Id"]: finding for finding in self.scene.account.findings()}

    def forget(self) -> None:
        """Empty the stores and Security Hub, as if nothing had been run."""
        s3, dynamodb = self.emulator.client("s3"), self.emulator.client("dynamodb")
        bucket, table = self.stack.outputs["RunBucket"], self.stack.outputs["StateTable"]
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
            for stored in page.get("Contents", []):
                s3.delete_object(Bucket=bucket, Key=stored["Key"])
        for page in dynamodb.get_paginator("scan").paginate(TableName=table):
            for item in page["Items"]:
                key = {name: item[name] for name in ("pk", "sk")}
                dynamodb.delete_item(TableName=table, Key=key)
        hub = self.scene.account.hub
        hub.findings.clear()
        hub.workflow.clear()


@pytest.fixture(scope="session")
def deployment() -> Iterator[Deployment]:
    with DeployedScene() as scene, Emulator(scene.account, wait_scale=0) as emulator:
        # Patient: ten batches of 25 at once are more than two cores answer in ten seconds.
        parameters = scene.parameters(emulator) | {
            "ProbeDeadlineSeconds": "60",
            "RecheckDelaySeconds": "3",
            "RecheckWindowSeconds": str(WINDOW_SECONDS),
        }
        stack = deploy(emulator, parameters)
        with Inbox(emulator, stack.outputs["Topic"]) as inbox:
            yield Deployment(scene=scene, emulator=emulator, stack=stack, inbox=inbox)


@pytest.fixture(scope="session")
def configuration_only(deployment: Deployment) -> Iterator[Deployment]:
    """A second stack of the same account, which was given no VPC."""
    stack = deploy(deployment.emulator, {}, name="configuration-only")
    # It hears of every change in the account as well, and is to do nothing of its own accord.
    functions = deployment.emulator.client("lambda")
    (mapping,) = functions.list_event_source_mappings(
        FunctionName=stack.outputs["RecheckFunction"]
    )["EventSourceMappings"]
    functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
    with Inbox(deployment.emulator, stack.outputs["Topic"]) as inbox:
        yield Deployment(
            scene=deployment.scene, emulator=deployment.emulator, stack=stack, inbox=inbox
        )
