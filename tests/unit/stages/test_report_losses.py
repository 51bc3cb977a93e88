"""Report names what was lost: a batch, a database of it, or the whole manifest."""

from dataclasses import replace

import pytest

from rds_tls_audit.evidence.observation import Observation
from rds_tls_audit.pipeline.run import RunKind
from rds_tls_audit.results.gaps import LOST, Gap
from tests.support.builders import database, run
from tests.support.in_memory_stores import Runs
from tests.unit.stages.report_helpers import (
    BILLING,
    CHANGE,
    ORDERS,
    ReportHarness,
    kept,
    reported,
    result,
)


def lost_gap(*names: str) -> Gap:
    return Gap(reason=LOST, databases=names, more=0, checks=0)


def test_lost_databases_are_named_and_told(desk: ReportHarness) -> None:
    runs = kept([ORDERS], [BILLING], results=[result(BILLING, batch=1)])

    ended = desk.close(runs)

    assert (ended.lost, ended.lost_databases) == (1, ("orders-prod",))
    assert (ended.databases, ended.not_assessed) == (2, 1)
    assert desk.topic.letter.lost == 1
    assert desk.topic.letter.gaps == (lost_gap("orders-prod"),)


def test_a_database_that_is_missing_from_its_batchs_result_is_lost(desk: ReportHarness) -> None:
    runs = kept([ORDERS, BILLING], results=[result(BILLING)])

    ended = desk.close(runs)

    assert (ended.lost, ended.lost_databases) == (1, ("orders-prod",))


@pytest.mark.parametrize(
    ("lost", "named"),
    [(49, 49), (50, 50), (51, 50), (500, 50)],
    ids=["one-less", "50", "51", "500"],
)
def test_all_that_is_lost_is_counted_and_the_first_fifty_are_named(
    desk: ReportHarness, lost: int, named: int
) -> None:
    databases = [database(f"shop-{number}") for number in range(lost)]

    ended = desk.close(kept(databases))

    assert ended.lost == lost
    assert ended.lost_databases == tuple(it.id for it in databases[:named])


def test_a_lost_manifest_loses_every_database_that_discover_found(desk: ReportHarness) -> None:
    runs = Runs()

    ended = desk.close(runs, databases=120)

    assert ended == reported(
        databases=120,
        lost=120,
        lost_databases=("all 120 databases",),
        not_assessed=120,
        digest_sent=True,
    )
    assert desk.topic.letter.lost == 120
    assert runs.latest_full_run_id() is None


def test_changes_are_told_where_the_manifest_is_lost_too(desk: ReportHarness) -> None:
    desk.note(CHANGE)

    desk.close(Runs(results={"full-0": [result(ORDERS)]}), databases=1)

    assert desk.topic.changes == [CHANGE]


def test_databases_that_were_tried_alone_are_not_lost(desk: ReportHarness) -> None:
    runs = kept(
        [ORDERS, BILLING],
        results=[replace(result(ORDERS), part=0), replace(result(BILLING), part=1)],
    )

    assert desk.close(runs).lost == 0


def test_a_sample_run_tells_what_it_lost_too(desk: ReportHarness) -> None:
    sample = run(RunKind.SAMPLE)

    desk.close(kept([ORDERS], of=sample), sample)

    assert desk.topic.letter.gaps == (lost_gap("orders-prod"),)


def test_a_database_that_was_judged_with_its_batch_and_alone_counts_once(
    desk: ReportHarness,
) -> None:
    unseen = result(ORDERS, observation=Observation.unseen("timed out"))
    runs = kept([ORDERS], results=[unseen, replace(unseen, part=0)])
    desk.note(CHANGE)

    ended = desk.close(runs)

    assert ended.not_assessed == 1
    assert sum(desk.topic.letter.totals.values()) == 10
