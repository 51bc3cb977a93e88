"""The readiness assessments as cards: most urgent first, with each piece of advice shown once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rds_tls_audit.readiness.assessment import ReadinessAssessment
from rds_tls_audit.readiness.client_advice import ClientAdvice
from rds_tls_audit.readiness.status import LABELS, MOST_URGENT_FIRST
from rds_tls_audit.readiness.truncated import Truncated

MAX_OPEN = 5
"""How many cards are initially open."""
MAX_DETAILED = 50
"""How many cards show roll-out and rollback: a thousand of them would make the report too large."""
MAX_DATABASES = 50
"""How many databases each card names."""
MAX_CLIENTS = 500
"""How many clients all cards together name."""
MIN_CLIENTS = 2
"""How many clients each card names, however many cards there are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AdviceGroup:
    """The clients of one card that get the same advice."""

    number: int
    """The number of the advice, from 1; also part of its anchor."""
    shown_in_full: bool
    """Whether this card is the first with this advice."""
    advice: ClientAdvice
    """The advice of the first client."""
    clients: tuple[ClientAdvice, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadinessCard:
    """One assessment."""

    number: int
    """The position of the card, from 1; also part of its anchor."""
    assessment: ReadinessAssessment
    title: str
    databases: Truncated[str]
    advice_groups: tuple[AdviceGroup, ...]
    clients_more: int
    """How many clients are not in `advice_groups`."""
    shows_query: bool
    """Whether the card shows the text of the logs query, which is the same for all cards."""
    detailed: bool
    initially_open: bool


def build_readiness_cards(
    assessments: Iterable[ReadinessAssessment],
) -> tuple[ReadinessCard, ...]:
    """Build the cards, the most urgent status first, then those with the most plaintext clients."""
    ranked = sorted(assessments, key=_urgency)
    with_clients = sum(1 for assessment in ranked if assessment.clients.shown)
    limit = max(MAX_CLIENTS // max(with_clients, 1), MIN_CLIENTS)
    numbers: dict[object, int] = {}
    first_query = next((assessment for assessment in ranked if assessment.logs_query), None)
    return tuple(
        _card(number, assessment, limit, numbers, shows_query=assessment is first_query)
        for number, assessment in enumerate(ranked, 1)
    )


def _card(
    number: int,
    assessment: ReadinessAssessment,
    limit: int,
    numbers: dict[object, int],
    *,
    shows_query: bool,
) -> ReadinessCard:
    clients = _shorten(assessment.clients, limit)
    return ReadinessCard(
        number=number,
        assessment=assessment,
        title=LABELS[assessment.status],
        databases=_shorten(assessment.databases, MAX_DATABASES),
        advice_groups=_advice_groups(clients.shown, numbers),
        clients_more=clients.more,
        shows_query=shows_query,
        detailed=number <= MAX_DETAILED,
        initially_open=number <= MAX_OPEN,
    )


def _shorten[Item](items: Truncated[Item], limit: int) -> Truncated[Item]:
    shorter = Truncated.of(items.shown, limit)
    return Truncated(shown=shorter.shown, more=shorter.more + items.more)


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
            shown_in_full=number > known,
            advice=advised[0],
            clients=tuple(advised),
        )
        for advice, advised in alike.items()
    )


def _urgency(assessment: ReadinessAssessment) -> tuple[int, int, str]:
    clients = len(assessment.clients.shown) + assessment.clients.more
    return MOST_URGENT_FIRST.index(assessment.status), -clients, str(assessment.group)
