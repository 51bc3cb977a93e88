"""The report of a full run: the readiness of each group, and the HTML report."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from rds_tls_audit.checks.registry import all_checks
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
from tests.support.in_memory_stores import (
    ClientHistory,
    RunHistory,
    RunStore,
    StoreUnavailableError,
)

ORDERS, BILLING = database("orders-prod"), database("billing", parameter_group="pg17")
LEDGER = database("ledger-1", cluster=cluster())
PG16, PG17 = GroupKey(name="pg16", of_cluster=False), GroupKey(name="pg17", of_cluster=False)
AURORA16 = GroupKey(name="aurora16", of_cluster=True)


@dataclass
class FullRunHarness:
    """The ports of a full-run report, and a shortcut to use them."""

    client_history: ClientHistory = field(default_factory=ClientHistory)
    run_history: RunHistory = field(default_factory=RunHistory)
    reports: RunStore = field(default_factory=RunStore)

    def report(
        self, *probed: ProbedTarget, of: Run | None = None, lost: Sequence[Database] = ()
    ) -> FullRunReport:
        """Report a run with these probed targets and targets without a result."""
        current = of or run()
        record_clients(current, probed, self.client_history)
        targets = [target.target for target in (*probed, *map(good, lost))]
        request = ReportRequest(
            run_id=current.id, kind=current.kind, databases=len(targets), complete=True
        )
        results = [database_result(target) for target in probed]
        full_run = FullRun(request=request, targets=targets, results=results)
        return report_full_run(current, full_run, settings(), self)


@pytest.fixture
def harness() -> FullRunHarness:
    return FullRunHarness()


def test_every_deciding_group_has_a_readiness(harness: FullRunHarness) -> None:
    report = harness.report(bad(ORDERS), good(BILLING), bad(LEDGER))

    assert {group: summary.form for group, summary in report.readiness.items()} == {
        PG16: ReadinessStatus.CHECK_FIRST,
        PG17: ReadinessStatus.ALREADY_FORCED,
        AURORA16: ReadinessStatus.CHECK_FIRST,
    }
    assert {summary.at for summary in report.readiness.values()} == {NOW}
    assert report.failure is None


def test_a_run_that_is_closed_twice_is_in_the_history_once(harness: FullRunHarness) -> None:
    first, again = run(), replace(run(), observed_at=run().observed_at + timedelta(minutes=5))
    harness.report(bad(ORDERS), of=first)
    harness.report(bad(ORDERS), of=again)
    harness.report(good(ORDERS), of=run(hours=24))

    past, today = harness.run_history.read()

    assert (past.run_id, past.observed_at) == (first.id, first.observed_at)
    assert past.counts[Status.FAILED] == 3
    assert sum(past.counts.values()) == sum(today.counts.values()) == len(all_checks())
    assert today.counts[Status.FAILED] == 0


def test_the_html_report_names_the_run_its_databases_and_their_readiness(
    harness: FullRunHarness,
) -> None:
    harness.report(bad(ORDERS), lost=[BILLING])

    (html,) = harness.reports.reports.values()
    assert harness.reports.reports.keys() == {"full-0"}
    for text in ("full-0", "orders-prod", "billing", "pg16", "check these first"):
        assert text in html


def test_an_account_without_databases_has_a_history_but_no_html_report(
    harness: FullRunHarness,
) -> None:
    report = harness.report()

    assert report == FullRunReport()
    assert harness.reports.reports == {}
    assert len(harness.run_history.read()) == 1


def test_the_readiness_is_reported_if_the_html_report_cannot_be_written(
    harness: FullRunHarness,
) -> None:
    harness.reports.reports_unavailable = True

    report = harness.report(bad(ORDERS))

    assert isinstance(report.failure, StoreUnavailableError)
    assert report.readiness[PG16].form is ReadinessStatus.CHECK_FIRST
    assert len(harness.run_history.read()) == 1


def test_no_html_report_is_written_if_the_readiness_cannot_be_assessed(
    harness: FullRunHarness,
) -> None:
    harness.report(bad(ORDERS))
    harness.client_history.unavailable = True
    current = run(hours=24)
    full_run = FullRun(
        request=ReportRequest(run_id=current.id, kind=current.kind, databases=1, complete=True),
        targets=[bad(ORDERS).target],
        results=[database_result(bad(ORDERS))],
    )

    report = report_full_run(current, full_run, settings(), harness)

    assert isinstance(report.failure, StoreUnavailableError)
    assert report.readiness == {}
    assert harness.reports.reports.keys() == {"full-0"}
