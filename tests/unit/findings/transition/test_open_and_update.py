"""A finding is opened for failures and warnings, and sent again when it changes or every week."""

from dataclasses import replace
from datetime import timedelta

import pytest

from rds_tls_audit.checks.evaluation import Evaluation
from rds_tls_audit.checks.verdict import Status
from rds_tls_audit.findings.state import ChangeKind
from rds_tls_audit.pipeline.run import RunKind
from tests.support.builders import NOW
from tests.unit.findings.transition.transition_helpers import (
    DAY,
    DEFAULTS,
    FAILED,
    FULL,
    HOUR,
    NAMED,
    PASSED,
    SECOND,
    TICK,
    UNKNOWN,
    WARNING,
    WEEK,
    decide,
    evaluated,
    state_of,
    stored,
)


class TestOpening:
    @pytest.mark.parametrize(
        ("status", "publish_passed", "opens"),
        [
            pytest.param(FAILED, False, True, id="failed"),
            pytest.param(WARNING, False, True, id="warning"),
            pytest.param(PASSED, False, False, id="passed-that-never-failed"),
            pytest.param(PASSED, True, True, id="passed-that-was-asked-for"),
            pytest.param(UNKNOWN, False, False, id="unknown"),
            pytest.param(UNKNOWN, True, False, id="unknown-whatever-was-asked-for"),
        ],
    )
    @pytest.mark.parametrize("kind", [FULL, NAMED])
    def test_a_finding_is_opened_for_failures_and_warnings(
        self,
        kind: RunKind,
        status: Status,
        publish_passed: bool,  # noqa: FBT001 - a column of the table
        opens: bool,  # noqa: FBT001 - a column of the table
    ) -> None:
        settings = replace(DEFAULTS, publish_passed=publish_passed)

        decision = decide(None, evaluated(status), kind=kind, settings=settings)

        assert decision.send is opens
        assert (decision.state is not None) is opens

    def test_a_new_finding_has_the_values_of_its_evaluation(self) -> None:
        decision = decide(None, evaluated(FAILED, "value=0", because="the value is 0"))

        state = state_of(decision)
        assert (decision.send, decision.change) == (True, ChangeKind.NEW)
        assert (state.status, state.fingerprint, state.because) == (
            FAILED,
            ("value=0",),
            "the value is 0",
        )
        times = {state.created_at, state.updated_at, state.observed_at, state.offended_at}
        assert times == {NOW + DAY}

    def test_a_warning_is_not_stored_as_an_offence(self) -> None:
        assert state_of(decide(None, evaluated(WARNING))).offended_at is None

    def test_a_published_pass_is_not_reported(self) -> None:
        settings = replace(DEFAULTS, publish_passed=True)

        assert decide(None, evaluated(PASSED), settings=settings).change is None


class TestUpdating:
    @pytest.mark.parametrize("kind", [FULL, NAMED])
    @pytest.mark.parametrize("status", [PASSED, WARNING, FAILED])
    def test_an_unchanged_finding_is_not_sent(self, kind: RunKind, status: Status) -> None:
        decision = decide(stored(status, "value=0"), evaluated(status, "value=0"), kind=kind)

        assert (decision.send, decision.change) == (False, None)
        assert state_of(decision).updated_at == NOW
        assert state_of(decision).observed_at == NOW + DAY

    @pytest.mark.parametrize(
        ("before", "after", "change"),
        [
            (FAILED, PASSED, ChangeKind.RESOLVED),
            (WARNING, PASSED, ChangeKind.RESOLVED),
            (FAILED, WARNING, ChangeKind.BETTER),
            (WARNING, FAILED, ChangeKind.WORSE),
            (PASSED, FAILED, ChangeKind.WORSE),
            (PASSED, WARNING, ChangeKind.WORSE),
            (UNKNOWN, FAILED, ChangeKind.NEW),
            (UNKNOWN, WARNING, ChangeKind.NEW),
            (UNKNOWN, PASSED, None),
        ],
    )
    @pytest.mark.parametrize("kind", [FULL, NAMED])
    def test_a_changed_status_is_sent(
        self, kind: RunKind, before: Status, after: Status, change: ChangeKind | None
    ) -> None:
        decision = decide(stored(before), evaluated(after), kind=kind)

        assert (decision.send, decision.change) == (True, change)
        assert state_of(decision).status is after
        assert state_of(decision).updated_at == NOW + DAY
        assert state_of(decision).because == "the new reason"

    def test_a_changed_fingerprint_is_sent_even_if_the_status_stays(self) -> None:
        decision = decide(stored(FAILED, "group=a"), evaluated(FAILED, "group=b"))

        assert (decision.send, decision.change) == (True, None)
        assert state_of(decision).fingerprint == ("group=b",)

    def test_a_changed_reason_alone_is_stored_for_the_next_update_and_not_sent(self) -> None:
        decision = decide(stored(FAILED), evaluated(FAILED, because="2 of 9 sessions in clear"))

        assert not decision.send
        assert state_of(decision).because == "2 of 9 sessions in clear"

    @pytest.mark.parametrize(
        ("kind", "after", "sends"),
        [
            pytest.param(FULL, WEEK, True, id="at-seven-days"),
            pytest.param(FULL, WEEK - SECOND, False, id="a-second-before"),
            pytest.param(FULL, 30 * DAY, True, id="overdue"),
            pytest.param(NAMED, WEEK, False, id="never-in-a-named-run"),
            pytest.param(NAMED, 30 * DAY, False, id="nor-overdue-in-a-named-run"),
        ],
    )
    @pytest.mark.parametrize("status", [PASSED, WARNING, FAILED])
    def test_full_runs_send_a_heartbeat_every_week(
        self,
        status: Status,
        kind: RunKind,
        after: timedelta,
        sends: bool,  # noqa: FBT001 - a column of the table
    ) -> None:
        decision = decide(stored(status), evaluated(status), after, kind=kind)

        assert (decision.send, decision.change) == (sends, None)
        assert state_of(decision).updated_at == (NOW + after if sends else NOW)

    def test_an_unknown_finding_gets_a_heartbeat_too(self) -> None:
        assert decide(stored(UNKNOWN), evaluated(UNKNOWN), WEEK).send

    def test_created_at_never_changes(self) -> None:
        assert state_of(decide(stored(FAILED), evaluated(PASSED))).created_at == NOW - 90 * DAY


class TestUpdatedAt:
    @pytest.mark.parametrize(
        ("updated", "expected"),
        [
            pytest.param(timedelta(0), DAY, id="now-where-it-is-later"),
            pytest.param(DAY - TICK, DAY, id="now-where-it-is-a-tick-later"),
            pytest.param(DAY, DAY + TICK, id="a-tick-later-where-equal"),
            pytest.param(DAY + HOUR, DAY + HOUR + TICK, id="a-tick-later-where-ahead"),
        ],
    )
    @pytest.mark.parametrize(
        ("evaluation", "withheld"),
        [
            pytest.param(evaluated(FAILED), False, id="follow"),
            pytest.param(evaluated(UNKNOWN), False, id="miss"),
            pytest.param(evaluated(FAILED), True, id="archive"),
        ],
    )
    def test_updated_at_is_now_or_a_millisecond_after_the_previous_one(
        self,
        evaluation: Evaluation,
        withheld: bool,  # noqa: FBT001 - a column of the table
        updated: timedelta,
        expected: timedelta,
    ) -> None:
        previous = replace(stored(PASSED, missed=timedelta(0)), updated_at=NOW + updated)

        decision = decide(previous, evaluation, DAY, withheld=withheld)

        assert decision.send
        assert state_of(decision).updated_at == NOW + expected
