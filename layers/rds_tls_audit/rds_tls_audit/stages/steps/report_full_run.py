"""Picture: what only a full run may say of all databases: the answers, and the page to look at."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from rds_tls_audit.checks.verdict import Status
from rds_tls_audit.fleet.configuration import GroupKey, Target
from rds_tls_audit.html_report.posture import Posture
from rds_tls_audit.html_report.render import render_report
from rds_tls_audit.pipeline.messages import ReportRequest
from rds_tls_audit.pipeline.run import Run
from rds_tls_audit.ports.run_store import ReportStore
from rds_tls_audit.ports.state_store import RunHistory, SamplingHistoryReader
from rds_tls_audit.readiness.assessment import ReadinessAssessment
from rds_tls_audit.readiness.status import ReadinessSummary
from rds_tls_audit.readiness.summary import summarize
from rds_tls_audit.results.batch_result import DatabaseResult
from rds_tls_audit.results.gaps import collect_gaps
from rds_tls_audit.results.run_totals import RunTotals
from rds_tls_audit.settings import Settings
from rds_tls_audit.stages.steps.assess_readiness import assess_groups


class FullRunPorts(Protocol):
    """What the picture reaches."""

    @property
    def sightings(self) -> SamplingHistoryReader:
        """What was remembered of each database."""

    @property
    def past_runs(self) -> RunHistory:
        """The full runs that were."""

    @property
    def pages(self) -> ReportStore:
        """Where pages lie."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FullRun:
    """A full run as a whole."""

    request: ReportRequest
    targets: Sequence[Target]
    results: Sequence[DatabaseResult]


@dataclass(frozen=True, slots=True, kw_only=True)
class FullRunReport:
    """What there is to tell beside the findings."""

    readiness: Mapping[GroupKey, ReadinessSummary] = field(default_factory=dict)
    failure: Exception | None = None
    """What kept it from being whole, to be raised once everything else is done."""


def report_full_run(
    this_run: Run, whole: FullRun, settings: Settings, ports: FullRunPorts
) -> FullRunReport:
    """Answer for each parameter group, and write the page.

    Raises nothing: findings and digest do not wait for it. What fails is its `failure`.
    """
    seen = FullRunReport()
    try:
        found = assess_groups(
            this_run,
            whole.targets,
            whole.results,
            settings,
            ports.sightings,
            complete=whole.request.complete,
        )
        at = this_run.observed_at
        seen = FullRunReport(readiness={answer.group: summarize(answer, at) for answer in found})
        _write_page(this_run, whole, found, settings, ports)
    except Exception as error:  # noqa: BLE001 - whatever it is, the run is told, and it is raised
        return replace(seen, failure=error)
    return seen


def _write_page(
    this_run: Run,
    whole: FullRun,
    found: Sequence[ReadinessAssessment],
    settings: Settings,
    ports: FullRunPorts,
) -> None:
    """Write the page, with this run in the history: once, though it be closed twice."""
    known = ports.past_runs.read()
    before = [past for past in known if past.run_id != this_run.id]
    past = _past(this_run, whole.results)
    if len(before) == len(known):
        ports.past_runs.write(this_run, past)
    if whole.targets:
        ports.pages.write_page(this_run, _page(this_run, whole, found, (*before, past), settings))


def _page(
    this_run: Run,
    whole: FullRun,
    found: Sequence[ReadinessAssessment],
    history: Sequence[RunTotals],
    settings: Settings,
) -> str:
    judged = {result.arn for result in whole.results}
    lost = [it.database.id for it in whole.targets if it.database.arn not in judged]
    posture = Posture.of(
        this_run,
        whole.targets[0].database.location,
        whole.results,
        role=settings.database_user,
        complete=whole.request.complete,
    )
    return render_report(
        replace(
            posture,
            assessments=tuple(found),
            gaps=collect_gaps(whole.results, lost),
            history=tuple(history),
            left_out=whole.request.left_out,
            lost=tuple(lost),
            problems=tuple(f"{it.id}: {it.problem}" for it in whole.results if it.problem),
        )
    )


def _past(this_run: Run, results: Iterable[DatabaseResult]) -> RunTotals:
    counts = Counter(verdict.status for result in results for verdict in result.verdicts)
    return RunTotals(
        run_id=this_run.id,
        observed_at=this_run.observed_at,
        counts={status: counts[status] for status in Status},
    )
