"""How these tests publish: to a strict hub and stores in memory."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from rds_tls_audit.evidence.observation import Observation
from rds_tls_audit.findings.asff import Finding
from rds_tls_audit.findings.change import Change
from rds_tls_audit.pipeline.messages import ProbedTarget, ProbeResult
from rds_tls_audit.results.batch_result import BatchResult
from rds_tls_audit.settings import Settings
from rds_tls_audit.stages import publish
from rds_tls_audit.stages.publish import PublishPorts
from tests.support.builders import cluster, database, settings
from tests.support.in_memory_stores import ClientHistory, Runs, States
from tests.support.strict_hub import StrictHub

ORDERS = database("orders-prod", tags={"Owner": "orders team", "Team": "shop", "Blank": " "})
BILLING = database("billing")
MEMBERS = [database(f"ledger-{number}", cluster=cluster()) for number in (1, 2, 3)]
FAILING = ["force-ssl", "plaintext-refused", "sessions-encrypted"]
"""What is wrong with a database that is `bad`."""
DEFAULTS = settings()


@dataclass
class World:
    """Everything that publish reaches."""

    hub: StrictHub = field(default_factory=StrictHub)
    states: States = field(default_factory=States)
    runs: Runs = field(default_factory=Runs)
    sightings: ClientHistory = field(default_factory=ClientHistory)

    def publish(self, what: ProbeResult, told: Settings = DEFAULTS) -> BatchResult:
        ports = PublishPorts(
            hub=self.hub,
            states=self.states,
            results=self.runs,
            sightings=self.sightings,
        )
        return publish.publish_batch(what, told, ports)

    @property
    def changes(self) -> list[Change]:
        """What waits to be told."""
        return self.states.changes

    def told_by(self, what: ProbeResult, told: Settings = DEFAULTS) -> list[Change]:
        """Publish, and take what waits to be told from then on."""
        before = len(self.changes)
        self.publish(what, told)
        return self.changes[before:]

    @property
    def sent(self) -> list[Finding]:
        """What the last run sent."""
        return self.hub.calls[-1]


def checks(findings: Sequence[Finding]) -> list[str]:
    return [finding["GeneratorId"].removeprefix("rds-tls-audit/") for finding in findings]


def finding_of(check: str, resource_id: str = "db-ORDERS-PROD") -> str:
    return f"eu-central-1/123456789012/rds-tls-audit/{check}/{resource_id}"


def seen(of: ProbedTarget, observation: Observation) -> ProbedTarget:
    return replace(of, observation=observation)
