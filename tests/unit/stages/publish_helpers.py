"""Publish to a strict Security Hub and to in-memory stores."""

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
from tests.support.in_memory_stores import ClientHistory, FindingStates, RunStore
from tests.support.strict_hub import StrictHub

ORDERS = database("orders-prod", tags={"Owner": "orders team", "Team": "shop", "Blank": " "})
BILLING = database("billing")
MEMBERS = [database(f"ledger-{number}", cluster=cluster()) for number in (1, 2, 3)]
FAILING = ["force-ssl", "plaintext-refused", "sessions-encrypted"]
"""The checks that a `bad` database fails."""
DEFAULTS = settings()


@dataclass
class PublishHarness:
    """The ports of publish, and shortcuts to use them."""

    hub: StrictHub = field(default_factory=StrictHub)
    states: FindingStates = field(default_factory=FindingStates)
    runs: RunStore = field(default_factory=RunStore)
    client_history: ClientHistory = field(default_factory=ClientHistory)

    def publish(self, result: ProbeResult, settings: Settings = DEFAULTS) -> BatchResult:
        ports = PublishPorts(
            hub=self.hub,
            states=self.states,
            results=self.runs,
            client_history=self.client_history,
        )
        return publish.publish_batch(result, settings, ports)

    @property
    def changes(self) -> list[Change]:
        """The changes in the outbox."""
        return self.states.changes

    def changes_from(self, result: ProbeResult, settings: Settings = DEFAULTS) -> list[Change]:
        """Publish a result, and return the changes that it adds to the outbox."""
        before = len(self.changes)
        self.publish(result, settings)
        return self.changes[before:]

    @property
    def sent(self) -> list[Finding]:
        """The findings that the latest run sent."""
        return self.hub.calls[-1]


def checks(findings: Sequence[Finding]) -> list[str]:
    return [finding["GeneratorId"].removeprefix("rds-tls-audit/") for finding in findings]


def finding_id(check: str, resource_id: str = "db-ORDERS-PROD") -> str:
    return f"eu-central-1/123456789012/rds-tls-audit/{check}/{resource_id}"


def with_observation(of: ProbedTarget, observation: Observation) -> ProbedTarget:
    return replace(of, observation=observation)
