"""Counting samples: each run once, by its day, with what was opened between two of them."""

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


def tallied(*samples: tuple[Run, SessionView]) -> SamplingState:
    tally: SamplingState | None = None
    for run, seen in samples:
        tally = record_sample(tally, seen, run) or tally
    assert tally is not None
    return tally


def test_the_first_sample_has_nothing_to_compare_with() -> None:
    day = tallied((sample(), view(opened=900, ages=((3, 7),)))).day

    assert (day.samples, day.partial, day.opened, day.seen, day.resets) == (1, 0, 0, 0, 0)


def test_what_was_opened_between_two_samples_is_counted_but_for_our_own_login() -> None:
    day = tallied((sample(), view(100)), (sample(15), view(111, ages=((2, 3), (60, 9))))).day

    assert (day.samples, day.opened, day.seen) == (2, 10, 3)


@pytest.mark.parametrize(
    ("age", "seen"),
    [
        pytest.param(14, 1, id="begun-after-the-last-sample"),
        pytest.param(15, 0, id="begun-with-the-last-sample-or-before"),
    ],
)
def test_a_session_counts_as_seen_only_where_it_began_after_the_last_sample(
    age: int, seen: int
) -> None:
    day = tallied((sample(), view(100)), (sample(15), view(111, ages=((age, 1),)))).day

    assert day.seen == seen


def test_no_more_is_seen_than_was_opened() -> None:
    day = tallied((sample(), view(100)), (sample(15), view(103, ages=((1, 9),)))).day

    assert (day.opened, day.seen) == (2, 2)


@pytest.mark.parametrize(
    "again",
    [
        pytest.param(sample(15), id="the-last-run"),
        pytest.param(sample(), id="an-earlier-run"),
        pytest.param(sample(7), id="one-that-comes-late"),
        pytest.param(sample(20, name="sample-15"), id="the-last-run-probed-anew"),
        pytest.param(sample(15, name="another"), id="another-run-of-the-same-moment"),
    ],
)
def test_a_run_that_comes_again_or_late_counts_nothing(again: Run) -> None:
    before = tallied((sample(), view(100)), (sample(15), view(111)))

    assert record_sample(before, view(500), again) is None


def test_a_sample_at_midnight_belongs_to_the_day_that_begins() -> None:
    midnight = 18 * 60
    before = tallied((sample(midnight - 15), view(100)))

    after = record_sample(before, view(111, ages=((2, 4),)), sample(midnight))

    assert before.day.day == date(2026, 3, 1)
    assert after is not None
    assert (after.day.day, after.day.samples) == (date(2026, 3, 2), 1)
    assert (after.day.opened, after.day.seen) == (10, 4)


def test_days_are_those_of_utc() -> None:
    late = NOW.replace(hour=23, minute=30).astimezone(timezone(timedelta(hours=9)))

    tally = tallied((replace(sample(), observed_at=late), view()))

    assert tally.day.day == NOW.astimezone(UTC).date()


@pytest.mark.parametrize(
    "later",
    [
        pytest.param(view(111, since=days(-1)), id="reset-meanwhile"),
        pytest.param(view(50), id="fewer-than-before"),
    ],
)
def test_a_reset_of_the_statistics_is_counted_and_nothing_is_made_up(later: SessionView) -> None:
    day = tallied((sample(), view(100)), (sample(15), later)).day

    assert (day.samples, day.opened, day.seen, day.resets) == (2, 0, 0, 1)


@pytest.mark.parametrize("first", [100, None], ids=["after-it-did", "never"])
def test_a_server_that_does_not_count_leaves_its_day_uncounted(first: int | None) -> None:
    tally = tallied((sample(), view(first)), (sample(15), view(None)), (sample(30), view(200)))

    assert (tally.day.samples, tally.day.opened) == (3, None)


def test_partial_views_and_those_with_a_proxy_are_counted() -> None:
    partial = replace(view(), why_partial="denied", rds_own=(PROXY,))

    day = tallied((sample(), view()), (sample(15), partial), (sample(30), partial)).day

    assert (day.samples, day.partial, day.proxied) == (3, 2, 2)


@pytest.mark.parametrize("kind", [RunKind.FULL, RunKind.NAMED])
def test_another_run_is_no_sample_and_what_it_saw_counts(kind: RunKind) -> None:
    partial = replace(view(120, ages=((2, 4),)), why_partial="denied", rds_own=(PROXY,))

    day = tallied((sample(), view(100)), (replace(sample(15), kind=kind), partial)).day

    assert (day.samples, day.partial, day.proxied) == (1, 1, 1)
    assert (day.opened, day.seen) == (19, 4)


def test_a_sample_compares_with_the_other_run_before_it() -> None:
    """What was opened since then was not there to be seen earlier."""
    full = replace(sample(5), kind=RunKind.FULL)

    day = tallied((sample(), view(100)), (full, view(108)), (sample(15), view(111))).day

    assert (day.samples, day.opened) == (2, 7 + 2)


def test_clients_that_were_not_remembered_are_carried_on() -> None:
    before = replace(tallied((sample(), view())), overflow=7)

    after = record_sample(before, view(), sample(15))

    assert after is not None
    assert after.overflow == 7


def test_a_count_can_be_stored() -> None:
    tally = tallied((sample(), view(since=NOW - QUARTER)))

    assert decode(encode(tally), SamplingState, "a count") == tally
