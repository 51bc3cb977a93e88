"""A failure carries the answer on forcing TLS: sent where it is another, and once a week."""

from dataclasses import replace
from datetime import timedelta

import pytest

from rds_tls_audit.checks.verdict import Status
from rds_tls_audit.codec import decode, encode
from rds_tls_audit.findings.archiving import archive
from rds_tls_audit.findings.decision import Decision
from rds_tls_audit.findings.readiness_note import attach_readiness
from rds_tls_audit.findings.state import Attempt, FindingState, with_attempt
from rds_tls_audit.pipeline.run import Run
from rds_tls_audit.readiness.status import ReadinessStatus, ReadinessSummary
from tests.support.builders import NOW
from tests.unit.findings.transition.transition_helpers import (
    DAY,
    FAILED,
    FULL,
    HOUR,
    MINUTE,
    NAMED,
    NOTHING,
    PASSED,
    TICK,
    UNKNOWN,
    WARNING,
    WEEK,
    decided,
    judged,
    kept,
    told,
)

SEEN = told(FAILED).because
"""Of the failure that the run saw: the same that was told."""


def answer(
    form: ReadinessStatus = ReadinessStatus.SAFE, after: timedelta = timedelta(0)
) -> ReadinessSummary:
    return ReadinessSummary(form=form, text=f"{form} {after}", at=NOW + after)


def carrying(form: ReadinessStatus = ReadinessStatus.SAFE) -> FindingState:
    """Give what is remembered of a failure that was sent with an answer at `NOW`."""
    return replace(told(FAILED, "value=0"), answer=answer(form))


def carried(
    previous: FindingState | None,
    form: ReadinessStatus = ReadinessStatus.SAFE,
    after: timedelta = DAY,
    *,
    run_id: str = "later",
    because: str | None = SEEN,
) -> Decision:
    """Carry the answer of a run so long after `NOW`, which saw a failure, or none at all."""
    run = Run(id=run_id, kind=FULL, observed_at=NOW + after)
    return attach_readiness(previous, run, answer(form, after), because)


@pytest.mark.parametrize(
    "previous",
    [
        pytest.param(None, id="never-sent"),
        pytest.param(told(FAILED, archived=True), id="archived"),
        pytest.param(told(PASSED), id="passed"),
        pytest.param(told(UNKNOWN), id="unknown"),
        pytest.param(told(WARNING), id="warning"),
    ],
)
def test_only_an_open_failure_carries_an_answer(previous: FindingState | None) -> None:
    assert carried(previous) == NOTHING


@pytest.mark.parametrize("form", ReadinessStatus)
def test_the_first_answer_is_sent_at_once_and_is_no_change(form: ReadinessStatus) -> None:
    decision = carried(told(FAILED, "value=0"), form)

    assert (decision.send, decision.change) == (True, None)
    assert kept(decision) == replace(
        told(FAILED, "value=0"), answer=answer(form, DAY), updated_at=NOW + DAY
    )


@pytest.mark.parametrize(
    ("form", "after", "send"),
    [
        pytest.param(ReadinessStatus.SAFE, MINUTE, False, id="the-same-at-once"),
        pytest.param(ReadinessStatus.SAFE, WEEK - TICK, False, id="the-same-within-a-week"),
        pytest.param(ReadinessStatus.SAFE, WEEK, True, id="the-same-after-a-week"),
        pytest.param(ReadinessStatus.CHECK_FIRST, MINUTE, True, id="another-form-at-once"),
        pytest.param(ReadinessStatus.NOT_KNOWN, DAY, True, id="another-form-a-day-later"),
    ],
)
def test_an_answer_is_sent_anew_where_its_form_changes_and_once_a_week(
    form: ReadinessStatus, after: timedelta, *, send: bool
) -> None:
    decision = carried(carrying(), form, after)

    assert decision.send is send
    assert send or decision == NOTHING
    assert not send or kept(decision).answer == answer(form, after)


def test_a_week_is_counted_from_the_answer_and_not_from_the_last_update() -> None:
    updated_since = replace(carrying(), updated_at=NOW + 6 * DAY)

    assert carried(updated_since, after=WEEK).send


def test_other_numbers_are_kept_from_the_hub_until_the_week_is_over() -> None:
    known = replace(carrying(), answer=replace(answer(), text="3 of 4 planned samples"))

    assert carried(known) == NOTHING


@pytest.mark.parametrize("after", [timedelta(0), TICK, DAY], ids=str)
def test_an_update_with_an_answer_is_later_and_keeps_the_dates_of_the_finding(
    after: timedelta,
) -> None:
    state = kept(carried(carrying(), ReadinessStatus.CHECK_FIRST, after))

    assert state.updated_at == NOW + max(after, TICK)
    assert state.created_at == carrying().created_at
    assert state.observed_at == carrying().observed_at


def test_an_older_run_carries_nothing() -> None:
    assert carried(told(FAILED), after=-TICK) == NOTHING


@pytest.mark.parametrize("form", ReadinessStatus)
def test_a_failure_that_another_run_has_judged_meanwhile_is_left_to_it(
    form: ReadinessStatus,
) -> None:
    """It may be of another parameter group, for which this run has not answered."""
    assert carried(told(FAILED), form, because="as this run saw it") == NOTHING
    assert carried(carrying(), form, because="as this run saw it") == NOTHING


@pytest.mark.parametrize("after", [timedelta(0), DAY - TICK, DAY, DAY + MINUTE], ids=str)
@pytest.mark.parametrize("run_id", ["later", "other"])
def test_what_is_on_its_way_is_left_to_be_made_certain(run_id: str, after: timedelta) -> None:
    """Security Hub may have another status by now, which an answer would overwrite."""
    on_its_way = Attempt(run=run_id, observed_at=NOW + after, updated_at=NOW + after)

    assert carried(replace(told(FAILED), attempt=on_its_way), run_id="later") == NOTHING


@pytest.mark.parametrize(
    "form", [form for form in ReadinessStatus if form is not ReadinessStatus.SAFE]
)
def test_a_run_without_a_verdict_takes_back_that_it_is_safe(form: ReadinessStatus) -> None:
    decision = carried(carrying(), form, MINUTE, because=None)

    assert decision.send
    assert kept(decision).answer == answer(form, MINUTE)


@pytest.mark.parametrize(
    ("previous", "form"),
    [
        pytest.param(told(FAILED), ReadinessStatus.SAFE, id="safe-at-first"),
        pytest.param(told(FAILED), ReadinessStatus.CHECK_FIRST, id="another-at-first"),
        pytest.param(carrying(), ReadinessStatus.SAFE, id="safe-again"),
        pytest.param(carrying(ReadinessStatus.NOT_KNOWN), ReadinessStatus.SAFE, id="better"),
        pytest.param(
            carrying(ReadinessStatus.NOT_KNOWN),
            ReadinessStatus.CHECK_FIRST,
            id="worse-but-never-safe",
        ),
    ],
)
def test_a_run_without_a_verdict_carries_nothing_else(
    previous: FindingState, form: ReadinessStatus
) -> None:
    assert carried(previous, form, 2 * WEEK, because=None) == NOTHING


def test_a_failure_that_was_never_answered_carries_nothing_yet() -> None:
    opened = kept(decided(None, judged(FAILED), timedelta(0)))

    assert carried(with_attempt(None, opened, "first")) == NOTHING


@pytest.mark.parametrize(
    "decision",
    [
        pytest.param(decided(carrying(), judged(PASSED)), id="passes"),
        pytest.param(decided(carrying(), judged(WARNING)), id="warns"),
        pytest.param(decided(carrying(), judged(FAILED, "of another group")), id="another-group"),
        pytest.param(decided(carrying(), judged(PASSED), kind=NAMED), id="passes-in-a-named-run"),
        pytest.param(
            decided(replace(carrying(), misses=1, missed_at=NOW, observed_at=NOW), judged(UNKNOWN)),
            id="not-assessed-twice",
        ),
        pytest.param(decided(carrying(), judged(FAILED, "value=0"), withheld=True), id="withheld"),
        pytest.param(
            decided(carrying(), judged(FAILED, "value=0", accepted="until"), withheld=True),
            id="accepted",
        ),
        pytest.param(
            archive(carrying(), Run(id="r", kind=FULL, observed_at=NOW + DAY), "gone"), id="gone"
        ),
    ],
)
def test_what_becomes_of_the_finding_clears_its_answer(decision: Decision) -> None:
    assert decision.send
    assert kept(decision).answer is None


def test_a_failure_that_comes_back_has_no_answer_until_the_next() -> None:
    archived = replace(carrying(), archived=True)

    assert kept(decided(archived, judged(FAILED, "value=0"))).answer is None


@pytest.mark.parametrize(
    ("status", "after", "send"),
    [
        pytest.param(FAILED, WEEK, True, id="a-sign-of-life"),
        pytest.param(FAILED, HOUR, False, id="judged-the-same"),
        pytest.param(UNKNOWN, DAY, False, id="not-assessed-once"),
    ],
)
def test_the_answer_stays_where_the_finding_stays(
    status: Status, after: timedelta, *, send: bool
) -> None:
    fingerprint = ("value=0",) if status is FAILED else ()

    decision = decided(carrying(), judged(status, *fingerprint), after)

    assert decision.send is send
    assert kept(decision).answer == answer()


def test_the_same_run_closed_again_sends_nothing_new() -> None:
    once = kept(carried(told(FAILED)))

    assert carried(once, after=DAY + MINUTE) == NOTHING


def test_an_answer_can_be_stored_and_a_state_from_before_there_were_any_has_none() -> None:
    document = encode(carrying())
    assert decode(document, FindingState, "a state") == carrying()

    assert isinstance(document, dict)
    del document["answer"]
    assert decode(document, FindingState, "a state") == replace(carrying(), answer=None)
