"""An AWS account over time: its databases, a clock, and everything outside the process."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from rds_tls_audit.digest.summary import Summary
from rds_tls_audit.evidence.observation import Observation
from rds_tls_audit.findings.asff import Finding
from rds_tls_audit.findings.change import Change
from rds_tls_audit.findings.inventory import resources_by_id
from rds_tls_audit.pipeline.manifest import Batch, divide_into_batches
from rds_tls_audit.pipeline.messages import ProbedTarget, ProbeResult, ReportRequest
from rds_tls_audit.pipeline.requests import DiscoverRequest
from rds_tls_audit.pipeline.run import Run, RunKind
from rds_tls_audit.settings import Settings
from rds_tls_audit.stages import discover, publish, report
from rds_tls_audit.stages.discover import DiscoverPorts, DiscoveryResult
from rds_tls_audit.stages.publish import PublishPorts
from rds_tls_audit.stages.report import Reported, ReportPorts
from tests.support import builders
from tests.support.builders import ACCOUNT, NOW, REGION
from tests.support.in_memory_stores import (
    ClientHistory,
    FindingStates,
    Inventory,
    Lock,
    Outbox,
    Rds,
    RunHistory,
    RunStore,
    Topic,
)
from tests.support.strict_hub import StrictHub

HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(days=7)
CLOSING_DELAY = timedelta(minutes=2)
"""The time between the probes and the end of a run."""


@dataclass
class SimulatedAccount:
    """An account whose databases a test changes and audits with the real stages."""

    fleet: dict[str, ProbedTarget] = field(default_factory=dict)
    """What a probe finds now, by database name."""
    out_of_scope: set[str] = field(default_factory=set)
    """The names of the databases that full runs and change events skip."""
    settings: Settings = field(default_factory=builders.settings)
    now: datetime = NOW
    hub: StrictHub = field(default_factory=StrictHub)
    states: FindingStates = field(default_factory=FindingStates)
    inventory: Inventory = field(default_factory=Inventory)
    client_history: ClientHistory = field(default_factory=ClientHistory)
    run_history: RunHistory = field(default_factory=RunHistory)
    topics: dict[str, Topic] = field(default_factory=lambda: {"digest": Topic(), "chat": Topic()})
    runs: RunStore = field(default_factory=RunStore)
    lock: Lock = field(default_factory=Lock)
    _count: int = 0

    @property
    def outbox(self) -> Outbox:
        """The outbox, which is in one table with the states."""
        return self.states.outbox

    @property
    def publish_ports(self) -> PublishPorts:
        """The ports of publish."""
        return PublishPorts(
            hub=self.hub,
            states=self.states,
            results=self.runs,
            client_history=self.client_history,
        )

    @property
    def report_ports(self) -> ReportPorts:
        """The ports of report."""
        topics: dict[str, Callable[[Summary], None]] = {**self.topics}
        return ReportPorts(
            runs=self.runs,
            hub=self.hub,
            states=self.states,
            inventory=self.inventory,
            client_history=self.client_history,
            run_history=self.run_history,
            reports=self.runs,
            outbox=self.outbox,
            topics=topics,
            lock=self.lock,
        )

    def set_databases(self, *databases: ProbedTarget) -> None:
        """Create these databases, or change what a probe finds for them."""
        self.fleet |= {probed.target.database.id: probed for probed in databases}

    def delete_databases(self, *names: str) -> None:
        """Delete databases."""
        for name in names:
            del self.fleet[name]

    def advance_clock(self, by: timedelta) -> None:
        """Let time pass until the next run."""
        self.now += by

    def run_full(self, *, complete: bool = True) -> Reported:
        """Run over all databases in scope."""
        return self._run(RunKind.FULL, sorted(self.fleet.keys() - self.out_of_scope), complete)

    def run_named(self, *names: str) -> Reported:
        """Run over these databases, in scope or not, as an operator can ask for them."""
        return self._run(RunKind.NAMED, names)

    def run_for_event(self, *names: str) -> Reported:
        """Run over these databases if they exist and are in scope, as for an RDS event."""
        in_scope = self.fleet.keys() - self.out_of_scope
        return self._run(RunKind.NAMED, [name for name in names if name in in_scope])

    def run_sample(self) -> Reported:
        """Run over the databases that discover selects from the latest full run."""
        run = self.start_run(RunKind.SAMPLE)
        discovered = discover.discover_databases(
            run,
            DiscoverRequest(kind=RunKind.SAMPLE),
            self.settings,
            DiscoverPorts(rds=Rds(), manifests=self.runs, lock=None),
        )
        assert isinstance(discovered, DiscoveryResult)
        manifest = self.runs.read_manifest(run.id) or ()
        self.probe_and_publish(run, manifest)
        return self.close_run(run, discovered.databases, complete=False)

    def start_run(self, kind: RunKind) -> Run:
        """Start a run now."""
        self._count += 1
        return Run(id=f"{kind}-{self._count}", kind=kind, observed_at=self.now)

    def write_manifest(self, run: Run, names: Iterable[str]) -> tuple[Batch, ...]:
        """Write the manifest of a run, and its databases out of scope if it is a full run."""
        batches = divide_into_batches(
            (self.fleet[name].target for name in names), run_id=run.id, probe_function="probe"
        )
        self.runs.write_manifest(run, batches)
        if run.kind is RunKind.FULL:
            names_left_out = self.out_of_scope & self.fleet.keys()
            databases = [self.fleet[name].target.database for name in names_left_out]
            self.runs.write_left_out(run, sorted(resources_by_id(databases)))
        return batches

    def probe(self, run: Run, batch: Batch) -> ProbeResult:
        """Probe one batch; a database that was deleted meanwhile cannot be reached."""
        deleted = Observation.unseen("the name of its endpoint cannot be resolved")
        return ProbeResult(
            run=run,
            batch=batch.batch,
            witnessed=tuple(
                ProbedTarget(
                    target=target,
                    observation=self.fleet[target.database.id].observation
                    if target.database.id in self.fleet
                    else deleted,
                )
                for target in batch.targets
            ),
        )

    def probe_and_publish(self, run: Run, manifest: Sequence[Batch]) -> None:
        """Probe and publish every batch."""
        for batch in manifest:
            publish.publish_batch(self.probe(run, batch), self.settings, self.publish_ports)

    def close_run(self, run: Run, databases: int, *, complete: bool) -> Reported:
        """Close a run a little later."""
        request = ReportRequest(
            run_id=run.id,
            kind=run.kind,
            databases=databases,
            complete=complete,
            left_out=len(self.out_of_scope),
        )
        closing = replace(run, observed_at=run.observed_at + CLOSING_DELAY)
        return report.close_run(closing, request, self.settings, self.report_ports)

    def get_finding(self, check: str, resource_id: str) -> Finding:
        """Return a finding as Security Hub has it."""
        return self.hub.findings[finding_id(check, resource_id)]

    def reported_changes(self, topic: str = "digest") -> list[Change]:
        """Return every change that a topic has received."""
        return self.topics[topic].changes

    def _run(self, kind: RunKind, names: Sequence[str], complete: bool = True) -> Reported:  # noqa: FBT001, FBT002 - private
        run = self.start_run(kind)
        manifest = self.write_manifest(run, names)
        self.probe_and_publish(run, manifest)
        return self.close_run(run, len(names), complete=complete)


def finding_id(check: str, resource_id: str) -> str:
    """Return the Id of a finding."""
    return f"{REGION}/{ACCOUNT}/rds-tls-audit/{check}/{resource_id}"


COVERAGE_FINDING = finding_id("coverage", ACCOUNT)


def unreachable(probed: ProbedTarget, reason: str = "no route to it") -> ProbedTarget:
    """Make a database unreachable for the probe; its configuration stays known."""
    return replace(probed, observation=Observation.unseen(reason))


def findings_sent_by(account: SimulatedAccount, act: Callable[[], object]) -> list[Finding]:
    """Return the findings that are sent to Security Hub meanwhile, in order."""
    before = len(account.hub.calls)
    act()
    return [finding for call in account.hub.calls[before:] for finding in call]


def check_ids(findings: Iterable[Finding]) -> list[str]:
    """Return the check ids of findings."""
    return [finding["GeneratorId"].removeprefix("rds-tls-audit/") for finding in findings]


def readiness_in(finding: Finding) -> str | None:
    """Return the readiness status in a finding; None if it has none."""
    fields: dict[str, str] = finding["ProductFields"]
    return fields.get("rds-tls-audit/safe-to-force")


def finding_statuses(account: SimulatedAccount) -> dict[str, tuple[str, str]]:
    """Return the compliance status and the record state of every finding in Security Hub."""
    return {
        key: (finding["Compliance"]["Status"], finding["RecordState"])
        for key, finding in account.hub.findings.items()
    }
