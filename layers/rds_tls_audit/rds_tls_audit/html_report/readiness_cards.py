"""The answers, laid out: worst first, and what holds for many clients told once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rds_tls_audit.html_report.truncated import Bounded
from rds_tls_audit.readiness.assessment import Answer
from rds_tls_audit.readiness.client_advice import ClientAdvice
from rds_tls_audit.readiness.status import TITLES, WORST_FIRST

MAX_OPEN = 5
"""Answers that stand open at first."""
MAX_DETAILED = 50
"""Answers with the way there and back: a thousand of them would be a page of their own."""
MAX_DATABASES = 50
"""Of each answer."""
MAX_CLIENTS = 500
"""Of all answers together."""
MIN_CLIENTS = 2
"""Of each answer, however many there are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Advised:
    """Clients of one answer for whom the same holds."""

    number: int
    """Of the advice, from 1; also its address on the page."""
    first: bool
    """Whether this is where it stands in full."""
    advice: ClientAdvice
    """Of the first of them."""
    clients: tuple[ClientAdvice, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerCard:
    """One answer."""

    number: int
    """Its place, from 1; also its address on the page."""
    answer: Answer
    title: str
    databases: tuple[str, ...]
    """The first of those that it would touch."""
    databases_more: int
    advised: tuple[Advised, ...]
    clients_more: int
    queries: bool
    """Whether the query of its logs stands here in full: it is the same for all of them."""
    detailed: bool
    opened: bool


def answer_cards(answers: Iterable[Answer]) -> tuple[AnswerCard, ...]:
    """Lay the answers out, the worst form first, and of a form that of most clients in clear."""
    ranked = sorted(answers, key=_urgency)
    holding = sum(1 for answer in ranked if answer.clients)
    limit = max(MAX_CLIENTS // max(holding, 1), MIN_CLIENTS)
    numbers: dict[object, int] = {}
    logged = next((answer for answer in ranked if answer.logs), None)
    return tuple(
        _card(number, answer, limit, numbers, queries=answer is logged)
        for number, answer in enumerate(ranked, 1)
    )


def _card(
    number: int, answer: Answer, limit: int, numbers: dict[object, int], *, queries: bool
) -> AnswerCard:
    databases = Bounded.of(answer.databases, MAX_DATABASES)
    clients = Bounded.of(answer.clients, limit)
    return AnswerCard(
        number=number,
        answer=answer,
        title=TITLES[answer.form],
        databases=databases.shown,
        databases_more=databases.more + answer.databases_more,
        advised=_advised(clients.shown, numbers),
        clients_more=clients.more + answer.clients_more,
        queries=queries,
        detailed=number <= MAX_DETAILED,
        opened=number <= MAX_OPEN,
    )


def _advised(clients: Sequence[ClientAdvice], numbers: dict[object, int]) -> tuple[Advised, ...]:
    alike: dict[object, list[ClientAdvice]] = {}
    for client in clients:
        advice = (client.happens, client.because, client.changes, client.pitfalls)
        alike.setdefault(advice, []).append(client)
    known = len(numbers)
    return tuple(
        Advised(
            number=(number := numbers.setdefault(advice, len(numbers) + 1)),
            first=number > known,
            advice=its[0],
            clients=tuple(its),
        )
        for advice, its in alike.items()
    )


def _urgency(answer: Answer) -> tuple[int, int, str]:
    clients = len(answer.clients) + answer.clients_more
    return WORST_FIRST.index(answer.form), -clients, str(answer.group)
