"""An account over time: a fleet, a clock, and everything that publish and report reach."""

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
    Inventory,
    Lock,
    Outbox,
    Rds,
    RunHistory,
    Runs,
    States,
    Topic,
)
from tests.support.strict_hub import StrictHub

HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(days=7)
TO_REPORT = timedelta(minutes=2)
"""From the probe to the end of a run."""


@dataclass
class World:
    """A fleet, what is known of it, and who is told; `full`, `named` and `sample` are its runs."""

    fleet: dict[str, ProbedTarget] = field(default_factory=dict)
    """What a probe sees now, by the name of the database."""
    out_of_scope: set[str] = field(default_factory=set)
    """Names of databases that full runs and events leave out."""
    settings: Settings = field(default_factory=builders.settings)
    now: datetime = NOW
    hub: StrictHub = field(default_factory=StrictHub)
    states: States = field(default_factory=States)
    inventory: Inventory = field(default_factory=Inventory)
    sightings: ClientHistory = field(default_factory=ClientHistory)
    past_runs: RunHistory = field(default_factory=RunHistory)
    topics: dict[str, Topic] = field(default_factory=lambda: {"digest": Topic(), "chat": Topic()})
    runs: Runs = field(default_factory=Runs)
    lock: Lock = field(default_factory=Lock)
    _count: int = 0

    @property
    def outbox(self) -> Outbox:
        """What waits to be told; one table with the states."""
        return self.states.outbox

    @property
    def publish_ports(self) -> PublishPorts:
        """What publish reaches."""
        return PublishPorts(
            hub=self.hub,
            states=self.states,
            results=self.runs,
            sightings=self.sightings,
        )

    @property
    def report_ports(self) -> ReportPorts:
        """What report reaches."""
        topics: dict[str, Callable[[Summary], None]] = {**self.topics}
        return ReportPorts(
            runs=self.runs,
            hub=self.hub,
            states=self.states,
            inventory=self.inventory,
            sightings=self.sightings,
            past_runs=self.past_runs,
            pages=self.runs,
            outbox=self.outbox,
            topics=topics,
            lock=self.lock,
        )

    def put(self, *seen: ProbedTarget) -> None:
        """Let the probe see these from now on."""
        self.fleet |= {it.target.database.id: it for it in seen}

    def remove(self, *names: str) -> None:
        """Delete these databases."""
        for name in names:
            del self.fleet[name]

    def later(self, by: timedelta) -> None:
        """Let time pass."""
        self.now += by

    def full(self, *, complete: bool = True) -> Reported:
        """Run over everything in scope."""
        return self._run(RunKind.FULL, sorted(self.fleet.keys() - self.out_of_scope), complete)

    def named(self, *names: str) -> Reported:
        """Run over these, in scope or not, as a person may ask for them."""
        return self._run(RunKind.NAMED, names)

    def event(self, *names: str) -> Reported:
        """Run over those of these that are there and in scope, as an event of RDS asks for them."""
        return self._run(
            RunKind.NAMED, [it for it in names if it in self.fleet.keys() - self.out_of_scope]
        )

    def sample(self) -> Reported:
        """Run over those that the last full run could log in to, by its own manifest."""
        this_run = self.new_run(RunKind.SAMPLE)
        found = discover.discover_databases(
            this_run,
            DiscoverRequest(kind=RunKind.SAMPLE),
            self.settings,
            DiscoverPorts(rds=Rds(), manifests=self.runs, lock=None),
        )
        assert isinstance(found, DiscoveryResult)
        manifest = self.runs.read_manifest(this_run.id) or ()
        self.publish(this_run, manifest)
        return self.report(this_run, found.databases, complete=False)

    def new_run(self, kind: RunKind) -> Run:
        """Begin a run now."""
        self._count += 1
        return Run(id=f"{kind}-{self._count}", kind=kind, observed_at=self.now)

    def discover(self, this_run: Run, names: Iterable[str]) -> tuple[Batch, ...]:
        """Write the manifest."""
        divided = divide_into_batches(
            (self.fleet[name].target for name in names), run_id=this_run.id, probe_function="probe"
        )
        self.runs.write_manifest(this_run, divided)
        if this_run.kind is RunKind.FULL:
            left_out = [self.fleet[name] for name in self.out_of_scope if name in self.fleet]
            databases = [it.target.database for it in left_out]
            self.runs.write_left_out(this_run, sorted(resources_by_id(databases)))
        return divided

    def evidence(self, this_run: Run, batch: Batch) -> ProbeResult:
        """Probe one batch; who is gone meanwhile was not reached."""
        gone = Observation.unseen("the name of its endpoint cannot be resolved")
        return ProbeResult(
            run=this_run,
            batch=batch.batch,
            witnessed=tuple(
                ProbedTarget(
                    target=it,
                    observation=self.fleet[it.database.id].observation
                    if it.database.id in self.fleet
                    else gone,
                )
                for it in batch.targets
            ),
        )

    def publish(self, this_run: Run, manifest: Sequence[Batch]) -> None:
        """Probe and publish every batch."""
        for batch in manifest:
            publish.publish_batch(self.evidence(this_run, batch), self.settings, self.publish_ports)

    def report(self, this_run: Run, databases: int, *, complete: bool) -> Reported:
        """Close a run, a little later."""
        order = ReportRequest(
            run_id=this_run.id,
            kind=this_run.kind,
            databases=databases,
            complete=complete,
            left_out=len(self.out_of_scope),
        )
        closing = replace(this_run, observed_at=this_run.observed_at + TO_REPORT)
        return report.close_run(closing, order, self.settings, self.report_ports)

    def finding(self, check: str, resource_id: str) -> Finding:
        """Give a finding as the hub has it."""
        return self.hub.findings[finding_id(check, resource_id)]

    def told(self, topic: str = "digest") -> list[Change]:
        """Give every change that a topic was told of."""
        return self.topics[topic].changes

    def _run(self, kind: RunKind, names: Sequence[str], complete: bool = True) -> Reported:  # noqa: FBT001, FBT002 - private
        this_run = self.new_run(kind)
        manifest = self.discover(this_run, names)
        self.publish(this_run, manifest)
        return self.report(this_run, len(names), complete=complete)


def finding_id(check: str, resource_id: str) -> str:
    """Write the Id of a finding."""
    return f"{REGION}/{ACCOUNT}/rds-tls-audit/{check}/{resource_id}"


COVERAGE = finding_id("coverage", ACCOUNT)


def unseen(of: ProbedTarget, reason: str = "no route to it") -> ProbedTarget:
    """Let the probe not reach a database; its configuration is known all the same."""
    return replace(of, observation=Observation.unseen(reason))


def since(world: World, act: Callable[[], object]) -> list[Finding]:
    """Give the findings that reach the hub meanwhile, as they were sent, in their order."""
    before = len(world.hub.calls)
    act()
    return [finding for call in world.hub.calls[before:] for finding in call]


def checks(findings: Iterable[Finding]) -> list[str]:
    """Name the checks of findings."""
    return [finding["GeneratorId"].removeprefix("rds-tls-audit/") for finding in findings]


def said(finding: Finding) -> str | None:
    """Give the answer on forcing TLS that a finding carries, if it does."""
    fields: dict[str, str] = finding["ProductFields"]
    return fields.get("rds-tls-audit/safe-to-force")


def standing(world: World) -> dict[str, tuple[str, str]]:
    """Give the status and the record state of every finding in the hub."""
    return {
        key: (finding["Compliance"]["Status"], finding["RecordState"])
        for key, finding in world.hub.findings.items()
    }
