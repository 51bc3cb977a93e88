"""What is on its way to Security Hub and was not answered is made certain by the next update."""

from dataclasses import replace

import pytest

from rds_tls_audit.checks.verdict import Status
from rds_tls_audit.findings.archiving import archive
from rds_tls_audit.findings.state import Attempt, ChangeKind, FindingState, with_attempt
from rds_tls_audit.findings.transition import decide_update
from rds_tls_audit.pipeline.run import Run
from tests.support.builders import NOW
from tests.unit.findings.transition.transition_helpers import (
    DAY,
    DEFAULTS,
    FAILED,
    FULL,
    NOTHING,
    PASSED,
    SAMPLE,
    TICK,
    UNKNOWN,
    WITHHELD,
    decided,
    judged,
    kept,
    told,
)

FIRST = Run(id="first", kind=FULL, observed_at=NOW)


def opening() -> FindingState:
    """Give what is remembered of a failure that was sent at `NOW` for the first time."""
    decision = decide_update(None, judged(FAILED), FIRST, DEFAULTS, withheld=None)
    return with_attempt(None, kept(decision), FIRST.id)


def updating(sent: Status = PASSED) -> FindingState:
    """Give what is remembered of a known failure whose update was sent a day after `NOW`."""
    return with_attempt(told(FAILED), kept(decided(told(FAILED), judged(sent))), "first")


def test_the_state_is_as_it_was_until_there_is_an_answer() -> None:
    assert replace(updating(), attempt=None) == told(FAILED)
    assert updating().attempt == Attempt(run="first", observed_at=NOW + DAY, updated_at=NOW + DAY)


def test_a_failure_that_is_still_there_is_new_and_keeps_its_date() -> None:
    decision = decided(opening(), judged(FAILED))

    assert (decision.send, decision.change) == (True, ChangeKind.NEW)
    assert (kept(decision).created_at, kept(decision).updated_at) == (NOW, NOW + DAY)
    assert not kept(decision).archived


def test_a_failure_that_is_gone_meanwhile_is_told_to_the_hub_and_to_nobody_else() -> None:
    decision = decided(opening(), judged(PASSED))

    assert (decision.send, decision.change) == (True, None)
    assert (kept(decision).status, kept(decision).created_at) == (PASSED, NOW)


def test_the_same_run_sends_the_same() -> None:
    again = decide_update(opening(), judged(FAILED), FIRST, DEFAULTS, withheld=None)

    assert replace(kept(again), attempt=None) == kept(
        decide_update(None, judged(FAILED), FIRST, DEFAULTS, withheld=None)
    )


def test_a_run_that_is_not_later_is_sent_later_all_the_same() -> None:
    other = replace(FIRST, id="other")

    decision = decide_update(opening(), judged(FAILED), other, DEFAULTS, withheld=None)

    assert kept(decision).updated_at == NOW + TICK


def test_what_is_as_it_was_before_the_attempt_is_sent_too() -> None:
    decision = decided(updating(), judged(FAILED), 2 * DAY)

    assert (decision.send, decision.change) == (True, None)
    assert (kept(decision).status, kept(decision).updated_at) == (FAILED, NOW + 2 * DAY)


def test_what_passes_by_then_is_told_as_it_would_have_been() -> None:
    assert decided(updating(), judged(PASSED), 2 * DAY).change is ChangeKind.RESOLVED


@pytest.mark.parametrize("attempt", [opening(), updating()], ids=["opening", "updating"])
def test_a_sample_run_that_sees_no_failure_leaves_it_to_others(attempt: FindingState) -> None:
    assert decided(attempt, judged(PASSED), 2 * DAY, kind=SAMPLE) == NOTHING


def test_what_cannot_be_seen_opens_nothing() -> None:
    assert decided(opening(), judged(UNKNOWN)) == NOTHING


def test_a_late_batch_does_not_overwrite_it() -> None:
    earlier = replace(FIRST, id="earlier", observed_at=NOW - DAY)

    assert decide_update(opening(), judged(PASSED), earlier, DEFAULTS, withheld=None) == NOTHING


def test_nothing_older_than_what_is_on_its_way_is_told() -> None:
    between = replace(FIRST, id="between", observed_at=NOW + DAY / 2)

    assert decide_update(updating(), judged(FAILED), between, DEFAULTS, withheld=None) == NOTHING
    assert archive(updating(), between, "it is gone") == NOTHING


def test_what_is_withheld_or_gone_meanwhile_is_archived_without_a_word() -> None:
    withheld = decided(opening(), judged(FAILED), withheld=True)
    gone = archive(opening(), replace(FIRST, id="later", observed_at=NOW + DAY), "it is gone")

    for decision in (withheld, gone):
        assert (decision.send, decision.change, kept(decision).archived) == (True, None, True)
    assert kept(withheld).because == WITHHELD
