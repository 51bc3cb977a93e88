"""Counts samples: each run once, by day, with the sessions opened between samples."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from rds_tls_audit.codec import decode, encode
from rds_tls_audit.evidence.observation import SessionsOpened, SessionView
from rds_tls_audit.pipeline.run import Run, RunKind
from rds_tls_audit.readiness.sampling.sampling_state import SamplingState, record_sample
from tests.support.builders import NOW, days, session_view, tls_session

QUARTER = timedelta(minutes=15)
PROXY = tls_session(role="rdsproxyadmin")


def sample(minutes: float = 0, *, name: str | None = None) -> Run:
    at = NOW + timedelta(minutes=minutes)
    return Run(id=name or f"sample-{minutes:g}", kind=RunKind.SAMPLE, observed_at=at)


def view(
    opened: int | None = 100,
    ages: tuple[tuple[int, int], ...] = (),
    since: datetime | None = None,
) -> SessionView:
    counts = None if opened is None else SessionsOpened(count=opened, since=since)
    return replace(session_view(tls_session()), opened=counts, ages=ages)


def state_after(*samples: tuple[Run, SessionView]) -> SamplingState:
    state: SamplingState | None = None
    for run, seen in samples:
        state = record_sample(state, seen, run) or state
    assert state is not None
    return state


def test_the_first_sample_has_nothing_to_compare_with() -> None:
    day = state_after((sample(), view(opened=900, ages=((3, 7),)))).day

    assert (day.samples, day.partial, day.opened, day.seen, day.resets) == (1, 0, 0, 0, 0)


def test_sessions_opened_between_samples_are_counted_except_for_the_audits_login() -> None:
    day = state_after((sample(), view(100)), (sample(15), view(111, ages=((2, 3), (60, 9))))).day

    assert (day.samples, day.opened, day.seen) == (2, 10, 3)


@pytest.mark.parametrize(
    ("age", "seen"),
    [
        pytest.param(14, 1, id="began-after-the-last-sample"),
        pytest.param(15, 0, id="may-have-begun-before-the-last-sample"),
    ],
)
def test_a_session_counts_as_observed_only_if_it_began_after_the_last_sample(
    age: int, seen: int
) -> None:
    day = state_after((sample(), view(100)), (sample(15), view(111, ages=((age, 1),)))).day

    assert day.seen == seen


def test_no_more_sessions_are_observed_than_were_opened() -> None:
    day = state_after((sample(), view(100)), (sample(15), view(103, ages=((1, 9),)))).day

    assert (day.opened, day.seen) == (2, 2)


@pytest.mark.parametrize(
    "again",
    [
        pytest.param(sample(15), id="the-last-run"),
        pytest.param(sample(), id="an-earlier-run"),
        pytest.param(sample(7), id="a-late-run"),
        pytest.param(sample(20, name="sample-15"), id="the-last-run-probed-again"),
        pytest.param(sample(15, name="another"), id="another-run-at-the-same-moment"),
    ],
)
def test_a_repeated_or_late_run_counts_nothing(again: Run) -> None:
    before = state_after((sample(), view(100)), (sample(15), view(111)))

    assert record_sample(before, view(500), again) is None


def test_a_sample_at_midnight_belongs_to_the_day_that_begins() -> None:
    midnight = 18 * 60
    before = state_after((sample(midnight - 15), view(100)))

    after = record_sample(before, view(111, ages=((2, 4),)), sample(midnight))

    assert before.day.day == date(2026, 3, 1)
    assert after is not None
    assert (after.day.day, after.day.samples) == (date(2026, 3, 2), 1)
    assert (after.day.opened, after.day.seen) == (10, 4)


def test_days_are_utc_days() -> None:
    late = NOW.replace(hour=23, minute=30).astimezone(timezone(timedelta(hours=9)))

    state = state_after((replace(sample(), observed_at=late), view()))

    assert state.day.day == NOW.astimezone(UTC).date()


@pytest.mark.parametrize(
    "later",
    [
        pytest.param(view(111, since=days(-1)), id="reset-in-between"),
        pytest.param(view(50), id="fewer-than-before"),
    ],
)
def test_a_reset_of_the_statistics_is_counted_and_no_sessions_are_invented(
    later: SessionView,
) -> None:
    day = state_after((sample(), view(100)), (sample(15), later)).day

    assert (day.samples, day.opened, day.seen, day.resets) == (2, 0, 0, 1)


@pytest.mark.parametrize("first", [100, None], ids=["after-it-did", "never"])
def test_a_server_that_does_not_count_leaves_its_day_uncounted(first: int | None) -> None:
    state = state_after((sample(), view(first)), (sample(15), view(None)), (sample(30), view(200)))

    assert (state.day.samples, state.day.opened) == (3, None)


def test_partial_views_and_those_with_a_proxy_are_counted() -> None:
    partial = replace(view(), why_partial="denied", rds_own=(PROXY,))

    day = state_after((sample(), view()), (sample(15), partial), (sample(30), partial)).day

    assert (day.samples, day.partial, day.proxied) == (3, 2, 2)


@pytest.mark.parametrize("kind", [RunKind.FULL, RunKind.NAMED])
def test_other_runs_are_not_samples_but_their_observations_count(kind: RunKind) -> None:
    partial = replace(view(120, ages=((2, 4),)), why_partial="denied", rds_own=(PROXY,))

    day = state_after((sample(), view(100)), (replace(sample(15), kind=kind), partial)).day

    assert (day.samples, day.partial, day.proxied) == (1, 1, 1)
    assert (day.opened, day.seen) == (19, 4)


def test_a_sample_is_compared_with_the_other_run_before_it() -> None:
    """Sessions opened since then could not be observed earlier."""
    full = replace(sample(5), kind=RunKind.FULL)

    day = state_after((sample(), view(100)), (full, view(108)), (sample(15), view(111))).day

    assert (day.samples, day.opened) == (2, 7 + 2)


def test_the_number_of_clients_not_stored_is_kept() -> None:
    before = replace(state_after((sample(), view())), overflow=7)

    after = record_sample(before, view(), sample(15))

    assert after is not None
    assert after.overflow == 7


def test_a_sampling_state_can_be_stored() -> None:
    state = state_after((sample(), view(since=NOW - QUARTER)))

    assert decode(encode(state), SamplingState, "a state") == state
