"""The end of a full run answers whether it is safe to force TLS, and tells where that changed."""

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
from tests.support.in_memory_stores import LostError, Runs, Topic
from tests.unit.stages.report_helpers import CHANGE, ORDERS, ReportHarness

SAMPLE, NEXT = run(RunKind.SAMPLE, hours=1), run(hours=24)
SEEN = bad(ORDERS)


def watched(desk: ReportHarness, of: Run) -> Runs:
    """The bucket after a run that saw a client in clear, where TLS is not forced."""
    record_clients(of, [SEEN], desk.sightings)
    batch = Batch(run_id=of.id, batch=0, probe_function=None, targets=(SEEN.target,))
    results = [BatchResult(batch=0, databases=(database_result(SEEN),))]
    return Runs(manifests={of.id: (batch,)}, results={of.id: results})


def test_an_answer_is_told_to_each_topic_and_not_again(desk: ReportHarness) -> None:
    desk.topics["chat"] = Topic()
    for this_run in (run(), NEXT):
        desk.close(watched(desk, this_run), this_run)

    for topic in desk.topics.values():
        (line,) = topic.letter.answers
        assert line.startswith("parameter group pg16: check these first: orders_app")


def test_a_topic_that_could_not_be_told_is_told_by_the_next_full_run_and_no_other_is_again(
    desk: ReportHarness,
) -> None:
    desk.topics["chat"] = Topic(away=True)
    with pytest.raises(DigestNotDeliveredError):
        desk.close(watched(desk, run()))

    desk.topics["chat"].away = False
    desk.close(watched(desk, SAMPLE), SAMPLE)
    assert desk.topics["chat"].letters == []
    desk.close(watched(desk, NEXT), NEXT)

    assert len(desk.topics["chat"].letter.answers) == 1
    assert len(desk.topic.letters) == 1


@pytest.mark.parametrize("kind", [RunKind.NAMED, RunKind.SAMPLE])
def test_other_runs_answer_nothing_and_write_no_page(desk: ReportHarness, kind: RunKind) -> None:
    runs = watched(desk, run(kind))

    desk.close(runs, run(kind))

    assert desk.topic.letters == []
    assert (desk.past_runs.items, runs.pages) == ({}, {})
    assert {it.answers for it in desk.outbox.progress.values()} == {()}


def test_a_full_run_leaves_its_page_and_itself_in_the_history(desk: ReportHarness) -> None:
    runs = watched(desk, run())

    desk.close(runs)

    assert runs.pages.keys() == {"full-0"}
    assert [past.run_id for past in desk.past_runs.read()] == ["full-0"]


def test_a_page_that_fails_costs_neither_the_letter_nor_the_lock(desk: ReportHarness) -> None:
    desk.note(CHANGE)
    desk.lock.take(run())

    with suppress(LostError):
        desk.close(replace(watched(desk, run()), pages_away=True))

    assert desk.topic.letter.changes == [CHANGE]
    assert len(desk.topic.letter.answers) == 1
    assert desk.lock.holder is None


def test_a_page_that_fails_fails_the_run_at_its_end(desk: ReportHarness) -> None:
    with pytest.raises(LostError):
        desk.close(replace(watched(desk, run()), pages_away=True))


def test_clients_that_were_not_remembered_fail_the_run_at_its_end(desk: ReportHarness) -> None:
    runs = watched(desk, run())
    runs.results[run().id] = [
        replace(it, not_remembered="ClientError: throttled") for it in runs.results[run().id]
    ]

    with pytest.raises(
        ClientsNotRecordedError, match=r"batch 0 .*ClientError: throttled.*state table"
    ):
        desk.close(runs)

    assert len(desk.topic.letters) == 1
