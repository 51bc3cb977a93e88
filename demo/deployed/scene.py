"""The databases of the demo where the deployed probe can dial them: localhost, a port each."""

from typing import override

from demo.scene import AUDIT_PASSWORD, SECRET, Scene
from demo.states import State
from emulation.emulator import Emulator
from emulation.rds_resources import VPC

_NOBODY_LISTENS = 9  # the discard port, closed on any machine of today

_NEVER = "cron(0 0 1 1 ? 2099)"
"""Else a full run of its own accord, once a day, would have those started here skipped."""


class DeployedScene(Scene):
    """A scene without a tunnel: the endpoints lead to the servers, the certificates name them."""

    @override
    def host(self, state: State) -> str:
        return "localhost"

    @override
    def port(self, state: State) -> int:
        return self.servers[state.id].port if state.id in self.servers else _NOBODY_LISTENS

    def parameters(self, emulator: Emulator) -> dict[str, str]:
        """Store the login in the emulator, and give the parameters of a stack that finds all this.

        The emulator has no network: the VPC is a name, and so are its subnets.
        """
        return {
            "DatabasePorts": "5432",
            "FullSchedule": _NEVER,
            "RdsCaBundle": self.environment()["RDS_CA_BUNDLE"],
            "SecretArns": emulator.put_secret(SECRET, "rds_tls_audit", AUDIT_PASSWORD),
            "VpcId": VPC,
            "VpcSubnetIds": "subnet-0a1b2c3d4e5f60718,subnet-0a1b2c3d4e5f60719",
        }
