"""The picture of a full run: what is answered, and the page."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from rds_tls_audit.checks.verdict import Status
from rds_tls_audit.fleet.configuration import GroupKey
from rds_tls_audit.fleet.database import Database
from rds_tls_audit.pipeline.messages import ProbedTarget, ReportRequest
from rds_tls_audit.pipeline.run import Run
from rds_tls_audit.readiness.status import ReadinessStatus
from rds_tls_audit.stages.steps.record_clients import record_clients
from rds_tls_audit.stages.steps.report_full_run import FullRun, FullRunReport, report_full_run
from tests.support.builders import (
    NOW,
    bad,
    cluster,
    database,
    database_result,
    good,
    run,
    settings,
)
from tests.support.in_memory_stores import ClientHistory, LostError, RunHistory, Runs

ORDERS, BILLING = database("orders-prod"), database("billing", parameter_group="pg17")
LEDGER = database("ledger-1", cluster=cluster())
PG16, PG17 = GroupKey(name="pg16", of_cluster=False), GroupKey(name="pg17", of_cluster=False)
AURORA16 = GroupKey(name="aurora16", of_cluster=True)


@dataclass
class Gallery:
    """Everything that the picture reaches."""

    sightings: ClientHistory = field(default_factory=ClientHistory)
    past_runs: RunHistory = field(default_factory=RunHistory)
    pages: Runs = field(default_factory=Runs)

    def look(
        self, *seen: ProbedTarget, of: Run | None = None, lost: Sequence[Database] = ()
    ) -> FullRunReport:
        """Make the picture of a run that saw these."""
        this_run = of or run()
        record_clients(this_run, seen, self.sightings)
        targets = [it.target for it in (*seen, *map(good, lost))]
        order = ReportRequest(
            run_id=this_run.id, kind=this_run.kind, databases=len(targets), complete=True
        )
        results = [database_result(it) for it in seen]
        whole = FullRun(request=order, targets=targets, results=results)
        return report_full_run(this_run, whole, settings(), self)


@pytest.fixture
def gallery() -> Gallery:
    return Gallery()


def test_every_group_that_decides_has_its_answer(gallery: Gallery) -> None:
    made = gallery.look(bad(ORDERS), good(BILLING), bad(LEDGER))

    assert {key: answer.form for key, answer in made.readiness.items()} == {
        PG16: ReadinessStatus.CHECK_FIRST,
        PG17: ReadinessStatus.ALREADY_FORCED,
        AURORA16: ReadinessStatus.CHECK_FIRST,
    }
    assert {answer.at for answer in made.readiness.values()} == {NOW}
    assert made.failure is None


def test_a_run_is_in_the_history_once_though_it_is_closed_twice(gallery: Gallery) -> None:
    first, again = run(), replace(run(), observed_at=run().observed_at + timedelta(minutes=5))
    gallery.look(bad(ORDERS), of=first)
    gallery.look(bad(ORDERS), of=again)
    gallery.look(good(ORDERS), of=run(hours=24))

    past, today = gallery.past_runs.read()

    assert (past.run_id, past.observed_at) == (first.id, first.observed_at)
    assert past.counts[Status.FAILED] == 3
    assert sum(past.counts.values()) == sum(today.counts.values()) == 10
    assert today.counts[Status.FAILED] == 0


def test_the_page_tells_the_run_its_databases_and_its_answers(gallery: Gallery) -> None:
    gallery.look(bad(ORDERS), lost=[BILLING])

    (html,) = gallery.pages.pages.values()
    assert gallery.pages.pages.keys() == {"full-0"}
    for told in ("full-0", "orders-prod", "billing", "pg16", "check these first"):
        assert told in html


def test_an_account_without_databases_has_no_page_and_a_history(gallery: Gallery) -> None:
    made = gallery.look()

    assert made == FullRunReport()
    assert gallery.pages.pages == {}
    assert len(gallery.past_runs.read()) == 1


def test_a_page_that_cannot_be_written_costs_no_answers(gallery: Gallery) -> None:
    gallery.pages.pages_away = True

    made = gallery.look(bad(ORDERS))

    assert isinstance(made.failure, LostError)
    assert made.readiness[PG16].form is ReadinessStatus.CHECK_FIRST
    assert len(gallery.past_runs.read()) == 1


def test_where_nothing_can_be_answered_no_page_says_there_was_no_answer(gallery: Gallery) -> None:
    gallery.look(bad(ORDERS))
    gallery.sightings.away = True
    this_run = run(hours=24)
    whole = FullRun(
        request=ReportRequest(run_id=this_run.id, kind=this_run.kind, databases=1, complete=True),
        targets=[bad(ORDERS).target],
        results=[database_result(bad(ORDERS))],
    )

    made = report_full_run(this_run, whole, settings(), gallery)

    assert isinstance(made.failure, LostError)
    assert made.readiness == {}
    assert gallery.pages.pages.keys() == {"full-0"}
