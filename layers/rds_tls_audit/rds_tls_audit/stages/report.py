"""Report: close the run: what was lost, who has departed, and one digest of what changed."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial

from rds_tls_audit.checks.evaluation import Evaluation
from rds_tls_audit.digest.outbox import fingerprint
from rds_tls_audit.digest.summary import Summary
from rds_tls_audit.findings.asff import FindingContext
from rds_tls_audit.findings.context import documentation_url
from rds_tls_audit.findings.import_result import ImportResult, Rejection
from rds_tls_audit.findings.inventory import reconcile_inventory
from rds_tls_audit.findings.resource import account_resource
from rds_tls_audit.findings.transition import decide_update
from rds_tls_audit.fleet.arn import Arn
from rds_tls_audit.pipeline.messages import ReportRequest
from rds_tls_audit.pipeline.run import Run, RunKind
from rds_tls_audit.ports.run_store import ReportStore, RunReader
from rds_tls_audit.ports.security_hub import Hub
from rds_tls_audit.ports.state_store import (
    Inventory,
    Lock,
    Outbox,
    RunHistory,
    SamplingHistoryReader,
    States,
)
from rds_tls_audit.ports.topics import Topics
from rds_tls_audit.results.batch_result import BatchResult, DatabaseResult
from rds_tls_audit.results.coverage import COVERAGE, evaluate_coverage
from rds_tls_audit.results.gaps import collect_gaps
from rds_tls_audit.settings import Settings
from rds_tls_audit.stages.steps.archive_findings import archive_retired
from rds_tls_audit.stages.steps.attach_readiness import attach_readiness_to_findings
from rds_tls_audit.stages.steps.deliver_digests import deliver_digests
from rds_tls_audit.stages.steps.deliver_findings import FindingUpdate, deliver_updates
from rds_tls_audit.stages.steps.report_full_run import FullRun, FullRunReport, report_full_run
from rds_tls_audit.text import pluralize

MAX_NAMED = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportPorts:
    """What report reaches."""

    runs: RunReader
    hub: Hub
    states: States
    inventory: Inventory
    sightings: SamplingHistoryReader
    past_runs: RunHistory
    pages: ReportStore
    outbox: Outbox
    topics: Topics
    lock: Lock


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """How the run ended."""

    databases: int
    lost: int
    """How many databases are without a result; the execution then fails, so that an alarm rings."""
    lost_databases: tuple[str, ...]
    """Names of the first of them."""
    not_assessed: int
    """How many databases have a check without an answer."""
    set_aside: int
    """How many findings Security Hub did not take, or would not have."""
    digest_sent: bool


class ClientsNotRecordedError(Exception):
    """Who was seen could not be stored; everything else was done."""


def close_run(
    this_run: Run, order: ReportRequest, settings: Settings, ports: ReportPorts
) -> Reported:
    """Compare the results with the manifest, archive, and tell what changed or is lost.

    The lock is given back however it ends: the next full run then tells what this one could not.

    Raises:
        NotToldError: a topic could not be told.
        NotRememberedError: who was seen was not stored.
        Exception: whatever kept the answers and the page from being written; last of all.
    """
    try:
        return _close(this_run, order, settings, ports)
    finally:
        ports.lock.release(this_run.id)


def _close(this_run: Run, order: ReportRequest, settings: Settings, ports: ReportPorts) -> Reported:
    manifest = ports.runs.read_manifest(this_run.id)
    wanted = [target.database for batch in manifest or () for target in batch.targets]
    results = list(ports.runs.read_results(this_run.id))
    databases = _databases(results)
    judged = {database.arn for database in databases}
    lost = [database.id for database in wanted if database.arn not in judged]
    missing = collect_gaps(databases, lost)
    affected = [*lost, *(it.id for it in databases if _misses_something(it))]
    replies = [ImportResult(rejected=it.rejected, hub_disabled=it.hub_off) for it in results]
    shown = FullRunReport()
    if manifest is not None and this_run.kind is not RunKind.SAMPLE:
        known = ports.inventory.read()
        left_out = ports.runs.read_left_out(this_run.id)
        complete = order.complete and this_run.kind is RunKind.FULL
        stock = reconcile_inventory(known, wanted, left_out, this_run, complete=complete)
        replies.append(archive_retired(this_run, stock, settings, ports))
        here = wanted or [it.database for it in known.values()]
        if this_run.kind is RunKind.FULL and here and (wanted or complete):
            covered = evaluate_coverage(len(wanted), affected, missing)
            replies.append(_cover(this_run, here[0].location, covered, settings, ports))
    if manifest is not None and this_run.kind is RunKind.FULL:
        ports.runs.set_latest_full_run(this_run)
        targets = [target for batch in manifest for target in batch.targets]
        whole = FullRun(request=order, targets=targets, results=databases)
        shown = report_full_run(this_run, whole, settings, ports)
        replies.append(
            attach_readiness_to_findings(this_run, whole, shown.readiness, settings, ports)
        )
    rejected = [rejection for reply in replies for rejection in reply.rejected]
    held_back = [change for result in results for change in result.held_back]
    off = next((reply.hub_disabled for reply in replies if reply.hub_disabled), None)
    number_lost, number_affected, names = len(lost), len(affected), lost
    if manifest is None and order.databases:
        number_lost = number_affected = order.databases
        names = [f"all {pluralize(order.databases, 'database')}"]
    digest_sent = deliver_digests(
        Summary(
            run=this_run,
            account=wanted[0].location.account if wanted else None,
            region=wanted[0].location.region if wanted else None,
            databases=order.databases,
            changes=held_back,
            gaps=missing,
            rejected=len(rejected),
            hub_off=off,
            left_out=order.left_out,
            accepted=_accepted(databases),
            problems=[f"{it.id}: {it.problem}" for it in databases if it.problem],
            complete=order.complete,
            lost=number_lost,
            weekly=False,
            totals=Counter(verdict.status for it in databases for verdict in it.verdicts),
        ),
        fingerprint(_delivery_problems(off, rejected)),
        {str(group): answer for group, answer in shown.readiness.items()},
        ports.topics,
        ports.outbox,
    )
    if shown.failure is not None:
        raise shown.failure
    for result in results:
        if result.not_remembered:
            raise ClientsNotRecordedError(
                f"the clients seen in batch {result.batch} are not all remembered, so that the "
                f"answer on forcing TLS may miss them ({result.not_remembered}): look at the "
                "state table"
            )
    return Reported(
        databases=order.databases,
        lost=number_lost,
        lost_databases=tuple(names[:MAX_NAMED]),
        not_assessed=number_affected,
        set_aside=len(rejected),
        digest_sent=digest_sent,
    )


def _cover(
    this_run: Run,
    place: Arn,
    covered: Evaluation,
    settings: Settings,
    ports: ReportPorts,
) -> ImportResult:
    subject = account_resource(place)
    key = (place.account, COVERAGE.id)
    update = FindingUpdate.of(
        COVERAGE,
        subject,
        ports.states.read([place.account]).get(key),
        partial(decide_update, evaluation=covered, run=this_run, settings=settings, withheld=None),
        FindingContext(
            remedy=covered.remedy,
            run_id=this_run.id,
            documentation=documentation_url(COVERAGE, settings),
        ),
    )
    return deliver_updates([update], settings, ports)


def _databases(results: Iterable[BatchResult]) -> list[DatabaseResult]:
    # A batch may have come through after its databases were tried alone: each counts once.
    by_part = sorted(results, key=lambda result: (result.part is not None, result.batch))
    databases = {it.arn: it for result in by_part for it in result.databases}
    return sorted(databases.values(), key=lambda database: database.arn)


def _misses_something(database: DatabaseResult) -> bool:
    return any(verdict.missing is not None for verdict in database.verdicts)


def _accepted(databases: Iterable[DatabaseResult]) -> list[str]:
    return [
        f"{database.id}: {verdict.check} {verdict.status}: {verdict.because}"
        for database in databases
        for verdict in database.verdicts
        if verdict.accepted
    ]


def _delivery_problems(off: str | None, rejected: Iterable[Rejection]) -> Iterable[str]:
    return [off] if off else [f"{it.id} {it.code}" for it in rejected]
