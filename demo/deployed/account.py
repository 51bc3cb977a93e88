"""The account of the demo with endpoints that the deployed probe can reach, on localhost."""

from typing import override

from demo.account import AUDIT_PASSWORD, SECRET, DemoAccount
from demo.databases import DemoDatabase
from emulation.emulator import Emulator
from emulation.rds_resources import VPC

_UNUSED_PORT = 9  # the port of the discard service, on which no current machine listens

_NEVER = "cron(0 0 1 1 ? 2099)"
"""A scheduled full run would make the full runs that are started here end as skipped."""


class DeployedDemoAccount(DemoAccount):
    """A demo account whose endpoints and certificates name the servers' own host and ports."""

    @override
    def host(self, database: DemoDatabase) -> str:
        return "localhost"

    @override
    def port(self, database: DemoDatabase) -> int:
        return self.servers[database.id].port if database.id in self.servers else _UNUSED_PORT

    def parameters(self, emulator: Emulator) -> dict[str, str]:
        """Store the login in the emulator, and return parameters with which a stack uses it.

        The emulator has no VPC, so the ids of the VPC and its subnets only need to be well-formed.
        """
        return {
            "DatabasePorts": "5432",
            "FullSchedule": _NEVER,
            "RdsCaBundle": self.environment()["RDS_CA_BUNDLE"],
            "SecretArns": emulator.put_secret(SECRET, "rds_tls_audit", AUDIT_PASSWORD),
            "VpcId": VPC,
            "VpcSubnetIds": "subnet-0a1b2c3d4e5f60718,subnet-0a1b2c3d4e5f60719",
        }
