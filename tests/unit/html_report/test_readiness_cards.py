"""The readiness cards: most urgent first, bounded, and with each piece of advice shown once."""

from dataclasses import replace

import pytest

from rds_tls_audit.fleet.configuration import GroupKey
from rds_tls_audit.html_report.readiness_cards import (
    MAX_CLIENTS,
    MAX_DATABASES,
    MAX_DETAILED,
    MAX_OPEN,
    MIN_CLIENTS,
    build_readiness_cards,
)
from rds_tls_audit.html_report.render import render_report
from rds_tls_audit.readiness.assessment import ReadinessAssessment
from rds_tls_audit.readiness.out_of_scope_users import OutOfScopeUsers
from rds_tls_audit.readiness.sampling.miss_probability import MissProbability
from rds_tls_audit.readiness.truncated import Truncated
from tests.unit.html_report.posture_examples import cells, posture, row
from tests.unit.html_report.readiness_examples import check_first, quiet_assessments
from tests.unit.readiness.history_builder import CLUSTER_GROUP, assess, history, plaintext_client


def named(name: str, assessment: ReadinessAssessment) -> ReadinessAssessment:
    return replace(assessment, group=GroupKey(name=name, of_cluster=False))


def crowded(name: str, clients: int) -> ReadinessAssessment:
    crowd = tuple(plaintext_client(network=f"10.0.0.{number}") for number in range(clients))
    return named(name, assess(history(clients=crowd)))


def test_the_most_urgent_status_and_then_the_most_clients_come_first() -> None:
    assessments = (*reversed(quiet_assessments()), crowded("few", 1), crowded("many", 3))

    names = [card.assessment.group.name for card in build_readiness_cards(assessments)]

    assert names == ["many", "few", "default.postgres14", "pg17", "aurora16"]


def test_advice_is_shown_in_full_once_and_keeps_its_number() -> None:
    first, second = build_readiness_cards((named("a", check_first()), named("b", check_first())))

    assert [group.number for group in first.advice_groups] == [1, 2, 3, 4]
    assert [group.number for group in second.advice_groups] == [1, 2, 3, 4]
    assert all(group.shown_in_full for group in first.advice_groups)
    assert not any(group.shown_in_full for group in second.advice_groups)


def test_clients_with_the_same_advice_form_one_group() -> None:
    (card,) = build_readiness_cards((crowded("a", 3),))

    (group,) = card.advice_groups
    assert [client.name[-8:] for client in group.clients] == ["10.0.0.0", "10.0.0.1", "10.0.0.2"]


def test_every_anchor_of_the_report_is_unique() -> None:
    html = render_report(
        posture(assessments=(named("a", check_first()), named("b", check_first())))
    )

    assert html.count("id=advice-1") == 1
    assert html.count('id="query"') == 1
    assert html.count('href="#query"') == 1


@pytest.mark.parametrize(
    ("number", "shown"), [(1, 20), (MAX_CLIENTS // 10, 10), (MAX_CLIENTS, MIN_CLIENTS)]
)
def test_clients_are_bounded_over_all_cards_and_the_rest_counted(number: int, shown: int) -> None:
    cards = build_readiness_cards([crowded("pg16", 22)] * number)

    assert sum(len(group.clients) for group in cards[-1].advice_groups) == shown
    assert cards[-1].clients_more == 22 - shown


def test_databases_are_bounded_and_the_rest_counted() -> None:
    names = tuple(f"db-{number}" for number in range(MAX_DATABASES + 3))
    assessment = assess(*map(history, names), out_of_scope=OutOfScopeUsers(more=4))

    (card,) = build_readiness_cards((assessment,))

    assert card.databases == Truncated(shown=names[:MAX_DATABASES], more=3 + 4)


def test_every_database_of_a_group_links_to_its_assessment() -> None:
    names = [f"db-{number:02}" for number in range(MAX_DATABASES + 1)]
    shared = assess(*map(history, names))

    rows = tuple(row(name, *cells(), group=str(shared.group)) for name in names)

    html = render_report(posture(databases=rows, assessments=(shared,)))

    assert html.count("<a href=#answer-1>") == len(names)
    assert "<bdi>db-49</bdi></a> and 1 more" in html


def test_databases_of_the_same_name_in_different_groups_are_not_confused() -> None:
    """A DB instance may have the name of a DB cluster that is out of scope."""
    of_cluster = assess(
        history("ledger-1"), group=CLUSTER_GROUP, out_of_scope=OutOfScopeUsers(names=("orders",))
    )
    instance = row("orders", *cells(), group="parameter group pg16")

    html = render_report(posture(databases=(instance,), assessments=(of_cluster,)))

    assert "<bdi>orders</bdi>" in html
    assert "<a href=#answer-1>" not in html
    assert "<a href=#db-1><bdi>orders</bdi>" not in html


def test_a_row_without_a_group_has_no_assessment() -> None:
    """RDS did not list its cluster, so the deciding group is unknown."""
    assessment = assess(history("orders"))

    html = render_report(
        posture(databases=(row("orders", *cells(), group=None),), assessments=(assessment,))
    )

    assert "<a href=#answer-1>" not in html


def test_only_the_first_cards_are_initially_open_and_only_some_are_detailed() -> None:
    cards = build_readiness_cards([quiet_assessments()[1]] * (MAX_DETAILED + 1))

    assert [card.initially_open for card in cards].count(True) == MAX_OPEN
    assert [card.detailed for card in cards] == [True] * MAX_DETAILED + [False]


def test_the_report_says_that_not_all_cards_are_detailed() -> None:
    sentence = f"only for the first {MAX_DETAILED} groups."

    assert sentence in render_report(posture(assessments=(check_first(),) * (MAX_DETAILED + 1)))
    assert sentence not in render_report(posture(assessments=(check_first(),) * MAX_DETAILED))


def test_clients_that_were_not_stored_are_counted() -> None:
    crowd = history(clients=(plaintext_client(),), clients_not_retained=7)

    assert "7 more clients observed, but not stored" in render_report(
        posture(assessments=(assess(crowd),))
    )


def test_an_earlier_client_is_shown_as_not_blocking() -> None:
    assert "2025-12-01 06:00 UTC; not blocking" in render_report(
        posture(assessments=(check_first(),))
    )


@pytest.mark.parametrize(
    ("share", "shown"),
    [
        (1.0, "100% of the sessions"),
        (0.99999, "99.9% of the sessions"),
        (0.0001, "less than 0.1% of the sessions"),
        (0.0, "0% of the sessions"),
        (None, "unknown"),
    ],
)
def test_a_share_is_rounded_down(share: float | None, shown: str) -> None:
    assessment = check_first()
    confidence = replace(assessment.confidence, share_seen=share)

    html = render_report(posture(assessments=(replace(assessment, confidence=confidence),)))

    assert f"<dt>Sessions observed</dt><dd>{shown}" in html


@pytest.mark.parametrize(
    ("probability", "shown"),
    [(0.0, "0%"), (1e-9, "less than 0.1%"), (0.0101, "1.1%"), (1.0, "100%")],
)
def test_a_miss_probability_is_rounded_up(probability: float, shown: str) -> None:
    weekly = MissProbability(pattern="weekly", probability=probability)
    assessment = check_first()
    confidence = replace(assessment.confidence, miss_probabilities=(weekly,))

    html = render_report(posture(assessments=(replace(assessment, confidence=confidence),)))

    assert f"<span>weekly</span> <strong>{shown}</strong>" in html
