"""The answer in short: one line, with whom to check first."""

import pytest

from rds_tls_audit.evidence.redaction import ClientDetail
from rds_tls_audit.readiness.database_history import DatabaseHistory
from rds_tls_audit.readiness.status import ReadinessStatus
from rds_tls_audit.readiness.summary import MAX_NAMED, MAX_SHORT, summarize
from tests.support.builders import NOW
from tests.unit.readiness.history_builder import ALLOW, answer_for, clear_client, forced, history


@pytest.mark.parametrize(
    ("histories", "word", "title"),
    [
        pytest.param([forced()], "already-forced", "already forced", id="forced"),
        pytest.param([history()], "safe", "safe", id="safe"),
        pytest.param(
            [history(sightings=(clear_client(),))], "check-first", "check these first", id="clear"
        ),
        pytest.param([history(days=())], "not-known", "not known", id="not-sampled"),
    ],
)
def test_the_answer_in_a_word_and_in_a_line(
    histories: list[DatabaseHistory], word: str, title: str
) -> None:
    given = answer_for(*histories)

    short = summarize(given, NOW)
    assert (given.status, short.form) == (word, word)
    assert short.text.startswith(f"{title}: ")
    assert given.because[:50] in short.text
    assert short.at == NOW


def test_a_long_one_is_cut() -> None:
    given = answer_for(*(history(name * 60, not_connected="y" * 1_000) for name in "ab"))

    assert given.status is ReadinessStatus.NOT_KNOWN
    text = summarize(given, NOW).text
    assert text.endswith("…")
    assert len(text) <= MAX_SHORT


@pytest.mark.parametrize(
    ("detail", "named"),
    [
        (ClientDetail.NONE, []),
        (ClientDetail.ROLES, ["a-role", "an-app"]),
        (ClientDetail.FULL, ["a-role", "an-app", "203.0.113.9"]),
    ],
)
def test_whom_to_check_first_is_named_as_far_as_it_may_be(
    detail: ClientDetail, named: list[str]
) -> None:
    clear = clear_client(role="a-role", application="an-app", network="203.0.113.9")

    text = summarize(answer_for(history(sightings=(clear,)), detail=detail), NOW).text

    assert [word for word in ("a-role", "an-app", "203.0.113.9") if word in text] == named


def test_whom_to_check_comes_before_the_numbers() -> None:
    clear = clear_client(ago=0)

    text = summarize(answer_for(history(sightings=(clear,)), detail=ClientDetail.ROLES), NOW).text

    assert text == (
        "check these first: orders_app (web) on orders-prod; 1 client seen in clear on its one "
        f"database in the last 35 days, last on 2026-03-01: {ALLOW}"
    )


def test_of_many_clients_the_first_are_named_and_the_rest_counted() -> None:
    clear = tuple(clear_client(application=f"app-{number}") for number in range(40))

    text = summarize(answer_for(history(sightings=clear)), NOW).text

    assert text.count("app-") == MAX_NAMED
    assert " and 37 more; 40 clients seen in clear" in text


def test_names_of_any_length_leave_room_for_what_happens() -> None:
    clear = tuple(clear_client(application=f"{number}-{'x' * 500}") for number in range(40))

    text = summarize(answer_for(history("y" * 500, sightings=clear)), NOW).text

    assert len(text) <= MAX_SHORT
    assert text.endswith(ALLOW)
