"""Finish a full run: assess the readiness to force TLS, and write the HTML report."""

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
    """Everything outside the process that reporting a full run uses."""

    @property
    def client_history(self) -> SamplingHistoryReader:
        """The observed clients and samples of each database."""

    @property
    def run_history(self) -> RunHistory:
        """The totals of past full runs."""

    @property
    def reports(self) -> ReportStore:
        """The HTML reports."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FullRun:
    """A full run with all its targets and results."""

    request: ReportRequest
    targets: Sequence[Target]
    results: Sequence[DatabaseResult]

    @property
    def lost(self) -> tuple[str, ...]:
        """The names of the targets without a result."""
        evaluated = {result.arn for result in self.results}
        databases = [target.database for target in self.targets]
        return tuple(database.id for database in databases if database.arn not in evaluated)


@dataclass(frozen=True, slots=True, kw_only=True)
class FullRunReport:
    """What a full run reports in addition to its findings."""

    readiness: Mapping[GroupKey, ReadinessSummary] = field(default_factory=dict)
    failure: Exception | None = None
    """The error that stopped the report, to be raised once everything else is done."""


def report_full_run(
    run: Run, full_run: FullRun, settings: Settings, ports: FullRunPorts
) -> FullRunReport:
    """Assess each parameter group, and write the HTML report.

    Returns an error as `failure` instead of raising it, because findings and digest must be sent
    in any case.
    """
    report = FullRunReport()
    try:
        assessments = assess_groups(
            run,
            full_run.targets,
            full_run.results,
            settings,
            ports.client_history,
            complete=full_run.request.complete,
        )
        readiness = {
            assessment.group: summarize(assessment, run.observed_at) for assessment in assessments
        }
        report = FullRunReport(readiness=readiness)
        _write_report(run, full_run, assessments, settings, ports)
    except Exception as error:  # noqa: BLE001 - the caller raises it once the digest is sent
        return replace(report, failure=error)
    return report


def _write_report(
    run: Run,
    full_run: FullRun,
    assessments: Sequence[ReadinessAssessment],
    settings: Settings,
    ports: FullRunPorts,
) -> None:
    """Write the HTML report, and add the run to the history unless an earlier attempt did."""
    known = ports.run_history.read()
    earlier = [totals for totals in known if totals.run_id != run.id]
    totals = _totals(run, full_run.results)
    if len(earlier) == len(known):
        ports.run_history.write(run, totals)
    if full_run.targets:
        html = _render(run, full_run, assessments, (*earlier, totals), settings)
        ports.reports.write_report(run, html)


def _render(
    run: Run,
    full_run: FullRun,
    assessments: Sequence[ReadinessAssessment],
    history: Sequence[RunTotals],
    settings: Settings,
) -> str:
    posture = Posture.of(
        run,
        full_run.targets[0].database.location,
        full_run.results,
        role=settings.database_user,
        complete=full_run.request.complete,
    )
    problems = [f"{result.id}: {result.problem}" for result in full_run.results if result.problem]
    return render_report(
        replace(
            posture,
            assessments=tuple(assessments),
            gaps=collect_gaps(full_run.results, full_run.lost),
            history=tuple(history),
            left_out=full_run.request.left_out,
            without_result=full_run.lost,
            tag_problems=tuple(problems),
        )
    )


def _totals(run: Run, results: Iterable[DatabaseResult]) -> RunTotals:
    counts = Counter(verdict.status for result in results for verdict in result.verdicts)
    return RunTotals(
        run_id=run.id,
        observed_at=run.observed_at,
        counts={status: counts[status] for status in Status},
    )
