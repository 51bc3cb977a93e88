"""An update in flight that Security Hub has not confirmed is settled by the next update."""

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
    NO_ACTION,
    PASSED,
    SAMPLE,
    TICK,
    UNKNOWN,
    WITHHELD,
    decide,
    evaluated,
    state_of,
    stored,
)

FIRST = Run(id="first", kind=FULL, observed_at=NOW)


def opening() -> FindingState:
    """Return the stored state while a failure is in flight that was first sent at `NOW`."""
    decision = decide_update(None, evaluated(FAILED), FIRST, DEFAULTS, withheld=None)
    return with_attempt(None, state_of(decision), FIRST.id)


def updating(sent: Status = PASSED) -> FindingState:
    """Return the stored state while an update of a known failure is in flight a day after `NOW`."""
    return with_attempt(stored(FAILED), state_of(decide(stored(FAILED), evaluated(sent))), "first")


def test_the_state_does_not_change_until_security_hub_has_answered() -> None:
    assert replace(updating(), attempt=None) == stored(FAILED)
    assert updating().attempt == Attempt(run="first", observed_at=NOW + DAY, updated_at=NOW + DAY)


def test_a_failure_that_persists_is_new_and_keeps_its_creation_time() -> None:
    decision = decide(opening(), evaluated(FAILED))

    assert (decision.send, decision.change) == (True, ChangeKind.NEW)
    assert (state_of(decision).created_at, state_of(decision).updated_at) == (NOW, NOW + DAY)
    assert not state_of(decision).archived


def test_a_failure_that_is_fixed_meanwhile_is_sent_but_not_reported_in_the_digest() -> None:
    decision = decide(opening(), evaluated(PASSED))

    assert (decision.send, decision.change) == (True, None)
    assert (state_of(decision).status, state_of(decision).created_at) == (PASSED, NOW)


def test_a_repeated_run_sends_the_same_update() -> None:
    again = decide_update(opening(), evaluated(FAILED), FIRST, DEFAULTS, withheld=None)

    assert replace(state_of(again), attempt=None) == state_of(
        decide_update(None, evaluated(FAILED), FIRST, DEFAULTS, withheld=None)
    )


def test_another_run_of_the_same_moment_still_sends_a_later_updated_at() -> None:
    other = replace(FIRST, id="other")

    decision = decide_update(opening(), evaluated(FAILED), other, DEFAULTS, withheld=None)

    assert state_of(decision).updated_at == NOW + TICK


def test_a_status_equal_to_the_one_before_the_attempt_is_sent_again() -> None:
    decision = decide(updating(), evaluated(FAILED), 2 * DAY)

    assert (decision.send, decision.change) == (True, None)
    assert (state_of(decision).status, state_of(decision).updated_at) == (FAILED, NOW + 2 * DAY)


def test_a_check_that_passes_by_then_is_reported_as_resolved() -> None:
    assert decide(updating(), evaluated(PASSED), 2 * DAY).change is ChangeKind.RESOLVED


@pytest.mark.parametrize("attempt", [opening(), updating()], ids=["opening", "updating"])
def test_a_sample_run_without_a_failure_leaves_the_attempt_to_other_runs(
    attempt: FindingState,
) -> None:
    assert decide(attempt, evaluated(PASSED), 2 * DAY, kind=SAMPLE) == NO_ACTION


def test_an_unknown_verdict_opens_no_finding() -> None:
    assert decide(opening(), evaluated(UNKNOWN)) == NO_ACTION


def test_a_late_batch_does_not_overwrite_an_attempt() -> None:
    earlier = replace(FIRST, id="earlier", observed_at=NOW - DAY)

    assert (
        decide_update(opening(), evaluated(PASSED), earlier, DEFAULTS, withheld=None) == NO_ACTION
    )


def test_nothing_older_than_the_update_in_flight_is_sent() -> None:
    between = replace(FIRST, id="between", observed_at=NOW + DAY / 2)

    assert (
        decide_update(updating(), evaluated(FAILED), between, DEFAULTS, withheld=None) == NO_ACTION
    )
    assert archive(updating(), between, "deleted") == NO_ACTION


def test_a_finding_that_is_withheld_or_deleted_meanwhile_is_archived_but_not_reported() -> None:
    withheld = decide(opening(), evaluated(FAILED), withheld=True)
    deleted = archive(opening(), replace(FIRST, id="later", observed_at=NOW + DAY), "deleted")

    for decision in (withheld, deleted):
        assert (decision.send, decision.change, state_of(decision).archived) == (True, None, True)
    assert state_of(withheld).because == WITHHELD
