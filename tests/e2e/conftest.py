"""The stack, deployed once for all tests of this folder: real functions, real servers, real IAM."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from demo.deployed.scene import DeployedScene
from emulation.emulator import Emulator
from emulation.inbox import Inbox
from emulation.stack import Execution, Stack, deploy

PATIENCE_SECONDS = 60


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


@pytest.fixture(scope="session")
def deployment() -> Iterator[Deployment]:
    with DeployedScene() as scene, Emulator(scene.account, wait_scale=0) as emulator:
        # Patient: ten batches of 25 at once are more than two cores answer in ten seconds.
        parameters = scene.parameters(emulator) | {
            "ProbeDeadlineSeconds": "60",
            "RecheckDelaySeconds": "3",
            "RecheckWindowSeconds": "2",
        }
        stack = deploy(emulator, parameters)
        with Inbox(emulator, stack.outputs["Topic"]) as inbox:
            yield Deployment(scene=scene, emulator=emulator, stack=stack, inbox=inbox)


@pytest.fixture(scope="session")
def configuration_only(deployment: Deployment) -> Iterator[Deployment]:
    """A second stack of the same account, which was given no VPC."""
    # It hears of every change in the account as well: later than any test takes.
    parameters = {"RecheckDelaySeconds": "900"}
    stack = deploy(deployment.emulator, parameters, name="configuration-only")
    with Inbox(deployment.emulator, stack.outputs["Topic"]) as inbox:
        yield Deployment(
            scene=deployment.scene, emulator=deployment.emulator, stack=stack, inbox=inbox
        )
