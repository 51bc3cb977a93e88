"""What cannot be assessed replaces what is known only where it lasts."""

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
    NOTHING,
    PASSED,
    SAMPLE,
    SECOND,
    UNKNOWN,
    WARNING,
    decided,
    judged,
    kept,
    told,
)


class TestUnknown:
    def test_one_miss_is_only_remembered(self) -> None:
        decision = decided(told(FAILED), judged(UNKNOWN))

        assert (decision.send, decision.change) == (False, None)
        assert (kept(decision).status, kept(decision).misses) == (FAILED, 1)

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
    def test_it_takes_two_full_runs_thirty_minutes_apart(
        self,
        status: Status,
        apart: timedelta,
        replaces: bool,  # noqa: FBT001 - a column of the table
    ) -> None:
        first = kept(decided(told(status), judged(UNKNOWN)))

        decision = decided(first, judged(UNKNOWN, because="denied"), DAY + apart)

        assert decision.send is replaces
        if replaces:
            assert decision.change is ChangeKind.NOT_ASSESSED
            assert kept(decision).status is UNKNOWN
            assert kept(decision).because == (
                f"not assessed in 2 full runs: denied. The last known status is {status}: so it was"
            )
            assert kept(decision).fingerprint == ()

    def test_a_miss_too_soon_does_not_move_the_first(self) -> None:
        first = kept(decided(told(FAILED), judged(UNKNOWN)))
        second = decided(first, judged(UNKNOWN), DAY + 20 * MINUTE).state or first

        assert decided(second, judged(UNKNOWN), DAY + 30 * MINUTE).send

    @pytest.mark.parametrize("kind", [NAMED, SAMPLE])
    @pytest.mark.parametrize(
        "previous",
        [
            pytest.param(told(FAILED), id="first"),
            pytest.param(told(FAILED, missed=-DAY), id="last"),
        ],
    )
    def test_other_runs_count_no_miss(self, previous: FindingState, kind: RunKind) -> None:
        assert decided(previous, judged(UNKNOWN, check=ENCRYPTED), kind=kind) == NOTHING

    @pytest.mark.parametrize("kind", [FULL, NAMED])
    @pytest.mark.parametrize("status", [PASSED, FAILED])
    def test_any_other_status_resets_the_misses(self, status: Status, kind: RunKind) -> None:
        missed = kept(decided(told(FAILED), judged(UNKNOWN), HOUR))
        back = kept(decided(missed, judged(status), 2 * HOUR, kind=kind))

        again = decided(back, judged(UNKNOWN), 3 * HOUR)

        assert (back.misses, back.missed_at) == (0, None)
        assert not again.send

    def test_a_sample_that_finds_a_session_in_clear_resets_them_too(self) -> None:
        missed = told(FAILED, missed=timedelta(0))

        back = kept(decided(missed, judged(FAILED, check=ENCRYPTED), HOUR, kind=SAMPLE))

        assert back.misses == 0

    def test_a_remembered_offence_resets_them_too(self) -> None:
        missed = told(FAILED, offended=timedelta(0), missed=timedelta(0))

        back = kept(decided(missed, judged(PASSED, check=ENCRYPTED), HOUR))

        assert (back.status, back.misses, back.missed_at) == (FAILED, 0, None)

    def test_it_is_not_sent_again(self) -> None:
        assert not decided(told(UNKNOWN), judged(UNKNOWN)).send

    def test_it_does_not_reopen_what_is_archived(self) -> None:
        assert decided(told(FAILED, archived=True, missed=timedelta(0)), judged(UNKNOWN)) == NOTHING
