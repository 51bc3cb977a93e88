"""The answers, laid out: worst first, and what holds for many clients told once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rds_tls_audit.html_report.truncated import Truncated
from rds_tls_audit.readiness.assessment import ReadinessAssessment
from rds_tls_audit.readiness.client_advice import ClientAdvice
from rds_tls_audit.readiness.status import LABELS, MOST_URGENT_FIRST

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
class AdviceGroup:
    """Clients of one answer for whom the same holds."""

    number: int
    """Of the advice, from 1; also its address on the page."""
    first: bool
    """Whether this is where it stands in full."""
    advice: ClientAdvice
    """Of the first of them."""
    clients: tuple[ClientAdvice, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadinessCard:
    """One answer."""

    number: int
    """Its place, from 1; also its address on the page."""
    assessment: ReadinessAssessment
    title: str
    databases: tuple[str, ...]
    """The first of those that it would touch."""
    databases_more: int
    advice_groups: tuple[AdviceGroup, ...]
    clients_more: int
    queries: bool
    """Whether the query of its logs stands here in full: it is the same for all of them."""
    detailed: bool
    opened: bool


def build_readiness_cards(answers: Iterable[ReadinessAssessment]) -> tuple[ReadinessCard, ...]:
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
    number: int,
    answer: ReadinessAssessment,
    limit: int,
    numbers: dict[object, int],
    *,
    queries: bool,
) -> ReadinessCard:
    databases = Truncated.of(answer.databases, MAX_DATABASES)
    clients = Truncated.of(answer.clients, limit)
    return ReadinessCard(
        number=number,
        assessment=answer,
        title=LABELS[answer.status],
        databases=databases.shown,
        databases_more=databases.more + answer.databases_more,
        advice_groups=_advice_groups(clients.shown, numbers),
        clients_more=clients.more + answer.clients_more,
        queries=queries,
        detailed=number <= MAX_DETAILED,
        opened=number <= MAX_OPEN,
    )


def _advice_groups(
    clients: Sequence[ClientAdvice], numbers: dict[object, int]
) -> tuple[AdviceGroup, ...]:
    alike: dict[object, list[ClientAdvice]] = {}
    for client in clients:
        advice = (client.impact, client.likely_cause, client.fixes, client.pitfalls)
        alike.setdefault(advice, []).append(client)
    known = len(numbers)
    return tuple(
        AdviceGroup(
            number=(number := numbers.setdefault(advice, len(numbers) + 1)),
            first=number > known,
            advice=its[0],
            clients=tuple(its),
        )
        for advice, its in alike.items()
    )


def _urgency(answer: ReadinessAssessment) -> tuple[int, int, str]:
    clients = len(answer.clients) + answer.clients_more
    return MOST_URGENT_FIRST.index(answer.status), -clients, str(answer.group)
