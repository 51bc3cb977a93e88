"""A sample can only fail the checks of sessions, and a run that is late changes nothing."""

from dataclasses import replace
from datetime import timedelta

import pytest

from rds_tls_audit.checks.verdict import Status
from rds_tls_audit.findings.state import ChangeKind, FindingState
from rds_tls_audit.pipeline.run import RunKind
from tests.support.builders import NOW
from tests.unit.findings.transition.transition_helpers import (
    CHECKS,
    DAY,
    DEFAULTS,
    ENCRYPTED,
    FAILED,
    HOUR,
    NOTHING,
    PASSED,
    SAMPLE,
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


class TestSampleRuns:
    @pytest.mark.parametrize("check", ["sessions-encrypted", "sessions-modern-tls"])
    @pytest.mark.parametrize(
        "previous",
        [
            pytest.param(None, id="never-told"),
            pytest.param(told(PASSED), id="passed"),
            pytest.param(told(WARNING), id="warning"),
            pytest.param(told(UNKNOWN), id="unknown"),
        ],
    )
    def test_they_turn_a_session_check_to_failed(
        self, previous: FindingState | None, check: str
    ) -> None:
        decision = decided(previous, judged(FAILED, check=CHECKS[check]), kind=SAMPLE)

        assert (decision.send, kept(decision).status) == (True, FAILED)

    @pytest.mark.parametrize("status", [PASSED, WARNING, UNKNOWN])
    @pytest.mark.parametrize(
        "previous",
        [
            pytest.param(None, id="never-told"),
            pytest.param(told(FAILED), id="failed"),
            pytest.param(told(PASSED), id="passed"),
        ],
    )
    def test_they_turn_it_to_nothing_else(
        self, previous: FindingState | None, status: Status
    ) -> None:
        decision = decided(
            previous, judged(status, check=ENCRYPTED, settled=True), 30 * DAY, kind=SAMPLE
        )

        assert decision == NOTHING

    def test_they_bring_a_failure_back_from_the_archive(self) -> None:
        archived = told(FAILED, archived=True)

        decision = decided(archived, judged(FAILED, check=ENCRYPTED), kind=SAMPLE)

        assert (decision.send, decision.change) == (True, ChangeKind.NEW)

    def test_a_failure_that_goes_on_is_remembered_and_not_sent(self) -> None:
        decision = decided(told(FAILED), judged(FAILED, check=ENCRYPTED), HOUR, kind=SAMPLE)

        assert not decision.send
        assert decision.change is None
        assert kept(decision).offended_at == NOW + HOUR

    def test_they_do_not_make_published_passes(self) -> None:
        asked_for = replace(DEFAULTS, publish_passed=True)

        decision = decided(None, judged(PASSED, check=ENCRYPTED), kind=SAMPLE, settings=asked_for)

        assert decision == NOTHING

    def test_they_send_no_heartbeat(self) -> None:
        decision = decided(told(FAILED), judged(FAILED, check=ENCRYPTED), WEEK, kind=SAMPLE)

        assert not decision.send


class TestLateRuns:
    @pytest.mark.parametrize("kind", list(RunKind))
    @pytest.mark.parametrize("status", list(Status))
    @pytest.mark.parametrize("withheld", [False, True])
    def test_a_late_run_changes_nothing(
        self,
        withheld: bool,  # noqa: FBT001 - a column of the table
        status: Status,
        kind: RunKind,
    ) -> None:
        decision = decided(
            told(PASSED, missed=-DAY),
            judged(status, check=ENCRYPTED, settled=True),
            -SECOND,
            kind=kind,
            withheld=withheld,
        )

        assert decision == NOTHING

    def test_a_run_of_the_same_moment_is_not_late(self) -> None:
        decision = decided(told(PASSED), judged(FAILED), timedelta(0))

        assert (decision.send, kept(decision).updated_at) == (True, NOW + TICK)
