"""The answers laid out: worst first, bounded, and what holds for many told once."""

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
from tests.unit.html_report.posture_examples import cells, posture, row
from tests.unit.html_report.readiness_examples import check_first, quiet_answers
from tests.unit.readiness.history_builder import CLUSTER_GROUP, answer_for, clear_client, history


def named(name: str, answer: ReadinessAssessment) -> ReadinessAssessment:
    return replace(answer, group=GroupKey(name=name, of_cluster=False))


def crowded(name: str, clients: int) -> ReadinessAssessment:
    seen = tuple(clear_client(network=f"10.0.0.{number}") for number in range(clients))
    return named(name, answer_for(history(sightings=seen)))


def test_the_worst_form_and_then_most_clients_come_first() -> None:
    answers = (*reversed(quiet_answers()), crowded("few", 1), crowded("many", 3))

    told = [card.assessment.group.name for card in build_readiness_cards(answers)]

    assert told == ["many", "few", "default.postgres14", "pg17", "aurora16"]


def test_an_advice_stands_in_full_once_and_keeps_its_number() -> None:
    first, second = build_readiness_cards((named("a", check_first()), named("b", check_first())))

    assert [it.number for it in first.advice_groups] == [1, 2, 3, 4]
    assert [it.number for it in second.advice_groups] == [1, 2, 3, 4]
    assert all(it.first for it in first.advice_groups)
    assert not any(it.first for it in second.advice_groups)


def test_clients_for_whom_the_same_holds_share_an_advice() -> None:
    (card,) = build_readiness_cards((crowded("a", 3),))

    (advised,) = card.advice_groups
    assert [it.who[-8:] for it in advised.clients] == ["10.0.0.0", "10.0.0.1", "10.0.0.2"]


def test_no_two_places_of_a_page_have_the_same_address() -> None:
    html = render_report(
        posture(assessments=(named("a", check_first()), named("b", check_first())))
    )

    assert html.count("id=advice-1") == 1
    assert html.count('id="query"') == 1
    assert html.count('href="#query"') == 1


@pytest.mark.parametrize(
    ("answers", "shown"), [(1, 20), (MAX_CLIENTS // 10, 10), (MAX_CLIENTS, MIN_CLIENTS)]
)
def test_clients_are_bounded_over_all_answers_and_the_rest_counted(
    answers: int, shown: int
) -> None:
    (card, *_) = build_readiness_cards(crowded(f"g{number}", 22) for number in range(1)) * answers
    cards = build_readiness_cards([card.assessment] * answers)

    assert sum(len(it.clients) for it in cards[-1].advice_groups) == shown
    assert cards[-1].clients_more == 22 - shown


def test_databases_are_bounded_and_those_not_named_counted_with_the_rest() -> None:
    many = answer_for(*(history(f"db-{number}") for number in range(MAX_DATABASES + 3)))

    (card,) = build_readiness_cards((replace(many, databases_more=4),))

    assert card.databases == many.databases[:MAX_DATABASES]
    assert card.databases_more == 3 + 4


def test_every_database_of_a_group_leads_to_its_answer() -> None:
    names = [f"db-{number:02}" for number in range(MAX_DATABASES + 1)]
    shared = answer_for(*map(history, names))

    rows = tuple(row(name, *cells(), group=str(shared.group)) for name in names)

    html = render_report(posture(databases=rows, assessments=(shared,)))

    assert html.count("<a href=#answer-1>") == len(names)
    assert "<bdi>db-49</bdi></a> and 1 more" in html


def test_two_of_one_name_in_different_groups_are_not_taken_for_each_other() -> None:
    """An instance may be called as a cluster is that nobody looked at."""
    of_cluster = answer_for(
        history("ledger-1"), group=CLUSTER_GROUP, outside=OutOfScopeUsers(names=("orders",))
    )
    instance = row("orders", *cells(), group="parameter group pg16")

    html = render_report(posture(databases=(instance,), assessments=(of_cluster,)))

    assert "<bdi>orders</bdi>" in html
    assert "<a href=#answer-1>" not in html
    assert "<a href=#db-1><bdi>orders</bdi>" not in html


def test_a_row_without_a_group_has_no_answer() -> None:
    """Its cluster could not be listed, so that nobody knows which group decides."""
    answer = answer_for(history("orders"))

    html = render_report(
        posture(databases=(row("orders", *cells(), group=None),), assessments=(answer,))
    )

    assert "<a href=#answer-1>" not in html


def test_the_first_stand_open_and_only_so_many_in_detail() -> None:
    cards = build_readiness_cards([quiet_answers()[1]] * (MAX_DETAILED + 1))

    assert [card.opened for card in cards].count(True) == MAX_OPEN
    assert [card.detailed for card in cards] == [True] * MAX_DETAILED + [False]


def test_a_page_says_that_not_all_is_told_in_detail() -> None:
    sentence = f"are told with the first {MAX_DETAILED}."

    assert sentence in render_report(posture(assessments=(check_first(),) * (MAX_DETAILED + 1)))
    assert sentence not in render_report(posture(assessments=(check_first(),) * MAX_DETAILED))


def test_clients_that_were_not_remembered_are_counted() -> None:
    crowd = history(sightings=(clear_client(),), overflow=7)

    assert "7 clients beyond those" in render_report(posture(assessments=(answer_for(crowd),)))


def test_a_client_of_long_ago_is_told_to_be_no_obstacle() -> None:
    assert "2025-12-01 06:00 UTC; no obstacle" in render_report(
        posture(assessments=(check_first(),))
    )


@pytest.mark.parametrize(
    ("share", "told"),
    [
        (1.0, "100 % of the sessions"),
        (0.99999, "99.9 % of the sessions"),
        (0.0001, "less than 0.1 % of the sessions"),
        (0.0, "0 % of the sessions"),
        (None, "not known"),
    ],
)
def test_a_share_is_never_told_better_than_it_is(share: float | None, told: str) -> None:
    answer = replace(check_first(), share_seen=share)

    assert f"<dt>Share seen</dt><dd>{told}" in render_report(posture(assessments=(answer,)))


@pytest.mark.parametrize(
    ("missed", "told"),
    [(0.0, "0 %"), (1e-9, "less than 0.1 %"), (0.0101, "1.1 %"), (1.0, "100 %")],
)
def test_a_chance_to_have_missed_is_never_told_smaller_than_it_is(missed: float, told: str) -> None:
    answer = replace(
        check_first(), miss_probabilities=(MissProbability(pattern="weekly", probability=missed),)
    )

    assert f"<span>weekly</span> <strong>{told}</strong>" in render_report(
        posture(assessments=(answer,))
    )
