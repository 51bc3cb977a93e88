"""Report closes a run: it tells only where there is something to tell, and gives the lock back."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest

from rds_tls_audit.digest.summary import Summary
from rds_tls_audit.evidence.observation import Observation
from rds_tls_audit.findings.state import ChangeKind
from rds_tls_audit.pipeline.run import Run, RunKind
from rds_tls_audit.results.gaps import Gap
from rds_tls_audit.stages.steps.deliver_digests import DigestNotDeliveredError
from tests.support.builders import run
from tests.support.in_memory_stores import Lock, Runs, Topic
from tests.unit.stages.report_helpers import (
    BILLING,
    CHANGE,
    ORDERS,
    REJECTION,
    ReportHarness,
    kept,
    reported,
    result,
)


def test_nothing_is_told_where_nothing_changed(desk: ReportHarness) -> None:
    assert desk.close(kept([ORDERS], results=[result(ORDERS)])) == reported()
    assert desk.topic.letters == []


def test_what_could_not_be_assessed_is_told_once_as_the_coverage_of_the_account(
    desk: ReportHarness,
) -> None:
    unseen = result(ORDERS, observation=Observation.unseen("timed out"))

    first = desk.close(kept([ORDERS], results=[unseen]))
    again = run(hours=24)
    second = desk.close(kept([ORDERS], results=[unseen], of=again), again)

    assert (first.digest_sent, second.digest_sent) == (True, False)
    assert (first.not_assessed, second.not_assessed) == (1, 1)
    (change,) = desk.topic.letter.changes
    assert (change.kind, change.check) == (ChangeKind.NEW, "coverage")


@pytest.mark.parametrize("kind", [RunKind.NAMED, RunKind.SAMPLE])
def test_other_runs_tell_nothing_of_what_could_not_be_assessed(
    desk: ReportHarness, kind: RunKind
) -> None:
    unseen = result(ORDERS, observation=Observation.unseen("timed out"))

    desk.close(kept([ORDERS], results=[unseen], of=run(kind)), run(kind))

    assert (desk.topic.letters, desk.hub.findings) == ([], {})


def test_an_account_without_databases_is_no_reason_to_tell(desk: ReportHarness) -> None:
    assert desk.close(kept()) == reported(databases=0)
    assert desk.topic.letters == []


def test_a_change_is_told(desk: ReportHarness) -> None:
    desk.note(CHANGE)

    ended = desk.close(kept([ORDERS], results=[result(ORDERS)]))

    letter = desk.topic.letter
    assert ended == reported(digest_sent=True)
    assert letter.changes == [CHANGE]
    assert (letter.account, letter.region) == ("123456789012", "eu-central-1")


def test_a_change_is_told_once(desk: ReportHarness) -> None:
    desk.note(CHANGE)

    for hours in (0, 24):
        this_run = run(hours=hours)
        desk.close(kept([ORDERS], results=[result(ORDERS)], of=this_run), this_run)

    assert desk.topic.changes == [CHANGE]
    assert desk.outbox.notes == {}


def test_a_rejection_is_told_once_and_again_when_it_is_another_one(desk: ReportHarness) -> None:
    other = replace(REJECTION, code="InternalError")
    for hours, rejection in enumerate([REJECTION, REJECTION, other]):
        this_run = run(hours=hours)
        rejected = replace(result(ORDERS), rejected=(rejection,))
        ended = desk.close(kept([ORDERS], results=[rejected], of=this_run), this_run)
        assert ended.set_aside == 1

    assert [letter.rejected for letter in desk.topic.letters] == [1, 1]


@dataclass
class CrossedTopic(Topic):
    """A topic; before it is told something, somebody else does something."""

    crossing: Callable[[], object] | None = None

    def __call__(self, letter: Summary) -> None:
        if self.crossing is not None:
            cross, self.crossing = self.crossing, None
            cross()
        super().__call__(letter)


def test_a_rejection_that_another_run_could_not_tell_is_told_by_the_next(
    desk: ReportHarness,
) -> None:
    full, named, last = run(), run(RunKind.NAMED, hours=0.1), run(RunKind.NAMED, hours=1)
    rejected = replace(result(ORDERS), rejected=(REJECTION,))

    def close(of: Run) -> None:
        desk.close(kept([ORDERS], results=[rejected], of=of), of)

    topic = CrossedTopic(away=True, crossing=lambda: close(named))
    desk.topics["digest"] = topic
    with pytest.raises(DigestNotDeliveredError):
        close(full)  # while it tells, the named run ends, and leaves it the word
    topic.away = False

    close(last)

    assert [letter.run.id for letter in topic.letters] == [last.id]


def test_what_could_not_be_assessed_is_grouped_by_its_reason(desk: ReportHarness) -> None:
    unseen = result(ORDERS, BILLING, observation=Observation.unseen("timed out"))

    desk.close(kept([ORDERS, BILLING], results=[unseen]))

    # All but force-ssl, which needs no connection.
    assert desk.topic.letter.gaps == (
        Gap(reason="timed out", databases=("billing", "orders-prod"), more=0, checks=18),
    )


def test_the_changes_of_all_batches_come_in_one_letter(desk: ReportHarness) -> None:
    desk.note(CHANGE, replace(CHANGE, database="billing"))
    runs = kept([ORDERS], [BILLING], results=[result(ORDERS), result(BILLING, batch=1)])

    desk.close(runs)

    assert len(desk.topic.letter.changes) == 2


@pytest.mark.parametrize(
    ("kind", "remembered"),
    [(RunKind.FULL, "full-0"), (RunKind.NAMED, None), (RunKind.SAMPLE, None)],
)
def test_a_full_run_alone_is_remembered_for_sample_runs(
    desk: ReportHarness, kind: RunKind, remembered: str | None
) -> None:
    runs = kept([ORDERS], results=[result(ORDERS)], of=run(kind))

    desk.close(runs, run(kind))

    assert runs.latest_full_run_id() == remembered


@pytest.mark.parametrize("complete", [True, False], ids=["complete", "not-complete"])
def test_the_letter_says_whether_the_listing_was_complete(
    desk: ReportHarness,
    complete: bool,  # noqa: FBT001 - a parameter of the table
) -> None:
    desk.note(CHANGE)

    desk.close(kept([ORDERS], results=[result(ORDERS)]), complete=complete)

    assert desk.topic.letter.complete is complete


def test_the_letter_counts_the_databases_that_discover_found(desk: ReportHarness) -> None:
    desk.close(Runs(), databases=120)

    assert desk.topic.letter.databases == 120


LOCKED_RUNS = pytest.mark.parametrize(
    "runs",
    [
        pytest.param(kept([ORDERS], results=[result(ORDERS)]), id="no-change"),
        pytest.param(kept([ORDERS]), id="lost"),
        pytest.param(Runs(), id="lost-manifest"),
        pytest.param(kept(), id="no-database"),
    ],
)


@LOCKED_RUNS
def test_the_lock_is_given_back_however_the_run_went(desk: ReportHarness, runs: Runs) -> None:
    desk.lock = Lock(holder=run())

    desk.close(runs, databases=1)

    assert desk.lock.holder is None


def test_the_lock_is_given_back_where_a_topic_is_away(desk: ReportHarness) -> None:
    desk.lock, desk.topics = Lock(holder=run()), {"digest": Topic(away=True)}
    desk.note(CHANGE)

    with pytest.raises(DigestNotDeliveredError, match="digest"):
        desk.close(kept([ORDERS], results=[result(ORDERS)]))

    assert desk.lock.holder is None


def test_a_run_gives_back_no_lock_but_its_own(desk: ReportHarness) -> None:
    desk.lock = Lock(holder=run(hours=24))

    desk.close(kept(of=run(RunKind.NAMED)), run(RunKind.NAMED))

    assert desk.lock.holder == run(hours=24)
