"""Picture: what only a full run may say of all databases: the answers, and the page to look at."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from rds_tls_audit.checks.verdict import Status
from rds_tls_audit.fleet.configuration import GroupKey, Target
from rds_tls_audit.html_report.posture import Posture
from rds_tls_audit.html_report.render import page
from rds_tls_audit.pipeline.messages import ReportOrder
from rds_tls_audit.pipeline.run import Run
from rds_tls_audit.ports.run_store import Pages
from rds_tls_audit.ports.state_store import Histories, PastRuns
from rds_tls_audit.readiness.assessment import Answer
from rds_tls_audit.readiness.status import ShortAnswer
from rds_tls_audit.readiness.summary import in_short
from rds_tls_audit.results.batch_result import DatabaseResult
from rds_tls_audit.results.gaps import gaps
from rds_tls_audit.results.run_totals import Past
from rds_tls_audit.settings import Settings
from rds_tls_audit.stages.steps.assess_readiness import answers


class PicturePorts(Protocol):
    """What the picture reaches."""

    @property
    def sightings(self) -> Histories:
        """What was remembered of each database."""

    @property
    def past_runs(self) -> PastRuns:
        """The full runs that were."""

    @property
    def pages(self) -> Pages:
        """Where pages lie."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """A full run as a whole."""

    order: ReportOrder
    targets: Sequence[Target]
    results: Sequence[DatabaseResult]


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """What there is to tell beside the findings."""

    answers: Mapping[GroupKey, ShortAnswer] = field(default_factory=dict)
    failure: Exception | None = None
    """What kept it from being whole, to be raised once everything else is done."""


def picture(this_run: Run, whole: Whole, settings: Settings, ports: PicturePorts) -> Picture:
    """Answer for each parameter group, and write the page.

    Raises nothing: findings and digest do not wait for it. What fails is its `failure`.
    """
    seen = Picture()
    try:
        found = answers(
            this_run,
            whole.targets,
            whole.results,
            settings,
            ports.sightings,
            complete=whole.order.complete,
        )
        at = this_run.observed_at
        seen = Picture(answers={answer.group: in_short(answer, at) for answer in found})
        _show(this_run, whole, found, settings, ports)
    except Exception as error:  # noqa: BLE001 - whatever it is, the run is told, and it is raised
        return replace(seen, failure=error)
    return seen


def _show(
    this_run: Run,
    whole: Whole,
    found: Sequence[Answer],
    settings: Settings,
    ports: PicturePorts,
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
    whole: Whole,
    found: Sequence[Answer],
    history: Sequence[Past],
    settings: Settings,
) -> str:
    judged = {result.arn for result in whole.results}
    lost = [it.database.id for it in whole.targets if it.database.arn not in judged]
    posture = Posture.of(
        this_run,
        whole.targets[0].database.place,
        whole.results,
        role=settings.database_user,
        complete=whole.order.complete,
    )
    return page(
        replace(
            posture,
            answers=tuple(found),
            gaps=gaps(whole.results, lost),
            history=tuple(history),
            left_out=whole.order.left_out,
            lost=tuple(lost),
            problems=tuple(f"{it.id}: {it.problem}" for it in whole.results if it.problem),
        )
    )


def _past(this_run: Run, results: Iterable[DatabaseResult]) -> Past:
    counts = Counter(verdict.status for result in results for verdict in result.verdicts)
    return Past(
        run_id=this_run.id,
        observed_at=this_run.observed_at,
        counts={status: counts[status] for status in Status},
    )
