"""A failure reports whether it is safe to force TLS: sent when that changes, and once a week."""

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
    NO_ACTION,
    PASSED,
    TICK,
    UNKNOWN,
    WARNING,
    WEEK,
    decide,
    evaluated,
    state_of,
    stored,
)

BECAUSE = stored(FAILED).because
"""The reason of the failure in this run: the same as the stored one."""


def readiness(
    form: ReadinessStatus = ReadinessStatus.SAFE, after: timedelta = timedelta(0)
) -> ReadinessSummary:
    return ReadinessSummary(form=form, text=f"{form} {after}", at=NOW + after)


def with_readiness(form: ReadinessStatus = ReadinessStatus.SAFE) -> FindingState:
    """Return the stored state of a failure that was sent with its readiness at `NOW`."""
    return replace(stored(FAILED, "value=0"), answer=readiness(form))


def attach(
    previous: FindingState | None,
    form: ReadinessStatus = ReadinessStatus.SAFE,
    after: timedelta = DAY,
    *,
    run_id: str = "later",
    because: str | None = BECAUSE,
) -> Decision:
    """Attach the readiness of a run that long after `NOW`, with a failure or without a verdict."""
    run = Run(id=run_id, kind=FULL, observed_at=NOW + after)
    return attach_readiness(previous, run, readiness(form, after), because)


@pytest.mark.parametrize(
    "previous",
    [
        pytest.param(None, id="never-sent"),
        pytest.param(stored(FAILED, archived=True), id="archived"),
        pytest.param(stored(PASSED), id="passed"),
        pytest.param(stored(UNKNOWN), id="unknown"),
        pytest.param(stored(WARNING), id="warning"),
    ],
)
def test_readiness_is_attached_only_to_an_open_failure(previous: FindingState | None) -> None:
    assert attach(previous) == NO_ACTION


@pytest.mark.parametrize("form", ReadinessStatus)
def test_the_first_readiness_is_sent_at_once_and_is_not_a_reported_change(
    form: ReadinessStatus,
) -> None:
    decision = attach(stored(FAILED, "value=0"), form)

    assert (decision.send, decision.change) == (True, None)
    assert state_of(decision) == replace(
        stored(FAILED, "value=0"), answer=readiness(form, DAY), updated_at=NOW + DAY
    )


@pytest.mark.parametrize(
    ("form", "after", "send"),
    [
        pytest.param(ReadinessStatus.SAFE, MINUTE, False, id="the-same-at-once"),
        pytest.param(ReadinessStatus.SAFE, WEEK - TICK, False, id="the-same-within-a-week"),
        pytest.param(ReadinessStatus.SAFE, WEEK, True, id="the-same-after-a-week"),
        pytest.param(ReadinessStatus.CHECK_FIRST, MINUTE, True, id="another-status-at-once"),
        pytest.param(ReadinessStatus.NOT_KNOWN, DAY, True, id="another-status-a-day-later"),
    ],
)
def test_readiness_is_sent_again_when_its_status_changes_and_once_a_week(
    form: ReadinessStatus, after: timedelta, *, send: bool
) -> None:
    decision = attach(with_readiness(), form, after)

    assert decision.send is send
    assert send or decision == NO_ACTION
    assert not send or state_of(decision).answer == readiness(form, after)


def test_the_week_is_counted_from_the_readiness_and_not_from_the_last_update() -> None:
    updated_since = replace(with_readiness(), updated_at=NOW + 6 * DAY)

    assert attach(updated_since, after=WEEK).send


def test_changed_numbers_alone_are_not_sent_before_the_week_is_over() -> None:
    known = replace(with_readiness(), answer=replace(readiness(), text="3 of 4 planned samples"))

    assert attach(known) == NO_ACTION


@pytest.mark.parametrize("after", [timedelta(0), TICK, DAY], ids=str)
def test_an_update_with_readiness_has_a_later_updated_at_and_keeps_the_other_times(
    after: timedelta,
) -> None:
    state = state_of(attach(with_readiness(), ReadinessStatus.CHECK_FIRST, after))

    assert state.updated_at == NOW + max(after, TICK)
    assert state.created_at == with_readiness().created_at
    assert state.observed_at == with_readiness().observed_at


def test_an_older_run_attaches_nothing() -> None:
    assert attach(stored(FAILED), after=-TICK) == NO_ACTION


@pytest.mark.parametrize("form", ReadinessStatus)
def test_a_failure_that_another_run_has_evaluated_meanwhile_is_left_to_that_run(
    form: ReadinessStatus,
) -> None:
    """It may have another parameter group, whose readiness this run has not assessed."""
    assert attach(stored(FAILED), form, because="the reason in this run") == NO_ACTION
    assert attach(with_readiness(), form, because="the reason in this run") == NO_ACTION


@pytest.mark.parametrize("after", [timedelta(0), DAY - TICK, DAY, DAY + MINUTE], ids=str)
@pytest.mark.parametrize("run_id", ["later", "other"])
def test_an_update_in_flight_is_not_overwritten(run_id: str, after: timedelta) -> None:
    """Security Hub may have another status by now, which this update would overwrite."""
    in_flight = Attempt(run=run_id, observed_at=NOW + after, updated_at=NOW + after)

    assert attach(replace(stored(FAILED), attempt=in_flight), run_id="later") == NO_ACTION


@pytest.mark.parametrize(
    "form", [form for form in ReadinessStatus if form is not ReadinessStatus.SAFE]
)
def test_a_run_without_a_verdict_withdraws_safe(form: ReadinessStatus) -> None:
    decision = attach(with_readiness(), form, MINUTE, because=None)

    assert decision.send
    assert state_of(decision).answer == readiness(form, MINUTE)


@pytest.mark.parametrize(
    ("previous", "form"),
    [
        pytest.param(stored(FAILED), ReadinessStatus.SAFE, id="safe-at-first"),
        pytest.param(stored(FAILED), ReadinessStatus.CHECK_FIRST, id="another-at-first"),
        pytest.param(with_readiness(), ReadinessStatus.SAFE, id="safe-again"),
        pytest.param(with_readiness(ReadinessStatus.NOT_KNOWN), ReadinessStatus.SAFE, id="better"),
        pytest.param(
            with_readiness(ReadinessStatus.NOT_KNOWN),
            ReadinessStatus.CHECK_FIRST,
            id="worse-but-never-safe",
        ),
    ],
)
def test_a_run_without_a_verdict_attaches_nothing_else(
    previous: FindingState, form: ReadinessStatus
) -> None:
    assert attach(previous, form, 2 * WEEK, because=None) == NO_ACTION


def test_a_failure_that_security_hub_has_not_confirmed_gets_no_readiness_yet() -> None:
    opened = state_of(decide(None, evaluated(FAILED), timedelta(0)))

    assert attach(with_attempt(None, opened, "first")) == NO_ACTION


@pytest.mark.parametrize(
    "decision",
    [
        pytest.param(decide(with_readiness(), evaluated(PASSED)), id="passes"),
        pytest.param(decide(with_readiness(), evaluated(WARNING)), id="warns"),
        pytest.param(
            decide(with_readiness(), evaluated(FAILED, "of another group")), id="another-group"
        ),
        pytest.param(
            decide(with_readiness(), evaluated(PASSED), kind=NAMED), id="passes-in-a-named-run"
        ),
        pytest.param(
            decide(
                replace(with_readiness(), misses=1, missed_at=NOW, observed_at=NOW),
                evaluated(UNKNOWN),
            ),
            id="not-assessed-twice",
        ),
        pytest.param(
            decide(with_readiness(), evaluated(FAILED, "value=0"), withheld=True), id="withheld"
        ),
        pytest.param(
            decide(with_readiness(), evaluated(FAILED, "value=0", accepted="until"), withheld=True),
            id="accepted",
        ),
        pytest.param(
            archive(with_readiness(), Run(id="r", kind=FULL, observed_at=NOW + DAY), "deleted"),
            id="deleted",
        ),
    ],
)
def test_any_update_of_the_finding_removes_its_readiness(decision: Decision) -> None:
    assert decision.send
    assert state_of(decision).answer is None


def test_a_failure_that_recurs_has_no_readiness_until_the_next_full_run() -> None:
    archived = replace(with_readiness(), archived=True)

    assert state_of(decide(archived, evaluated(FAILED, "value=0"))).answer is None


@pytest.mark.parametrize(
    ("status", "after", "send"),
    [
        pytest.param(FAILED, WEEK, True, id="heartbeat"),
        pytest.param(FAILED, HOUR, False, id="evaluated-the-same"),
        pytest.param(UNKNOWN, DAY, False, id="not-assessed-once"),
    ],
)
def test_an_unchanged_finding_keeps_its_readiness(
    status: Status, after: timedelta, *, send: bool
) -> None:
    fingerprint = ("value=0",) if status is FAILED else ()

    decision = decide(with_readiness(), evaluated(status, *fingerprint), after)

    assert decision.send is send
    assert state_of(decision).answer == readiness()


def test_a_run_that_is_closed_twice_attaches_readiness_once() -> None:
    once = state_of(attach(stored(FAILED)))

    assert attach(once, after=DAY + MINUTE) == NO_ACTION


def test_readiness_can_be_stored_and_an_older_state_without_it_can_be_read() -> None:
    document = encode(with_readiness())
    assert decode(document, FindingState, "a state") == with_readiness()

    assert isinstance(document, dict)
    del document["answer"]
    assert decode(document, FindingState, "a state") == replace(with_readiness(), answer=None)
