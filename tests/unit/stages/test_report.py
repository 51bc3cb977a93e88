"""Report closes a run: it sends a digest only if there is news, and releases the lock."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest

from rds_tls_audit.checks.registry import all_checks
from rds_tls_audit.digest.summary import Summary
from rds_tls_audit.evidence.observation import Observation
from rds_tls_audit.findings.state import ChangeKind
from rds_tls_audit.pipeline.run import Run, RunKind
from rds_tls_audit.results.gaps import Gap
from rds_tls_audit.stages.steps.deliver_digests import DigestNotDeliveredError
from tests.support.builders import run
from tests.support.in_memory_stores import Lock, RunStore, Topic
from tests.unit.stages.report_helpers import (
    BILLING,
    CHANGE,
    ORDERS,
    REJECTION,
    ReportHarness,
    expected_end,
    result,
    run_store,
)


def test_no_digest_is_sent_if_nothing_changed(reporter: ReportHarness) -> None:
    assert reporter.close(run_store([ORDERS], results=[result(ORDERS)])) == expected_end()
    assert reporter.topic.digests == []


def test_missing_evidence_is_reported_once_as_the_coverage_of_the_account(
    reporter: ReportHarness,
) -> None:
    unseen = result(ORDERS, observation=Observation.unseen("timed out"))

    first = reporter.close(run_store([ORDERS], results=[unseen]))
    again = run(hours=24)
    second = reporter.close(run_store([ORDERS], results=[unseen], of=again), again)

    assert (first.digest_sent, second.digest_sent) == (True, False)
    assert (first.not_assessed, second.not_assessed) == (1, 1)
    (change,) = reporter.topic.digest.changes
    assert (change.kind, change.check) == (ChangeKind.NEW, "coverage")


@pytest.mark.parametrize("kind", [RunKind.NAMED, RunKind.SAMPLE])
def test_only_full_runs_report_the_coverage(reporter: ReportHarness, kind: RunKind) -> None:
    unseen = result(ORDERS, observation=Observation.unseen("timed out"))

    reporter.close(run_store([ORDERS], results=[unseen], of=run(kind)), run(kind))

    assert (reporter.topic.digests, reporter.hub.findings) == ([], {})


def test_an_account_without_databases_sends_no_digest(reporter: ReportHarness) -> None:
    assert reporter.close(run_store()) == expected_end(databases=0)
    assert reporter.topic.digests == []


def test_a_change_is_reported(reporter: ReportHarness) -> None:
    reporter.wait_in_outbox(CHANGE)

    ended = reporter.close(run_store([ORDERS], results=[result(ORDERS)]))

    digest = reporter.topic.digest
    assert ended == expected_end(digest_sent=True)
    assert digest.changes == [CHANGE]
    assert (digest.account, digest.region) == ("123456789012", "eu-central-1")


def test_a_change_is_reported_once(reporter: ReportHarness) -> None:
    reporter.wait_in_outbox(CHANGE)

    for hours in (0, 24):
        current = run(hours=hours)
        reporter.close(run_store([ORDERS], results=[result(ORDERS)], of=current), current)

    assert reporter.topic.changes == [CHANGE]
    assert reporter.outbox.entries == {}


def test_a_rejection_is_reported_once_and_again_when_it_changes(reporter: ReportHarness) -> None:
    other = replace(REJECTION, code="InternalError")
    for hours, rejection in enumerate([REJECTION, REJECTION, other]):
        current = run(hours=hours)
        rejected = replace(result(ORDERS), rejected=(rejection,))
        ended = reporter.close(run_store([ORDERS], results=[rejected], of=current), current)
        assert ended.set_aside == 1

    assert [digest.rejected for digest in reporter.topic.digests] == [1, 1]


@dataclass
class InterruptedTopic(Topic):
    """A topic during whose first delivery something else happens."""

    interruption: Callable[[], object] | None = None

    def __call__(self, digest: Summary) -> None:
        if self.interruption is not None:
            interrupt, self.interruption = self.interruption, None
            interrupt()
        super().__call__(digest)


def test_a_rejection_that_a_run_could_not_report_is_reported_by_the_next_run(
    reporter: ReportHarness,
) -> None:
    full, named, last = run(), run(RunKind.NAMED, hours=0.1), run(RunKind.NAMED, hours=1)
    rejected = replace(result(ORDERS), rejected=(REJECTION,))

    def close(of: Run) -> None:
        reporter.close(run_store([ORDERS], results=[rejected], of=of), of)

    topic = InterruptedTopic(unavailable=True, interruption=lambda: close(named))
    reporter.topics["digest"] = topic
    with pytest.raises(DigestNotDeliveredError):
        close(full)  # the named run ends meanwhile, and leaves the report to this one
    topic.unavailable = False

    close(last)

    assert [digest.run.id for digest in topic.digests] == [last.id]


def test_databases_that_could_not_be_assessed_are_grouped_by_reason(
    reporter: ReportHarness,
) -> None:
    unseen = result(ORDERS, BILLING, observation=Observation.unseen("timed out"))

    reporter.close(run_store([ORDERS, BILLING], results=[unseen]))

    # All checks except force-ssl, which needs no connection.
    verdicts = 2 * (len(all_checks()) - 1)
    assert reporter.topic.digest.gaps == (
        Gap(reason="timed out", databases=("billing", "orders-prod"), more=0, checks=verdicts),
    )


def test_the_changes_of_all_batches_are_in_one_digest(reporter: ReportHarness) -> None:
    reporter.wait_in_outbox(CHANGE, replace(CHANGE, database="billing"))
    runs = run_store([ORDERS], [BILLING], results=[result(ORDERS), result(BILLING, batch=1)])

    reporter.close(runs)

    assert len(reporter.topic.digest.changes) == 2


@pytest.mark.parametrize(
    ("kind", "latest"),
    [(RunKind.FULL, "full-0"), (RunKind.NAMED, None), (RunKind.SAMPLE, None)],
)
def test_only_a_full_run_becomes_the_latest_full_run(
    reporter: ReportHarness, kind: RunKind, latest: str | None
) -> None:
    runs = run_store([ORDERS], results=[result(ORDERS)], of=run(kind))

    reporter.close(runs, run(kind))

    assert runs.latest_full_run_id() == latest


@pytest.mark.parametrize("complete", [True, False], ids=["complete", "not-complete"])
def test_the_digest_says_whether_the_listing_was_complete(
    reporter: ReportHarness,
    complete: bool,  # noqa: FBT001 - a parameter of the table
) -> None:
    reporter.wait_in_outbox(CHANGE)

    reporter.close(run_store([ORDERS], results=[result(ORDERS)]), complete=complete)

    assert reporter.topic.digest.complete is complete


def test_the_digest_has_the_number_of_databases_that_discover_found(
    reporter: ReportHarness,
) -> None:
    reporter.close(RunStore(), databases=120)

    assert reporter.topic.digest.databases == 120


LOCKED_RUNS = pytest.mark.parametrize(
    "runs",
    [
        pytest.param(run_store([ORDERS], results=[result(ORDERS)]), id="no-change"),
        pytest.param(run_store([ORDERS]), id="no-result"),
        pytest.param(RunStore(), id="no-manifest"),
        pytest.param(run_store(), id="no-database"),
    ],
)


@LOCKED_RUNS
def test_the_lock_is_released_however_the_run_went(reporter: ReportHarness, runs: RunStore) -> None:
    reporter.lock = Lock(holder=run())

    reporter.close(runs, databases=1)

    assert reporter.lock.holder is None


def test_the_lock_is_released_if_a_topic_is_unavailable(reporter: ReportHarness) -> None:
    reporter.lock, reporter.topics = Lock(holder=run()), {"digest": Topic(unavailable=True)}
    reporter.wait_in_outbox(CHANGE)

    with pytest.raises(DigestNotDeliveredError, match="digest"):
        reporter.close(run_store([ORDERS], results=[result(ORDERS)]))

    assert reporter.lock.holder is None


def test_a_run_releases_only_its_own_lock(reporter: ReportHarness) -> None:
    reporter.lock = Lock(holder=run(hours=24))

    reporter.close(run_store(of=run(RunKind.NAMED)), run(RunKind.NAMED))

    assert reporter.lock.holder == run(hours=24)
