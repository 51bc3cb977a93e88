"""A client that offended is remembered for a while, though it is not connected now."""

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
    decided,
    judged,
    kept,
    told,
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
    def test_an_offender_is_remembered(
        self, check: str, kind: RunKind, after: timedelta, status: Status
    ) -> None:
        previous = told(FAILED, offended=timedelta(0))

        decision = decided(previous, judged(PASSED, check=CHECKS[check]), after, kind=kind)

        assert decision.send is (status is PASSED)
        assert kept(decision).status is status

    def test_a_newer_offence_counts(self) -> None:
        first = told(FAILED, offended=timedelta(0))
        again = kept(decided(first, judged(FAILED, check=ENCRYPTED), 3 * DAY, kind=SAMPLE))

        assert kept(decided(again, judged(PASSED, check=ENCRYPTED), 9 * DAY)).status is FAILED
        assert kept(decided(again, judged(PASSED, check=ENCRYPTED), 10 * DAY)).status is PASSED

    def test_what_is_settled_lets_go_at_once(self) -> None:
        previous = told(FAILED, offended=timedelta(0))

        decision = decided(previous, judged(PASSED, check=ENCRYPTED, settled=True), SECOND)

        assert (decision.send, kept(decision).status) == (True, PASSED)

    def test_a_warning_does_not_replace_a_remembered_failure(self) -> None:
        previous = told(FAILED, offended=timedelta(0))

        decision = decided(previous, judged(WARNING, check=CHECKS["sessions-modern-tls"]), SECOND)

        assert kept(decision).status is FAILED

    def test_a_warning_is_not_remembered(self) -> None:
        previous = told(WARNING)

        decision = decided(previous, judged(PASSED, check=CHECKS["sessions-modern-tls"]), SECOND)

        assert kept(decision).status is PASSED

    @pytest.mark.parametrize(
        "check",
        [pytest.param(it, id=it.id) for it in all_checks() if not it.session_based],
    )
    def test_other_checks_have_no_memory(self, check: Check) -> None:
        previous = told(FAILED, offended=timedelta(0))

        decision = decided(previous, judged(PASSED, check=check), SECOND)

        assert (decision.send, kept(decision).status) == (True, PASSED)

    def test_without_memory_it_lets_go_at_once(self) -> None:
        settings = replace(DEFAULTS, session_memory_hours=0)
        previous = told(FAILED, offended=timedelta(0))

        decision = decided(previous, judged(PASSED, check=ENCRYPTED), SECOND, settings=settings)

        assert kept(decision).status is PASSED

    def test_the_heartbeat_comes_for_a_remembered_failure_too(self) -> None:
        settings = replace(DEFAULTS, session_memory_hours=2_400)
        previous = told(FAILED, offended=timedelta(0))

        assert decided(previous, judged(PASSED, check=ENCRYPTED), WEEK, settings=settings).send

    def test_two_misses_do_not_make_it_forget(self) -> None:
        first = kept(
            decided(told(FAILED, offended=timedelta(0)), judged(UNKNOWN, check=ENCRYPTED), DAY)
        )
        second = kept(decided(first, judged(UNKNOWN, check=ENCRYPTED), 2 * DAY))

        decision = decided(second, judged(PASSED, check=ENCRYPTED), 3 * DAY)

        assert decision.state is None or decision.state.status is not PASSED

    def test_a_remembered_failure_comes_back_from_the_archive(self) -> None:
        previous = told(FAILED, offended=timedelta(0), archived=True)

        decision = decided(previous, judged(PASSED, check=ENCRYPTED))

        assert decision.send
        assert (kept(decision).status, kept(decision).archived) == (FAILED, False)
