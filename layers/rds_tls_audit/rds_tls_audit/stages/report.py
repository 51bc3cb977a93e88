"""Close a run: report what is missing, archive obsolete findings, and send the digest."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from rds_tls_audit.digest.outbox import fingerprint
from rds_tls_audit.digest.summary import Summary
from rds_tls_audit.findings.asff import FindingContext
from rds_tls_audit.findings.context import documentation_url
from rds_tls_audit.findings.import_result import ImportResult, Rejection
from rds_tls_audit.findings.inventory import reconcile_inventory
from rds_tls_audit.findings.resource import account_resource
from rds_tls_audit.findings.transition import decide_update
from rds_tls_audit.fleet.arn import Arn
from rds_tls_audit.fleet.configuration import Target
from rds_tls_audit.fleet.database import Database
from rds_tls_audit.pipeline.manifest import Batch
from rds_tls_audit.pipeline.messages import ReportRequest
from rds_tls_audit.pipeline.run import Run, RunKind
from rds_tls_audit.ports.run_lock import Lock
from rds_tls_audit.ports.run_store import ReportStore, RunReader
from rds_tls_audit.ports.security_hub import Hub
from rds_tls_audit.ports.state_store import (
    FindingStates,
    Inventory,
    Outbox,
    RunHistory,
    SamplingHistoryReader,
)
from rds_tls_audit.ports.topics import Topics
from rds_tls_audit.results.batch_result import BatchResult, DatabaseResult
from rds_tls_audit.results.coverage import COVERAGE, evaluate_coverage
from rds_tls_audit.results.gaps import Gap, collect_gaps
from rds_tls_audit.settings import Settings
from rds_tls_audit.stages.steps.archive_findings import archive_retired
from rds_tls_audit.stages.steps.attach_readiness import attach_readiness_to_findings
from rds_tls_audit.stages.steps.deliver_digests import deliver_digests
from rds_tls_audit.stages.steps.deliver_findings import FindingUpdate, deliver_updates
from rds_tls_audit.stages.steps.report_full_run import FullRun, FullRunReport, report_full_run
from rds_tls_audit.text import pluralize

MAX_NAMED = 50
"""The number of databases without a result that a run names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportPorts:
    """Everything outside the process that report uses."""

    runs: RunReader
    hub: Hub
    states: FindingStates
    inventory: Inventory
    client_history: SamplingHistoryReader
    run_history: RunHistory
    reports: ReportStore
    outbox: Outbox
    topics: Topics
    lock: Lock


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """The response of `report`: how the run ended. Field names are the stored format."""

    databases: int
    lost: int
    """The number of databases without a result. If there are any, the execution fails, so that the
    alarm goes off."""
    lost_databases: tuple[str, ...]
    """The names of the first `MAX_NAMED` of them."""
    not_assessed: int
    """The number of databases with a check that lacks evidence."""
    set_aside: int
    """The number of findings that were not imported, or whose import is not confirmed."""
    digest_sent: bool


class ClientsNotRecordedError(Exception):
    """The observed clients of a batch could not be stored; the rest of the run was completed."""


def close_run(run: Run, request: ReportRequest, settings: Settings, ports: ReportPorts) -> Reported:
    """Compare the results with the manifest, archive findings, and send the digest.

    Releases the run's lock in any case: the next full run reports what this one could not.

    Raises:
        DigestNotDeliveredError: a digest could not be delivered to a topic.
        ClientsNotRecordedError: publish could not store the observed clients of a batch.
        Exception: whatever kept the readiness or the HTML report from being written. This and
            ClientsNotRecordedError are raised after everything else is done.
    """
    try:
        return _close(run, request, settings, ports)
    finally:
        ports.lock.release(run.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Outcome:
    """What the manifest and the results of a run amount to."""

    request: ReportRequest
    manifest: Sequence[Batch] | None
    """None if the manifest no longer exists."""
    batches: Sequence[BatchResult]
    databases: Sequence[DatabaseResult]
    """One result for each database that has any."""

    @property
    def targets(self) -> list[Target]:
        """The targets that the manifest lists."""
        return [target for batch in self.manifest or () for target in batch.targets]

    @property
    def expected(self) -> list[Database]:
        """The databases that the manifest lists."""
        return [target.database for target in self.targets]

    @property
    def lost(self) -> list[str]:
        """The names of the listed databases that have no result."""
        evaluated = {result.arn for result in self.databases}
        return [database.id for database in self.expected if database.arn not in evaluated]

    @property
    def not_assessed(self) -> list[str]:
        """The names of the databases without a result, or with a check that lacks evidence."""
        return [*self.lost, *(result.id for result in self.databases if _lacks_evidence(result))]

    @property
    def gaps(self) -> Sequence[Gap]:
        """What could not be assessed, by reason."""
        return collect_gaps(self.databases, self.lost)

    @property
    def unlisted(self) -> int:
        """The number of databases that discover found, if their manifest no longer exists."""
        return self.request.databases if self.manifest is None else 0

    @property
    def number_lost(self) -> int:
        """The number of databases without a result."""
        return self.unlisted or len(self.lost)

    def reported(self, rejected: Sequence[Rejection], *, digest_sent: bool) -> Reported:
        """Return how the run ended."""
        everything = f"all {pluralize(self.unlisted, 'database')}"
        return Reported(
            databases=self.request.databases,
            lost=self.number_lost,
            lost_databases=(everything,) if self.unlisted else tuple(self.lost[:MAX_NAMED]),
            not_assessed=self.unlisted or len(self.not_assessed),
            set_aside=len(rejected),
            digest_sent=digest_sent,
        )


def _close(run: Run, request: ReportRequest, settings: Settings, ports: ReportPorts) -> Reported:
    outcome = _read_outcome(run, request, ports.runs)
    imports = [
        ImportResult(rejected=batch.rejected, hub_disabled=batch.hub_off)
        for batch in outcome.batches
    ]
    report = FullRunReport()
    if outcome.manifest is not None and run.kind is not RunKind.SAMPLE:
        imports += _reconcile(run, outcome, settings, ports)
    if outcome.manifest is not None and run.kind is RunKind.FULL:
        report, imported = _finish_full_run(run, outcome, settings, ports)
        imports.append(imported)
    rejected = [rejection for imported in imports for rejection in imported.rejected]
    hub_off = next((imported.hub_disabled for imported in imports if imported.hub_disabled), None)
    digest_sent = deliver_digests(
        _summarize(run, outcome, len(rejected), hub_off),
        fingerprint(_delivery_problems(hub_off, rejected)),
        {str(group): readiness for group, readiness in report.readiness.items()},
        ports.topics,
        ports.outbox,
    )
    _raise_postponed(report, outcome)
    return outcome.reported(rejected, digest_sent=digest_sent)


def _read_outcome(run: Run, request: ReportRequest, runs: RunReader) -> _Outcome:
    manifest = runs.read_manifest(run.id)
    batches = list(runs.read_results(run.id))
    # A batch may have succeeded after its databases were retried individually: each counts once.
    by_part = sorted(batches, key=lambda batch: (batch.part is not None, batch.batch))
    databases = {result.arn: result for batch in by_part for result in batch.databases}
    return _Outcome(
        request=request,
        manifest=manifest,
        batches=batches,
        databases=sorted(databases.values(), key=lambda result: result.arn),
    )


def _reconcile(
    run: Run, outcome: _Outcome, settings: Settings, ports: ReportPorts
) -> list[ImportResult]:
    """Archive the findings of retired resources; after a full run, report the coverage too."""
    known, expected = ports.inventory.read(), outcome.expected
    is_full = run.kind is RunKind.FULL
    complete = outcome.request.complete and is_full
    left_out = ports.runs.read_left_out(run.id)
    changes = reconcile_inventory(known, expected, left_out, run, complete=complete)
    imports = [archive_retired(run, changes, settings, ports)]
    databases = expected or [resource.database for resource in known.values()]
    if is_full and databases and (expected or complete):
        imports.append(_report_coverage(run, databases[0].location, outcome, settings, ports))
    return imports


def _report_coverage(
    run: Run, location: Arn, outcome: _Outcome, settings: Settings, ports: ReportPorts
) -> ImportResult:
    coverage = evaluate_coverage(len(outcome.expected), outcome.not_assessed, outcome.gaps)
    key = (location.account, COVERAGE.id)
    update = FindingUpdate.of(
        COVERAGE,
        account_resource(location),
        ports.states.read([location.account]).get(key),
        partial(decide_update, evaluation=coverage, run=run, settings=settings, withheld=None),
        FindingContext(
            remedy=coverage.remedy,
            run_id=run.id,
            documentation=documentation_url(COVERAGE, settings),
        ),
    )
    return deliver_updates([update], settings, ports)


def _finish_full_run(
    run: Run, outcome: _Outcome, settings: Settings, ports: ReportPorts
) -> tuple[FullRunReport, ImportResult]:
    """Assess the readiness, write the HTML report, and attach the readiness to findings."""
    ports.runs.set_latest_full_run(run)
    full_run = FullRun(request=outcome.request, targets=outcome.targets, results=outcome.databases)
    report = report_full_run(run, full_run, settings, ports)
    imported = attach_readiness_to_findings(run, full_run, report.readiness, settings, ports)
    return report, imported


def _summarize(run: Run, outcome: _Outcome, rejected: int, hub_off: str | None) -> Summary:
    location = outcome.expected[0].location if outcome.expected else None
    verdicts = [verdict for result in outcome.databases for verdict in result.verdicts]
    return Summary(
        run=run,
        account=location.account if location else None,
        region=location.region if location else None,
        databases=outcome.request.databases,
        changes=[change for batch in outcome.batches for change in batch.held_back],
        gaps=outcome.gaps,
        rejected=rejected,
        hub_disabled=hub_off,
        left_out=outcome.request.left_out,
        accepted=_accepted_risks(outcome.databases),
        tag_problems=[
            f"{result.id}: {result.problem}" for result in outcome.databases if result.problem
        ],
        complete=outcome.request.complete,
        lost=outcome.number_lost,
        weekly=False,
        totals=Counter(verdict.status for verdict in verdicts),
    )


def _raise_postponed(report: FullRunReport, outcome: _Outcome) -> None:
    """Raise what went wrong earlier, now that everything else is done."""
    if report.failure is not None:
        raise report.failure
    for batch in outcome.batches:
        if batch.not_remembered:
            raise ClientsNotRecordedError(
                f"Not all observed clients of batch {batch.batch} were stored "
                f"({batch.not_remembered}), so the readiness assessment may miss some of them. "
                "Check the state table."
            )


def _lacks_evidence(result: DatabaseResult) -> bool:
    return any(verdict.missing is not None for verdict in result.verdicts)


def _accepted_risks(results: Iterable[DatabaseResult]) -> list[str]:
    return [
        f"{result.id}: {verdict.check} {verdict.status}: {verdict.because}"
        for result in results
        for verdict in result.verdicts
        if verdict.accepted
    ]


def _delivery_problems(hub_off: str | None, rejected: Iterable[Rejection]) -> Iterable[str]:
    return [hub_off] if hub_off else [f"{rejection.id} {rejection.code}" for rejection in rejected]
