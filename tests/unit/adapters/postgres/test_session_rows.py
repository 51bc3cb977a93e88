"""Counts, times, and ages are accepted only as such, whatever a server sends."""

from datetime import UTC, datetime

import pytest

from rds_tls_audit.adapters.postgres.session_rows import (
    Row,
    parse_session_view,
    parse_sessions_opened,
)
from rds_tls_audit.evidence.observation import SessionsOpened

SINCE = datetime(2026, 3, 1, 6, tzinfo=UTC)


@pytest.mark.parametrize(
    ("row", "opened"),
    [
        pytest.param(
            {"opened": 7, "since": SINCE}, SessionsOpened(count=7, since=SINCE), id="reset-once"
        ),
        pytest.param(
            {"opened": 0, "since": None}, SessionsOpened(count=0, since=None), id="never-reset"
        ),
        pytest.param(
            {"opened": 2**62, "since": None, "more": 1},
            SessionsOpened(count=2**62, since=None),
            id="many",
        ),
    ],
)
def test_a_row_is_parsed(row: Row, opened: SessionsOpened) -> None:
    assert parse_sessions_opened(row) == opened


@pytest.mark.parametrize(
    "row",
    [
        pytest.param({}, id="empty"),
        pytest.param({"opened": 7}, id="no-since"),
        pytest.param({"since": SINCE}, id="no-count"),
        pytest.param({"opened": None, "since": SINCE}, id="null-count"),
        pytest.param({"opened": "7", "since": SINCE}, id="count-as-text"),
        pytest.param({"opened": 7.5, "since": SINCE}, id="fraction"),
        pytest.param({"opened": 7, "since": "2026-03-01"}, id="since-as-text"),
        pytest.param({"opened": 7, "since": 0}, id="since-as-number"),
        pytest.param({"opened": 7, "since": SINCE.replace(tzinfo=None)}, id="since-without-a-zone"),
        pytest.param({"opened": 7, "since": SINCE.date()}, id="since-as-a-day"),
    ],
)
def test_a_malformed_row_is_refused(row: Row) -> None:
    with pytest.raises((KeyError, TypeError)):
        parse_sessions_opened(row)


def test_a_negative_count_is_refused() -> None:
    with pytest.raises(TypeError):
        parse_sessions_opened({"opened": -1, "since": None})


def test_ages_are_parsed() -> None:
    rows: list[Row] = [{"minutes": 0, "sessions": 5}, {"minutes": 119, "sessions": 1}]

    assert parse_session_view([], sees_others=True, ages=rows).ages == ((0, 5), (119, 1))


@pytest.mark.parametrize(
    "row",
    [
        pytest.param({}, id="empty"),
        pytest.param({"minutes": 1}, id="no-sessions"),
        pytest.param({"minutes": -1, "sessions": 1}, id="in-the-future"),
        pytest.param({"minutes": 120, "sessions": 1}, id="too-old"),
        pytest.param({"minutes": 1, "sessions": -1}, id="negative-count"),
        pytest.param({"minutes": None, "sessions": 1}, id="null"),
        pytest.param({"minutes": 1.0, "sessions": 1}, id="fraction"),
    ],
)
def test_a_malformed_age_is_refused(row: Row) -> None:
    with pytest.raises((KeyError, TypeError)):
        parse_session_view([], sees_others=True, ages=[row])


def test_few_ages_are_kept_however_many_a_server_sends() -> None:
    rows: list[Row] = [{"minutes": number % 120, "sessions": 1} for number in range(100_000)]

    assert len(parse_session_view([], sees_others=True, ages=rows).ages) == 120
