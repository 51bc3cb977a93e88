"""Report closes a run: it names what was lost, and mails only where there is something to tell."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import pytest

from rds_tls_audit.batches import Batch
from rds_tls_audit.change import Change
from rds_tls_audit.database import Database
from rds_tls_audit.digest import Digest
from rds_tls_audit.judgement import judge
from rds_tls_audit.observation import Observation
from rds_tls_audit.result import BatchResult, DatabaseResult, Rejection
from rds_tls_audit.run import Run, RunKind
from rds_tls_audit.stages import report
from rds_tls_audit.stages.report import Reported, ReportPorts
from rds_tls_audit.transition import ChangeKind
from rds_tls_audit.verdict import Status
from tests.unit.examples import NOW, database, good, run, settings, target

ORDERS = database("orders-prod")
BILLING = database("billing")
CHANGE = Change(
    kind=ChangeKind.NEW,
    check="plaintext-refused",
    database="orders-prod",
    status=Status.FAILED,
    because="a connection without TLS is accepted",
    owner=None,
)
REJECTION = Rejection(id="eu-central-1/…/db-A", code="InvalidInput", message="Title")


@dataclass
class Runs:
    """The run bucket in memory."""

    manifest: tuple[Batch, ...] = ()
    results: list[BatchResult] = field(default_factory=list)
    last_full: str | None = None

    def read_manifest(self, run_id: str) -> tuple[Batch, ...]:
        assert run_id == "full-0" or not run_id.startswith("full")
        return self.manifest

    def read_results(self, run_id: str) -> Iterable[BatchResult]:
        assert run_id
        return iter(self.results)

    def remember_full(self, run: Run) -> None:
        self.last_full = run.id


@dataclass
class Topic:
    """A topic in memory."""

    digests: list[Digest] = field(default_factory=list)

    def publish(self, digest: Digest) -> None:
        self.digests.append(digest)

    @property
    def document(self) -> dict[str, object]:
        """What programs read in the only digest."""
        (digest,) = self.digests
        read: dict[str, object] = json.loads(digest.document)
        return read


def manifest(*batches: Sequence[Database]) -> tuple[Batch, ...]:
    return tuple(
        Batch(
            run_id="full-0",
            batch=number,
            probe_function=None,
            targets=tuple(target(database) for database in batch),
        )
        for number, batch in enumerate(batches)
    )


def result(
    *databases: Database, batch: int = 0, observation: Observation | None = None
) -> BatchResult:
    witnessed = [good(database) for database in databases]
    if observation is not None:
        witnessed = [replace(seen, observation=observation) for seen in witnessed]
    return BatchResult(
        batch=batch,
        databases=tuple(
            DatabaseResult.of(seen, judge(seen, NOW, settings())) for seen in witnessed
        ),
    )


def close(runs: Runs, topic: Topic, this_run: Run | None = None) -> Reported:
    return report.run(this_run or run(), ReportPorts(runs=runs, topic=topic), complete=True)


@pytest.fixture
def topic() -> Topic:
    return Topic()


def test_nothing_is_mailed_where_nothing_changed(topic: Topic) -> None:
    runs = Runs(manifest=manifest([ORDERS]), results=[result(ORDERS)])

    reported = close(runs, topic)

    assert topic.digests == []
    assert reported == Reported(databases=1, lost=(), changes=0, digest_sent=False)


def test_what_could_not_be_assessed_alone_is_not_mailed(topic: Topic) -> None:
    unseen = result(ORDERS, observation=Observation.unseen("timed out"))

    assert not close(Runs(manifest=manifest([ORDERS]), results=[unseen]), topic).digest_sent
    assert topic.digests == []


def test_an_account_without_databases_is_no_reason_to_mail(topic: Topic) -> None:
    assert close(Runs(), topic) == Reported(databases=0, lost=(), changes=0, digest_sent=False)
    assert topic.digests == []


def test_a_change_is_mailed(topic: Topic) -> None:
    changed = replace(result(ORDERS), changes=(CHANGE,))

    reported = close(Runs(manifest=manifest([ORDERS]), results=[changed]), topic)

    (digest,) = topic.digests
    assert reported.digest_sent
    assert reported.changes == 1
    assert digest.subject == "RDS TLS audit: 1 new"
    assert "account 123456789012, eu-central-1" in digest.text


def test_a_rejection_is_mailed(topic: Topic) -> None:
    rejected = replace(result(ORDERS), rejected=(REJECTION, REJECTION))

    assert close(Runs(manifest=manifest([ORDERS]), results=[rejected]), topic).digest_sent
    assert topic.document["rejected"] == 2


def test_lost_databases_are_named_and_mailed_with_every_check(topic: Topic) -> None:
    runs = Runs(manifest=manifest([ORDERS], [BILLING]), results=[result(BILLING, batch=1)])

    reported = close(runs, topic)

    assert reported.lost == ("orders-prod",)
    assert reported.databases == 2
    assert topic.document["not_assessed"] == [
        {"database": "orders-prod", "reason": "its batch was lost", "checks": 10}
    ]


def test_a_database_that_is_missing_from_its_batchs_result_is_lost(topic: Topic) -> None:
    runs = Runs(manifest=manifest([ORDERS, BILLING]), results=[result(BILLING)])

    assert close(runs, topic).lost == ("orders-prod",)


def test_what_could_not_be_assessed_is_grouped_by_database_and_reason(topic: Topic) -> None:
    unseen = result(ORDERS, observation=Observation.unseen("timed out"))
    changed = replace(unseen, changes=(CHANGE,))

    close(Runs(manifest=manifest([ORDERS]), results=[changed]), topic)

    # All but force-ssl, which needs no connection.
    assert topic.document["not_assessed"] == [
        {"database": "orders-prod", "reason": "timed out", "checks": 9}
    ]


def test_the_changes_of_all_batches_come_in_one_digest(topic: Topic) -> None:
    runs = Runs(
        manifest=manifest([ORDERS], [BILLING]),
        results=[
            replace(result(ORDERS), changes=(CHANGE,)),
            replace(result(BILLING, batch=1), changes=(replace(CHANGE, database="billing"),)),
        ],
    )

    assert close(runs, topic).changes == 2
    assert len(topic.digests) == 1


def test_a_change_of_a_cluster_that_several_batches_tell_is_told_once(topic: Topic) -> None:
    of_cluster = replace(CHANGE, check="force-ssl", database="ledger")
    runs = Runs(
        manifest=manifest([ORDERS], [BILLING]),
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
    runs = Runs(manifest=manifest([ORDERS]), results=[result(ORDERS)])

    close(runs, topic, run(kind))

    assert runs.last_full == remembered


@pytest.mark.parametrize("complete", [True, False], ids=["complete", "not-complete"])
def test_the_digest_says_whether_the_listing_was_complete(topic: Topic, complete: bool) -> None:  # noqa: FBT001 - a parameter of the table
    runs = Runs(manifest=manifest([ORDERS]), results=[replace(result(ORDERS), changes=(CHANGE,))])

    report.run(run(), ReportPorts(runs=runs, topic=topic), complete=complete)

    assert topic.document["complete"] is complete
