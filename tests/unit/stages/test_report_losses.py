"""Report names databases without a result: of a batch, or of a run without a manifest."""

from dataclasses import replace

import pytest

from rds_tls_audit.checks.registry import all_checks
from rds_tls_audit.evidence.observation import Observation
from rds_tls_audit.pipeline.run import RunKind
from rds_tls_audit.results.gaps import BATCH_FAILED, Gap
from tests.support.builders import database, run
from tests.support.in_memory_stores import RunStore
from tests.unit.stages.report_helpers import (
    BILLING,
    CHANGE,
    ORDERS,
    ReportHarness,
    expected_end,
    result,
    run_store,
)


def lost_gap(*names: str) -> Gap:
    return Gap(reason=BATCH_FAILED, databases=names, more=0, checks=0)


def test_databases_without_a_result_are_named_and_reported(reporter: ReportHarness) -> None:
    runs = run_store([ORDERS], [BILLING], results=[result(BILLING, batch=1)])

    ended = reporter.close(runs)

    assert (ended.lost, ended.lost_databases) == (1, ("orders-prod",))
    assert (ended.databases, ended.not_assessed) == (2, 1)
    assert reporter.topic.digest.lost == 1
    assert reporter.topic.digest.gaps == (lost_gap("orders-prod"),)


def test_a_database_that_is_missing_from_the_result_of_its_batch_has_no_result(
    reporter: ReportHarness,
) -> None:
    runs = run_store([ORDERS, BILLING], results=[result(BILLING)])

    ended = reporter.close(runs)

    assert (ended.lost, ended.lost_databases) == (1, ("orders-prod",))


@pytest.mark.parametrize(
    ("lost", "named"),
    [(49, 49), (50, 50), (51, 50), (500, 50)],
    ids=["49", "50", "51", "500"],
)
def test_all_databases_without_a_result_are_counted_and_fifty_are_named(
    reporter: ReportHarness, lost: int, named: int
) -> None:
    databases = [database(f"shop-{number}") for number in range(lost)]

    ended = reporter.close(run_store(databases))

    assert ended.lost == lost
    assert ended.lost_databases == tuple(lost_database.id for lost_database in databases[:named])


def test_without_a_manifest_no_database_that_discover_found_has_a_result(
    reporter: ReportHarness,
) -> None:
    runs = RunStore()

    ended = reporter.close(runs, databases=120)

    assert ended == expected_end(
        databases=120,
        lost=120,
        lost_databases=("all 120 databases",),
        not_assessed=120,
        digest_sent=True,
    )
    assert reporter.topic.digest.lost == 120
    assert runs.latest_full_run_id() is None


def test_changes_are_reported_even_without_a_manifest(reporter: ReportHarness) -> None:
    reporter.wait_in_outbox(CHANGE)

    reporter.close(RunStore(results={"full-0": [result(ORDERS)]}), databases=1)

    assert reporter.topic.changes == [CHANGE]


def test_databases_that_were_retried_alone_have_a_result(reporter: ReportHarness) -> None:
    runs = run_store(
        [ORDERS, BILLING],
        results=[replace(result(ORDERS), part=0), replace(result(BILLING), part=1)],
    )

    assert reporter.close(runs).lost == 0


def test_a_sample_run_reports_databases_without_a_result_too(reporter: ReportHarness) -> None:
    sample = run(RunKind.SAMPLE)

    reporter.close(run_store([ORDERS], of=sample), sample)

    assert reporter.topic.digest.gaps == (lost_gap("orders-prod"),)


def test_a_database_that_has_a_result_with_its_batch_and_alone_counts_once(
    reporter: ReportHarness,
) -> None:
    unseen = result(ORDERS, observation=Observation.unseen("timed out"))
    runs = run_store([ORDERS], results=[unseen, replace(unseen, part=0)])
    reporter.wait_in_outbox(CHANGE)

    ended = reporter.close(runs)

    assert ended.not_assessed == 1
    assert sum(reporter.topic.digest.totals.values()) == len(all_checks())
