"""Report closes a run: it mails only where there is something to tell, and gives the lock back."""

from dataclasses import replace

import pytest

from rds_tls_audit.observation import Observation
from rds_tls_audit.run import RunKind
from rds_tls_audit.stages.report import Reported
from tests.unit.examples import cluster, database, run
from tests.unit.fakes import Lock, Runs, Topic
from tests.unit.stages.reporting import BILLING, CHANGE, ORDERS, REJECTION, close, kept, result


def test_nothing_is_mailed_where_nothing_changed(topic: Topic) -> None:
    runs = kept([ORDERS], results=[result(ORDERS)])

    reported = close(runs, topic)

    assert topic.digests == []
    assert reported == Reported(
        databases=1, lost=0, lost_databases=(), changes=0, digest_sent=False
    )


def test_what_could_not_be_assessed_alone_is_not_mailed(topic: Topic) -> None:
    unseen = result(ORDERS, observation=Observation.unseen("timed out"))

    assert not close(kept([ORDERS], results=[unseen]), topic).digest_sent
    assert topic.digests == []


def test_an_account_without_databases_is_no_reason_to_mail(topic: Topic) -> None:
    assert close(kept(), topic) == Reported(
        databases=0, lost=0, lost_databases=(), changes=0, digest_sent=False
    )
    assert topic.digests == []


def test_a_change_is_mailed(topic: Topic) -> None:
    changed = replace(result(ORDERS), changes=(CHANGE,))

    reported = close(kept([ORDERS], results=[changed]), topic)

    (digest,) = topic.digests
    assert reported.digest_sent
    assert reported.changes == 1
    assert digest.subject == "RDS TLS audit: 1 new"
    assert "account 123456789012, eu-central-1" in digest.text


def test_a_rejection_is_mailed(topic: Topic) -> None:
    rejected = replace(result(ORDERS), rejected=(REJECTION, REJECTION))

    assert close(kept([ORDERS], results=[rejected]), topic).digest_sent
    assert topic.document["rejected"] == 2


def test_what_could_not_be_assessed_is_grouped_by_database_and_reason(topic: Topic) -> None:
    unseen = result(ORDERS, observation=Observation.unseen("timed out"))
    changed = replace(unseen, changes=(CHANGE,))

    close(kept([ORDERS], results=[changed]), topic)

    # All but force-ssl, which needs no connection.
    assert topic.document["not_assessed"] == [
        {"database": "orders-prod", "reason": "timed out", "checks": 9}
    ]


def test_the_changes_of_all_batches_come_in_one_digest(topic: Topic) -> None:
    runs = kept(
        [ORDERS],
        [BILLING],
        results=[
            replace(result(ORDERS), changes=(CHANGE,)),
            replace(result(BILLING, batch=1), changes=(replace(CHANGE, database="billing"),)),
        ],
    )

    assert close(runs, topic).changes == 2
    assert len(topic.digests) == 1


def test_a_change_of_a_cluster_that_several_batches_tell_is_told_once(topic: Topic) -> None:
    of_cluster = replace(CHANGE, check="force-ssl", database="ledger")
    runs = kept(
        [ORDERS],
        [BILLING],
        results=[
            replace(result(ORDERS), changes=(of_cluster,)),
            replace(result(BILLING, batch=1), changes=(of_cluster,)),
        ],
    )

    assert close(runs, topic).changes == 1


@pytest.mark.parametrize(
    ("kind", "remembered"),
    [(RunKind.FULL, "full-0"), (RunKind.NAMED, None), (RunKind.SAMPLE, None)],
)
def test_a_full_run_alone_is_remembered_for_sample_runs(
    topic: Topic, kind: RunKind, remembered: str | None
) -> None:
    runs = kept([ORDERS], results=[result(ORDERS)], of=run(kind))

    close(runs, topic, run(kind))

    assert runs.last_full() == remembered


@pytest.mark.parametrize("complete", [True, False], ids=["complete", "not-complete"])
def test_the_digest_says_whether_the_listing_was_complete(topic: Topic, complete: bool) -> None:  # noqa: FBT001 - a parameter of the table
    runs = kept([ORDERS], results=[replace(result(ORDERS), changes=(CHANGE,))])

    close(runs, topic, complete=complete)

    assert topic.document["complete"] is complete


def test_the_digest_counts_the_databases_that_discover_found(topic: Topic) -> None:
    close(Runs(), topic, databases=120)

    assert topic.document["databases"] == 120


@pytest.mark.parametrize(
    "runs",
    [
        pytest.param(kept([ORDERS], results=[result(ORDERS)]), id="no-change"),
        pytest.param(kept([ORDERS]), id="lost"),
        pytest.param(Runs(), id="lost-manifest"),
        pytest.param(kept(), id="no-database"),
    ],
)
def test_the_lock_is_given_back_however_the_run_went(topic: Topic, runs: Runs) -> None:
    lock = Lock(holder=run())

    close(runs, topic, lock=lock, databases=1)

    assert lock.holder is None


def test_a_run_gives_back_no_lock_but_its_own(topic: Topic) -> None:
    lock = Lock(holder=run(hours=24))

    close(kept(of=run(RunKind.NAMED)), topic, run(RunKind.NAMED), lock=lock)

    assert lock.holder == run(hours=24)


def test_a_change_of_a_cluster_that_several_parts_of_a_batch_tell_is_told_once(
    topic: Topic,
) -> None:
    members = [database(f"ledger-{number}", cluster=cluster()) for number in range(3)]
    of_cluster = replace(CHANGE, check="force-ssl", database="ledger")
    runs = kept(
        members,
        results=[
            replace(result(member), part=part, changes=(of_cluster,))
            for part, member in enumerate(members)
        ],
    )

    assert close(runs, topic).changes == 1
