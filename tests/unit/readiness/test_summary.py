"""The summary: one line, with the clients to check first."""

import pytest

from rds_tls_audit.evidence.redaction import ClientDetail
from rds_tls_audit.readiness.database_history import DatabaseHistory
from rds_tls_audit.readiness.status import ReadinessStatus
from rds_tls_audit.readiness.summary import MAX_NAMED, MAX_SUMMARY, summarize
from tests.support.builders import NOW
from tests.unit.readiness.history_builder import ALLOW, assess, forced, history, plaintext_client


@pytest.mark.parametrize(
    ("histories", "status", "label"),
    [
        pytest.param([forced()], "already-forced", "already forced", id="forced"),
        pytest.param([history()], "safe", "safe", id="safe"),
        pytest.param(
            [history(clients=(plaintext_client(),))], "check-first", "check these first", id="clear"
        ),
        pytest.param([history(days=())], "not-known", "not known", id="not-sampled"),
    ],
)
def test_the_summary_has_the_status_its_label_and_the_explanation(
    histories: list[DatabaseHistory], status: str, label: str
) -> None:
    assessment = assess(*histories)

    summary = summarize(assessment, NOW)

    assert (assessment.status, summary.form) == (status, status)
    assert summary.text.startswith(f"{label}: ")
    assert assessment.because[:50] in summary.text
    assert summary.at == NOW


def test_a_long_summary_is_truncated() -> None:
    assessment = assess(*(history(name * 60, not_sampled="y" * 1_000) for name in "ab"))

    text = summarize(assessment, NOW).text

    assert assessment.status is ReadinessStatus.NOT_KNOWN
    assert text.endswith("…")
    assert len(text) <= MAX_SUMMARY


@pytest.mark.parametrize(
    ("detail", "named"),
    [
        (ClientDetail.NONE, []),
        (ClientDetail.ROLES, ["a-role", "an-app"]),
        (ClientDetail.FULL, ["a-role", "an-app", "203.0.113.9"]),
    ],
)
def test_clients_to_check_first_are_named_as_far_as_allowed(
    detail: ClientDetail, named: list[str]
) -> None:
    client = plaintext_client(role="a-role", application="an-app", network="203.0.113.9")

    text = summarize(assess(history(clients=(client,)), detail=detail), NOW).text

    assert [word for word in ("a-role", "an-app", "203.0.113.9") if word in text] == named


def test_clients_to_check_come_before_the_numbers() -> None:
    given = history(clients=(plaintext_client(ago=0),))

    text = summarize(assess(given, detail=ClientDetail.ROLES), NOW).text

    assert text.startswith("check these first: orders_app (web) on orders-prod; 1 client ")
    assert text.endswith(ALLOW)


def test_the_first_of_many_clients_are_named_and_the_rest_counted() -> None:
    crowd = tuple(plaintext_client(application=f"app-{number}") for number in range(40))

    text = summarize(assess(history(clients=crowd)), NOW).text

    assert text.count("app-") == MAX_NAMED
    assert " and 37 more; 40 clients " in text


def test_long_names_leave_room_for_the_impact() -> None:
    crowd = tuple(plaintext_client(application=f"{number}-{'x' * 500}") for number in range(40))

    text = summarize(assess(history("y" * 500, clients=crowd)), NOW).text

    assert len(text) <= MAX_SUMMARY
    assert text.endswith(ALLOW)
