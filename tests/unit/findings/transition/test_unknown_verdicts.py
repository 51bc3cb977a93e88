"""UNKNOWN replaces a known status only if it persists."""

from datetime import timedelta

import pytest

from rds_tls_audit.checks.verdict import Status
from rds_tls_audit.findings.state import ChangeKind, FindingState
from rds_tls_audit.pipeline.run import RunKind
from tests.unit.findings.transition.transition_helpers import (
    DAY,
    ENCRYPTED,
    FAILED,
    FULL,
    HOUR,
    MINUTE,
    NAMED,
    NO_ACTION,
    PASSED,
    SAMPLE,
    SECOND,
    UNKNOWN,
    WARNING,
    decide,
    evaluated,
    state_of,
    stored,
)


class TestUnknown:
    def test_one_unknown_verdict_is_only_counted(self) -> None:
        decision = decide(stored(FAILED), evaluated(UNKNOWN))

        assert (decision.send, decision.change) == (False, None)
        assert (state_of(decision).status, state_of(decision).misses) == (FAILED, 1)

    @pytest.mark.parametrize(
        ("apart", "replaces"),
        [
            pytest.param(timedelta(0), False, id="at-once"),
            pytest.param(29 * MINUTE + 59 * SECOND, False, id="a-second-less"),
            pytest.param(30 * MINUTE, True, id="thirty-minutes"),
            pytest.param(DAY, True, id="a-day"),
        ],
    )
    @pytest.mark.parametrize("status", [PASSED, WARNING, FAILED])
    def test_unknown_replaces_a_status_after_two_full_runs_thirty_minutes_apart(
        self,
        status: Status,
        apart: timedelta,
        replaces: bool,  # noqa: FBT001 - a column of the table
    ) -> None:
        first = state_of(decide(stored(status), evaluated(UNKNOWN)))

        decision = decide(first, evaluated(UNKNOWN, because="denied"), DAY + apart)

        assert decision.send is replaces
        if replaces:
            assert decision.change is ChangeKind.NOT_ASSESSED
            assert state_of(decision).status is UNKNOWN
            because = state_of(decision).because
            assert all(text in because for text in ("2", "denied", status, "the stored reason"))
            assert state_of(decision).fingerprint == ()

    def test_an_unknown_verdict_too_soon_does_not_restart_the_thirty_minutes(self) -> None:
        first = state_of(decide(stored(FAILED), evaluated(UNKNOWN)))
        second = decide(first, evaluated(UNKNOWN), DAY + 20 * MINUTE).state or first

        assert decide(second, evaluated(UNKNOWN), DAY + 30 * MINUTE).send

    @pytest.mark.parametrize("kind", [NAMED, SAMPLE])
    @pytest.mark.parametrize(
        "previous",
        [
            pytest.param(stored(FAILED), id="first"),
            pytest.param(stored(FAILED, missed=-DAY), id="last"),
        ],
    )
    def test_named_and_sample_runs_do_not_count_unknown_verdicts(
        self, previous: FindingState, kind: RunKind
    ) -> None:
        assert decide(previous, evaluated(UNKNOWN, check=ENCRYPTED), kind=kind) == NO_ACTION

    @pytest.mark.parametrize("kind", [FULL, NAMED])
    @pytest.mark.parametrize("status", [PASSED, FAILED])
    def test_any_other_status_resets_the_count(self, status: Status, kind: RunKind) -> None:
        missed = state_of(decide(stored(FAILED), evaluated(UNKNOWN), HOUR))
        back = state_of(decide(missed, evaluated(status), 2 * HOUR, kind=kind))

        again = decide(back, evaluated(UNKNOWN), 3 * HOUR)

        assert (back.misses, back.missed_at) == (0, None)
        assert not again.send

    def test_a_sample_run_with_a_failure_resets_the_count(self) -> None:
        missed = stored(FAILED, missed=timedelta(0))

        back = state_of(decide(missed, evaluated(FAILED, check=ENCRYPTED), HOUR, kind=SAMPLE))

        assert back.misses == 0

    def test_a_failure_within_the_memory_time_resets_the_count(self) -> None:
        missed = stored(FAILED, offended=timedelta(0), missed=timedelta(0))

        back = state_of(decide(missed, evaluated(PASSED, check=ENCRYPTED), HOUR))

        assert (back.status, back.misses, back.missed_at) == (FAILED, 0, None)

    def test_an_unknown_finding_is_not_sent_again(self) -> None:
        assert not decide(stored(UNKNOWN), evaluated(UNKNOWN)).send

    def test_unknown_does_not_reopen_an_archived_finding(self) -> None:
        assert (
            decide(stored(FAILED, archived=True, missed=timedelta(0)), evaluated(UNKNOWN))
            == NO_ACTION
        )
