"""A finding opens for what is wrong, and is sent again where it changed, or weekly."""

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
    decided,
    judged,
    kept,
    told,
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
    def test_a_finding_opens_for_what_is_wrong(
        self,
        kind: RunKind,
        status: Status,
        publish_passed: bool,  # noqa: FBT001 - a column of the table
        opens: bool,  # noqa: FBT001 - a column of the table
    ) -> None:
        settings = replace(DEFAULTS, publish_passed=publish_passed)

        decision = decided(None, judged(status), kind=kind, settings=settings)

        assert decision.send is opens
        assert (decision.state is not None) is opens

    def test_what_opens_is_told_as_it_was_judged(self) -> None:
        decision = decided(None, judged(FAILED, "value=0", because="it is 0"))

        state = kept(decision)
        assert (decision.send, decision.change) == (True, ChangeKind.NEW)
        assert (state.status, state.fingerprint, state.because) == (
            FAILED,
            ("value=0",),
            "it is 0",
        )
        times = {state.created_at, state.updated_at, state.observed_at, state.offended_at}
        assert times == {NOW + DAY}

    def test_a_warning_is_no_offence_to_remember(self) -> None:
        assert kept(decided(None, judged(WARNING))).offended_at is None

    def test_passed_is_no_news(self) -> None:
        settings = replace(DEFAULTS, publish_passed=True)

        assert decided(None, judged(PASSED), settings=settings).change is None


class TestFollowing:
    @pytest.mark.parametrize("kind", [FULL, NAMED])
    @pytest.mark.parametrize("status", [PASSED, WARNING, FAILED])
    def test_nothing_is_sent_when_nothing_changed(self, kind: RunKind, status: Status) -> None:
        decision = decided(told(status, "value=0"), judged(status, "value=0"), kind=kind)

        assert (decision.send, decision.change) == (False, None)
        assert kept(decision).updated_at == NOW
        assert kept(decision).observed_at == NOW + DAY

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
    def test_another_status_is_sent(
        self, kind: RunKind, before: Status, after: Status, change: ChangeKind | None
    ) -> None:
        decision = decided(told(before), judged(after), kind=kind)

        assert (decision.send, decision.change) == (True, change)
        assert kept(decision).status is after
        assert kept(decision).updated_at == NOW + DAY
        assert kept(decision).because == "so it is"

    def test_another_fingerprint_is_sent_though_the_status_stays(self) -> None:
        decision = decided(told(FAILED, "group=a"), judged(FAILED, "group=b"))

        assert (decision.send, decision.change) == (True, None)
        assert kept(decision).fingerprint == ("group=b",)

    def test_another_sentence_alone_is_not_sent_but_kept_for_the_next_update(self) -> None:
        decision = decided(told(FAILED), judged(FAILED, because="2 of 9 sessions in clear"))

        assert not decision.send
        assert kept(decision).because == "2 of 9 sessions in clear"

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
    def test_the_heartbeat_comes_weekly_in_full_runs(
        self,
        status: Status,
        kind: RunKind,
        after: timedelta,
        sends: bool,  # noqa: FBT001 - a column of the table
    ) -> None:
        decision = decided(told(status), judged(status), after, kind=kind)

        assert (decision.send, decision.change) == (sends, None)
        assert kept(decision).updated_at == (NOW + after if sends else NOW)

    def test_the_heartbeat_comes_for_unknown_too(self) -> None:
        assert decided(told(UNKNOWN), judged(UNKNOWN), WEEK).send

    def test_created_at_never_changes(self) -> None:
        assert kept(decided(told(FAILED), judged(PASSED))).created_at == NOW - 90 * DAY


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
            pytest.param(judged(FAILED), False, id="follow"),
            pytest.param(judged(UNKNOWN), False, id="miss"),
            pytest.param(judged(FAILED), True, id="archive"),
        ],
    )
    def test_it_is_now_or_a_tick_after_the_last(
        self,
        evaluation: Evaluation,
        withheld: bool,  # noqa: FBT001 - a column of the table
        updated: timedelta,
        expected: timedelta,
    ) -> None:
        previous = replace(told(PASSED, missed=timedelta(0)), updated_at=NOW + updated)

        decision = decided(previous, evaluation, DAY, withheld=withheld)

        assert decision.send
        assert kept(decision).updated_at == NOW + expected
