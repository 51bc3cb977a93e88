"""A sample run can only fail session checks, and a late run changes nothing."""

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
    NO_ACTION,
    PASSED,
    SAMPLE,
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


class TestSampleRuns:
    @pytest.mark.parametrize("check", ["sessions-encrypted", "sessions-modern-tls"])
    @pytest.mark.parametrize(
        "previous",
        [
            pytest.param(None, id="never-sent"),
            pytest.param(stored(PASSED), id="passed"),
            pytest.param(stored(WARNING), id="warning"),
            pytest.param(stored(UNKNOWN), id="unknown"),
        ],
    )
    def test_sample_runs_set_a_session_check_to_failed(
        self, previous: FindingState | None, check: str
    ) -> None:
        decision = decide(previous, evaluated(FAILED, check=CHECKS[check]), kind=SAMPLE)

        assert (decision.send, state_of(decision).status) == (True, FAILED)

    @pytest.mark.parametrize("status", [PASSED, WARNING, UNKNOWN])
    @pytest.mark.parametrize(
        "previous",
        [
            pytest.param(None, id="never-sent"),
            pytest.param(stored(FAILED), id="failed"),
            pytest.param(stored(PASSED), id="passed"),
        ],
    )
    def test_sample_runs_set_a_session_check_to_no_other_status(
        self, previous: FindingState | None, status: Status
    ) -> None:
        decision = decide(
            previous, evaluated(status, check=ENCRYPTED, cannot_recur=True), 30 * DAY, kind=SAMPLE
        )

        assert decision == NO_ACTION

    def test_sample_runs_reopen_an_archived_failure(self) -> None:
        archived = stored(FAILED, archived=True)

        decision = decide(archived, evaluated(FAILED, check=ENCRYPTED), kind=SAMPLE)

        assert (decision.send, decision.change) == (True, ChangeKind.NEW)

    def test_a_failure_that_persists_is_stored_and_not_sent(self) -> None:
        decision = decide(stored(FAILED), evaluated(FAILED, check=ENCRYPTED), HOUR, kind=SAMPLE)

        assert not decision.send
        assert decision.change is None
        assert state_of(decision).offended_at == NOW + HOUR

    def test_sample_runs_publish_no_passes(self) -> None:
        asked_for = replace(DEFAULTS, publish_passed=True)

        decision = decide(None, evaluated(PASSED, check=ENCRYPTED), kind=SAMPLE, settings=asked_for)

        assert decision == NO_ACTION

    def test_sample_runs_send_no_heartbeat(self) -> None:
        decision = decide(stored(FAILED), evaluated(FAILED, check=ENCRYPTED), WEEK, kind=SAMPLE)

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
        decision = decide(
            stored(PASSED, missed=-DAY),
            evaluated(status, check=ENCRYPTED, cannot_recur=True),
            -SECOND,
            kind=kind,
            withheld=withheld,
        )

        assert decision == NO_ACTION

    def test_a_run_of_the_same_moment_is_not_late(self) -> None:
        decision = decide(stored(PASSED), evaluated(FAILED), timedelta(0))

        assert (decision.send, state_of(decision).updated_at) == (True, NOW + TICK)
