"""A full run assesses whether it is safe to force TLS, and reports where that changed."""

from contextlib import suppress
from dataclasses import replace

import pytest

from rds_tls_audit.pipeline.manifest import Batch
from rds_tls_audit.pipeline.run import Run, RunKind
from rds_tls_audit.results.batch_result import BatchResult
from rds_tls_audit.stages.report import ClientsNotRecordedError
from rds_tls_audit.stages.steps.deliver_digests import DigestNotDeliveredError
from rds_tls_audit.stages.steps.record_clients import record_clients
from tests.support.builders import bad, database_result, run
from tests.support.in_memory_stores import RunStore, StoreUnavailableError, Topic
from tests.unit.stages.report_helpers import CHANGE, ORDERS, ReportHarness

SAMPLE, NEXT = run(RunKind.SAMPLE, hours=1), run(hours=24)
PROBED = bad(ORDERS)


def after_sampling(reporter: ReportHarness, of: Run) -> RunStore:
    """Return the run store after a run that observed a plaintext client, with TLS not forced."""
    record_clients(of, [PROBED], reporter.client_history)
    batch = Batch(run_id=of.id, batch=0, probe_function=None, targets=(PROBED.target,))
    results = [BatchResult(batch=0, databases=(database_result(PROBED),))]
    return RunStore(manifests={of.id: (batch,)}, results={of.id: results})


def test_a_readiness_is_reported_to_each_topic_once(reporter: ReportHarness) -> None:
    reporter.topics["chat"] = Topic()
    for current in (run(), NEXT):
        reporter.close(after_sampling(reporter, current), current)

    for topic in reporter.topics.values():
        (line,) = topic.digest.readiness_changes
        assert line.startswith("parameter group pg16: check these first: orders_app")


def test_the_next_full_run_reports_only_to_the_topic_that_was_unavailable(
    reporter: ReportHarness,
) -> None:
    reporter.topics["chat"] = Topic(unavailable=True)
    with pytest.raises(DigestNotDeliveredError):
        reporter.close(after_sampling(reporter, run()))

    reporter.topics["chat"].unavailable = False
    reporter.close(after_sampling(reporter, SAMPLE), SAMPLE)
    assert reporter.topics["chat"].digests == []
    reporter.close(after_sampling(reporter, NEXT), NEXT)

    assert len(reporter.topics["chat"].digest.readiness_changes) == 1
    assert len(reporter.topic.digests) == 1


@pytest.mark.parametrize("kind", [RunKind.NAMED, RunKind.SAMPLE])
def test_only_full_runs_assess_the_readiness_and_write_an_html_report(
    reporter: ReportHarness, kind: RunKind
) -> None:
    runs = after_sampling(reporter, run(kind))

    reporter.close(runs, run(kind))

    assert reporter.topic.digests == []
    assert (reporter.run_history.items, runs.reports) == ({}, {})
    assert {progress.answers for progress in reporter.outbox.progress.values()} == {()}


def test_a_full_run_writes_an_html_report_and_its_totals(reporter: ReportHarness) -> None:
    runs = after_sampling(reporter, run())

    reporter.close(runs)

    assert runs.reports.keys() == {"full-0"}
    assert [totals.run_id for totals in reporter.run_history.read()] == ["full-0"]


def test_the_digest_is_sent_and_the_lock_released_if_the_html_report_fails(
    reporter: ReportHarness,
) -> None:
    reporter.wait_in_outbox(CHANGE)
    reporter.lock.acquire(run())

    with suppress(StoreUnavailableError):
        reporter.close(replace(after_sampling(reporter, run()), reports_unavailable=True))

    assert reporter.topic.digest.changes == [CHANGE]
    assert len(reporter.topic.digest.readiness_changes) == 1
    assert reporter.lock.holder is None


def test_an_html_report_that_cannot_be_written_fails_the_run_at_its_end(
    reporter: ReportHarness,
) -> None:
    with pytest.raises(StoreUnavailableError):
        reporter.close(replace(after_sampling(reporter, run()), reports_unavailable=True))


def test_clients_that_could_not_be_stored_fail_the_run_at_its_end(reporter: ReportHarness) -> None:
    runs = after_sampling(reporter, run())
    runs.results[run().id] = [
        replace(batch, not_remembered="ClientError: throttled") for batch in runs.results[run().id]
    ]

    with pytest.raises(
        ClientsNotRecordedError, match=r"batch 0 .*ClientError: throttled.*state table"
    ):
        reporter.close(runs)

    assert len(reporter.topic.digests) == 1
