"""Properties of every assessment.

More plaintext clients or less sampling never make it safer, and no text grows without bound.
"""

import json
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from rds_tls_audit.codec import encode
from rds_tls_audit.evidence.redaction import ClientDetail
from rds_tls_audit.fleet.configuration import GroupKey
from rds_tls_audit.readiness.database_history import DatabaseHistory
from rds_tls_audit.readiness.out_of_scope_users import OutOfScopeUsers
from rds_tls_audit.readiness.sampling.daily_samples import DailySamples
from rds_tls_audit.readiness.sampling.observed_client import ObservedClient
from rds_tls_audit.readiness.status import MOST_URGENT_FIRST, ReadinessStatus
from rds_tls_audit.readiness.summary import MAX_SUMMARY, summarize
from tests.support.builders import NOW, cluster, database
from tests.unit.readiness.history_builder import (
    DEFAULT_GROUP,
    GROUP,
    assess,
    day,
    forced,
    gss_client,
    history,
    last_days,
    plaintext_client,
    tls_client,
)

pytestmark = pytest.mark.thorough

MAX_BYTES = 100_000
HOSTILE = st.text(max_size=400) | st.sampled_from(("\x1b[2J" * 90, "<script>" * 60, "\u202e" * 300))

AGES = st.sampled_from((-1.0, 0.0, 1.0, 34.9, 35.0, 35.5, 36.0, 399.0))
CLIENTS = st.builds(
    lambda make, ago: make(ago), st.sampled_from((tls_client, plaintext_client, gss_client)), AGES
)
DAYS = st.sampled_from(
    (
        last_days(),
        last_days(34),
        last_days(60),
        (),
        last_days(samples=87),
        (day(7, partial=3), *(other for other in last_days(40) if other != day(7))),
        (day(5, opened=9, seen=0), *(day(n, opened=0, seen=0) for n in range(1, 36) if n != 5)),
        last_days(opened=None),
        last_days(resets=1),
    )
)
MOSTLY = st.sampled_from((True, True, True, False))


@st.composite
def histories(draw: st.DrawFn) -> DatabaseHistory:
    """Draw mostly good histories: an assessment that is not safe anyway proves little."""
    good = draw(MOSTLY)
    clients = st.lists(st.builds(tls_client, AGES) if good else CLIENTS, max_size=4)
    return history(
        draw(st.sampled_from(("orders", "ledger", "users"))),
        days=draw(DAYS),
        clients=tuple(draw(clients)),
        not_sampled=None if good else draw(st.sampled_from((None, "no answer"))),
        force_ssl=draw(st.sampled_from(("0", "0", "1") if good else ("0", "1", None, "on"))),
        plaintext_refused=draw(st.sampled_from((True, False, None))),
        proxied=not good and draw(st.booleans()),
    )


GROUPS = st.lists(histories(), min_size=1, max_size=3)
widely = examples(derandomize=True, deadline=None, max_examples=300)


def safety(group: Sequence[DatabaseHistory]) -> int:
    return MOST_URGENT_FIRST.index(assess(*group).status)


def with_one_more(
    group: Sequence[DatabaseHistory], number: int, client: ObservedClient
) -> list[DatabaseHistory]:
    more = replace(group[number], clients=(*group[number].clients, client))
    return [*group[:number], more, *group[number + 1 :]]


@widely
@given(group=GROUPS, where=st.integers(0, 2), client=st.builds(plaintext_client, AGES))
@example(group=[history()], where=0, client=plaintext_client(35))
@example(group=[forced(), history("b")], where=0, client=plaintext_client())
def test_a_plaintext_client_never_makes_it_safer(
    group: list[DatabaseHistory], where: int, client: ObservedClient
) -> None:
    assert safety(with_one_more(group, where % len(group), client)) <= safety(group)


@widely
@given(group=GROUPS, where=st.integers(0, 2), data=st.data())
def test_less_sampling_never_makes_it_safe(
    group: list[DatabaseHistory], where: int, data: st.DataObject
) -> None:
    less_sampled = group[where % len(group)]
    kept = [day for day in less_sampled.days if data.draw(MOSTLY)]

    before, after = assess(*group), assess(*with_days(group, less_sampled, kept))

    assert before.status is ReadinessStatus.SAFE or after.status is not ReadinessStatus.SAFE


def with_days(
    group: Sequence[DatabaseHistory], changed: DatabaseHistory, days: Sequence[DailySamples]
) -> list[DatabaseHistory]:
    return [
        replace(history, days=tuple(days)) if history is changed else history for history in group
    ]


@widely
@given(group=GROUPS, more=histories())
def test_another_database_makes_the_group_as_safe_as_the_least_safe(
    group: list[DatabaseHistory], more: DatabaseHistory
) -> None:
    assert safety([*group, more]) == min(safety(group), safety([more]))


@widely
@given(group=GROUPS)
def test_the_order_of_databases_changes_nothing(group: list[DatabaseHistory]) -> None:
    assert safety(group) == safety(group[::-1])


@widely
@given(group=GROUPS, detail=st.sampled_from(ClientDetail))
def test_a_client_blocks_if_and_only_if_the_status_is_check_first(
    group: list[DatabaseHistory], detail: ClientDetail
) -> None:
    assessment = assess(*group, detail=detail)

    assert any(client.blocking for client in assessment.clients.shown) == (
        assessment.status is ReadinessStatus.CHECK_FIRST
    )


@examples(derandomize=True, deadline=None, max_examples=60)
@given(
    text=HOSTILE,
    detail=st.sampled_from(ClientDetail),
    group=st.sampled_from((GROUP, DEFAULT_GROUP)),
)
def test_text_is_bounded_and_printable_whatever_servers_send(
    text: str, detail: ClientDetail, group: GroupKey
) -> None:
    hostile = [
        history(
            database=database(f"{number}{text}", cluster=cluster(f"{number}{text}")),
            not_sampled=text or None,
            clients=tuple(
                plaintext_client(role=f"{client}{text}", application=text, network=text)
                for client in range(3)
            ),
            days=(),
            log_connections=True,
        )
        for number in range(60)
    ]

    assessment = assess(
        *hostile,
        group=replace(group, name=f"{group.name}{text}"),
        detail=detail,
        out_of_scope=OutOfScopeUsers(names=(text,), more=1, complete=False),
    )

    document = encode(replace(assessment, group=group, logs_query=None))
    assert len(json.dumps(document)) < MAX_BYTES
    assert [word for word in strings(document) if not word.isprintable()] == []
    assert len(summarize(assessment, NOW).text) <= MAX_SUMMARY


def strings(document: object) -> list[str]:
    if isinstance(document, str):
        return [document]
    if isinstance(document, dict):
        return [word for value in document.values() for word in strings(value)]
    if isinstance(document, list | tuple):
        return [word for value in document for word in strings(value)]
    return []
