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
from tests.unit.examples import cluster, database, good, run, settings, target
from tests.unit.fakes import Lock

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

    manifest: tuple[Batch, ...] | None = ()
    results: list[BatchResult] = field(default_factory=list)
    last_full: str | None = None

    def read_manifest(self, run_id: str) -> tuple[Batch, ...] | None:
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
    *databases: Database,
    batch: int = 0,
    observation: Observation | None = None,
) -> BatchResult:
    witnessed = [good(database) for database in databases]
    if observation is not None:
        witnessed = [replace(seen, observation=observation) for seen in witnessed]
    return BatchResult(
        batch=batch,
        databases=tuple(
            DatabaseResult.of(seen, judge(seen, run(), settings())) for seen in witnessed
        ),
    )


def close(  # noqa: PLR0913 - what report is given
    runs: Runs,
    topic: Topic,
    this_run: Run | None = None,
    *,
    lock: Lock | None = None,
    databases: int | None = None,
    complete: bool = True,
) -> Reported:
    """Close a run that found what is in its manifest, unless it is said otherwise."""
    in_manifest = sum(len(batch.targets) for batch in runs.manifest or ())
    return report.run(
        this_run or run(),
        ReportPorts(runs=runs, topic=topic, lock=lock or Lock()),
        databases=in_manifest if databases is None else databases,
        complete=complete,
    )


def not_assessed(topic: Topic) -> list[dict[str, object]]:
    listed = topic.document["not_assessed"]
    assert isinstance(listed, list)
    return listed


@pytest.fixture
def topic() -> Topic:
    return Topic()


def test_nothing_is_mailed_where_nothing_changed(topic: Topic) -> None:
    runs = Runs(manifest=manifest([ORDERS]), results=[result(ORDERS)])

    reported = close(runs, topic)

    assert topic.digests == []
    assert reported == Reported(
        databases=1, lost=0, lost_databases=(), changes=0, digest_sent=False
    )


def test_what_could_not_be_assessed_alone_is_not_mailed(topic: Topic) -> None:
    unseen = result(ORDERS, observation=Observation.unseen("timed out"))

    assert not close(Runs(manifest=manifest([ORDERS]), results=[unseen]), topic).digest_sent
    assert topic.digests == []


def test_an_account_without_databases_is_no_reason_to_mail(topic: Topic) -> None:
    assert close(Runs(), topic) == Reported(
        databases=0, lost=0, lost_databases=(), changes=0, digest_sent=False
    )
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

    assert (reported.lost, reported.lost_databases) == (1, ("orders-prod",))
    assert reported.databases == 2
    assert topic.document["not_assessed"] == [
        {"database": "orders-prod", "reason": "its batch was lost", "checks": 10}
    ]


def test_a_database_that_is_missing_from_its_batchs_result_is_lost(topic: Topic) -> None:
    runs = Runs(manifest=manifest([ORDERS, BILLING]), results=[result(BILLING)])

    reported = close(runs, topic)

    assert (reported.lost, reported.lost_databases) == (1, ("orders-prod",))


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

    close(runs, topic, complete=complete)

    assert topic.document["complete"] is complete


@pytest.mark.parametrize(
    ("lost", "named"),
    [(49, 49), (50, 50), (51, 50), (500, 50)],
    ids=["one-less", "50", "51", "500"],
)
def test_all_that_is_lost_is_counted_and_the_first_fifty_are_named(
    topic: Topic, lost: int, named: int
) -> None:
    databases = [database(f"shop-{number}") for number in range(lost)]

    reported = close(Runs(manifest=manifest(databases)), topic)

    assert reported.lost == lost
    assert reported.lost_databases == tuple(it.id for it in databases[:named])


def test_a_lost_manifest_loses_every_database_that_discover_found(topic: Topic) -> None:
    runs = Runs(manifest=None)

    reported = close(runs, topic, databases=120)

    assert reported == Reported(
        databases=120, lost=120, lost_databases=("all 120 databases",), changes=0, digest_sent=True
    )
    assert [it["database"] for it in not_assessed(topic)] == ["all 120 databases"]
    assert runs.last_full is None


def test_changes_are_told_where_the_manifest_is_lost_too(topic: Topic) -> None:
    runs = Runs(manifest=None, results=[replace(result(ORDERS), changes=(CHANGE,))])

    assert close(runs, topic, databases=1).changes == 1


def test_the_digest_counts_the_databases_that_discover_found(topic: Topic) -> None:
    close(Runs(manifest=None), topic, databases=120)

    assert topic.document["databases"] == 120


@pytest.mark.parametrize(
    "runs",
    [
        pytest.param(Runs(manifest=manifest([ORDERS]), results=[result(ORDERS)]), id="no-change"),
        pytest.param(Runs(manifest=manifest([ORDERS])), id="lost"),
        pytest.param(Runs(manifest=None), id="lost-manifest"),
        pytest.param(Runs(), id="no-database"),
    ],
)
def test_the_lock_is_given_back_however_the_run_went(topic: Topic, runs: Runs) -> None:
    lock = Lock(holder=run())

    close(runs, topic, lock=lock, databases=1)

    assert lock.holder is None


def test_a_run_gives_back_no_lock_but_its_own(topic: Topic) -> None:
    lock = Lock(holder=run(hours=24))

    close(Runs(), topic, run(RunKind.NAMED), lock=lock)

    assert lock.holder == run(hours=24)


def test_databases_that_were_tried_alone_are_not_lost(topic: Topic) -> None:
    runs = Runs(
        manifest=manifest([ORDERS, BILLING]),
        results=[replace(result(ORDERS), part=0), replace(result(BILLING), part=1)],
    )

    assert close(runs, topic).lost == 0


def test_a_change_of_a_cluster_that_several_parts_of_a_batch_tell_is_told_once(
    topic: Topic,
) -> None:
    members = [database(f"ledger-{number}", cluster=cluster()) for number in range(3)]
    of_cluster = replace(CHANGE, check="force-ssl", database="ledger")
    runs = Runs(
        manifest=manifest(members),
        results=[
            replace(result(member), part=part, changes=(of_cluster,))
            for part, member in enumerate(members)
        ],
    )

    assert close(runs, topic).changes == 1


def test_a_lost_database_of_a_sample_run_misses_the_checks_that_were_asked_for(
    topic: Topic,
) -> None:
    close(Runs(manifest=manifest([ORDERS])), topic, run(RunKind.SAMPLE))

    assert [it["checks"] for it in not_assessed(topic)] == [2]
