"""Report names what was lost: a batch, a database of it, or the whole manifest."""

from dataclasses import replace

import pytest

from rds_tls_audit.run import RunKind
from rds_tls_audit.stages.report import Reported
from tests.unit.examples import database, run
from tests.unit.fakes import Runs, Topic
from tests.unit.stages.reporting import BILLING, CHANGE, ORDERS, close, kept, not_assessed, result


def test_lost_databases_are_named_and_mailed_with_every_check(topic: Topic) -> None:
    runs = kept([ORDERS], [BILLING], results=[result(BILLING, batch=1)])

    reported = close(runs, topic)

    assert (reported.lost, reported.lost_databases) == (1, ("orders-prod",))
    assert reported.databases == 2
    assert topic.document["not_assessed"] == [
        {"database": "orders-prod", "reason": "its batch was lost", "checks": 10}
    ]


def test_a_database_that_is_missing_from_its_batchs_result_is_lost(topic: Topic) -> None:
    runs = kept([ORDERS, BILLING], results=[result(BILLING)])

    reported = close(runs, topic)

    assert (reported.lost, reported.lost_databases) == (1, ("orders-prod",))


@pytest.mark.parametrize(
    ("lost", "named"),
    [(49, 49), (50, 50), (51, 50), (500, 50)],
    ids=["one-less", "50", "51", "500"],
)
def test_all_that_is_lost_is_counted_and_the_first_fifty_are_named(
    topic: Topic, lost: int, named: int
) -> None:
    databases = [database(f"shop-{number}") for number in range(lost)]

    reported = close(kept(databases), topic)

    assert reported.lost == lost
    assert reported.lost_databases == tuple(it.id for it in databases[:named])


def test_a_lost_manifest_loses_every_database_that_discover_found(topic: Topic) -> None:
    runs = Runs()

    reported = close(runs, topic, databases=120)

    assert reported == Reported(
        databases=120, lost=120, lost_databases=("all 120 databases",), changes=0, digest_sent=True
    )
    assert [it["database"] for it in not_assessed(topic)] == ["all 120 databases"]
    assert runs.last_full() is None


def test_changes_are_told_where_the_manifest_is_lost_too(topic: Topic) -> None:
    runs = Runs(results={"full-0": [replace(result(ORDERS), changes=(CHANGE,))]})

    assert close(runs, topic, databases=1).changes == 1


def test_databases_that_were_tried_alone_are_not_lost(topic: Topic) -> None:
    runs = kept(
        [ORDERS, BILLING],
        results=[replace(result(ORDERS), part=0), replace(result(BILLING), part=1)],
    )

    assert close(runs, topic).lost == 0


def test_a_lost_database_of_a_sample_run_misses_the_checks_that_were_asked_for(
    topic: Topic,
) -> None:
    sample = run(RunKind.SAMPLE)

    close(kept([ORDERS], of=sample), topic, sample)

    assert [it["checks"] for it in not_assessed(topic)] == [2]
