"""A failed session check stays failed for a while, even if the client is not connected now."""

from dataclasses import replace
from datetime import timedelta

import pytest

from rds_tls_audit.checks.check import Check
from rds_tls_audit.checks.registry import all_checks
from rds_tls_audit.checks.verdict import Status
from rds_tls_audit.pipeline.run import RunKind
from tests.unit.findings.transition.transition_helpers import (
    CHECKS,
    DAY,
    DEFAULTS,
    ENCRYPTED,
    FAILED,
    FULL,
    NAMED,
    PASSED,
    SAMPLE,
    SECOND,
    UNKNOWN,
    WARNING,
    WEEK,
    decide,
    evaluated,
    state_of,
    stored,
)


class TestSessionMemory:
    MEMORY = timedelta(hours=168)

    @pytest.mark.parametrize(
        ("after", "status"),
        [
            pytest.param(SECOND, FAILED, id="a-second"),
            pytest.param(MEMORY - SECOND, FAILED, id="one-less"),
            pytest.param(MEMORY, PASSED, id="equal"),
            pytest.param(MEMORY + SECOND, PASSED, id="one-more"),
        ],
    )
    @pytest.mark.parametrize("kind", [FULL, NAMED])
    @pytest.mark.parametrize("check", ["sessions-encrypted", "sessions-modern-tls"])
    def test_a_session_check_stays_failed_for_the_memory_time(
        self, check: str, kind: RunKind, after: timedelta, status: Status
    ) -> None:
        previous = stored(FAILED, offended=timedelta(0))

        decision = decide(previous, evaluated(PASSED, check=CHECKS[check]), after, kind=kind)

        assert decision.send is (status is PASSED)
        assert state_of(decision).status is status

    def test_the_memory_time_is_counted_from_the_latest_failure(self) -> None:
        first = stored(FAILED, offended=timedelta(0))
        again = state_of(decide(first, evaluated(FAILED, check=ENCRYPTED), 3 * DAY, kind=SAMPLE))

        assert state_of(decide(again, evaluated(PASSED, check=ENCRYPTED), 9 * DAY)).status is FAILED
        assert (
            state_of(decide(again, evaluated(PASSED, check=ENCRYPTED), 10 * DAY)).status is PASSED
        )

    def test_a_failure_that_cannot_recur_passes_at_once(self) -> None:
        previous = stored(FAILED, offended=timedelta(0))

        decision = decide(previous, evaluated(PASSED, check=ENCRYPTED, cannot_recur=True), SECOND)

        assert (decision.send, state_of(decision).status) == (True, PASSED)

    def test_a_warning_does_not_replace_a_failure_within_the_memory_time(self) -> None:
        previous = stored(FAILED, offended=timedelta(0))

        decision = decide(previous, evaluated(WARNING, check=CHECKS["sessions-modern-tls"]), SECOND)

        assert state_of(decision).status is FAILED

    def test_a_warning_passes_at_once(self) -> None:
        previous = stored(WARNING)

        decision = decide(previous, evaluated(PASSED, check=CHECKS["sessions-modern-tls"]), SECOND)

        assert state_of(decision).status is PASSED

    @pytest.mark.parametrize(
        "check",
        [pytest.param(check, id=check.id) for check in all_checks() if not check.session_based],
    )
    def test_other_checks_have_no_memory(self, check: Check) -> None:
        previous = stored(FAILED, offended=timedelta(0))

        decision = decide(previous, evaluated(PASSED, check=check), SECOND)

        assert (decision.send, state_of(decision).status) == (True, PASSED)

    def test_without_memory_time_a_session_check_passes_at_once(self) -> None:
        settings = replace(DEFAULTS, session_memory_hours=0)
        previous = stored(FAILED, offended=timedelta(0))

        decision = decide(previous, evaluated(PASSED, check=ENCRYPTED), SECOND, settings=settings)

        assert state_of(decision).status is PASSED

    def test_a_failure_within_the_memory_time_gets_a_heartbeat(self) -> None:
        settings = replace(DEFAULTS, session_memory_hours=2_400)
        previous = stored(FAILED, offended=timedelta(0))

        assert decide(previous, evaluated(PASSED, check=ENCRYPTED), WEEK, settings=settings).send

    def test_two_unknown_verdicts_do_not_end_the_memory_time(self) -> None:
        first = state_of(
            decide(stored(FAILED, offended=timedelta(0)), evaluated(UNKNOWN, check=ENCRYPTED), DAY)
        )
        second = state_of(decide(first, evaluated(UNKNOWN, check=ENCRYPTED), 2 * DAY))

        decision = decide(second, evaluated(PASSED, check=ENCRYPTED), 3 * DAY)

        assert decision.state is None or decision.state.status is not PASSED

    def test_an_archived_failure_within_the_memory_time_is_reopened(self) -> None:
        previous = stored(FAILED, offended=timedelta(0), archived=True)

        decision = decide(previous, evaluated(PASSED, check=ENCRYPTED))

        assert decision.send
        assert (state_of(decision).status, state_of(decision).archived) == (FAILED, False)
