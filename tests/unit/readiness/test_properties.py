"""What holds of any history: more to worry about never makes the answer safer, nor does less
sampling; and no text grows without bound."""

import json
from collections.abc import Sequence
from dataclasses import replace

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
from rds_tls_audit.readiness.summary import MAX_SHORT, summarize
from tests.support.builders import NOW, cluster, database
from tests.unit.readiness.history_builder import (
    DEFAULT_GROUP,
    GROUP,
    answer_for,
    clear_client,
    day,
    forced,
    gss_client,
    history,
    last_days,
    tls_client,
)

MAX_BYTES = 100_000
HOSTILE = st.text(max_size=400) | st.sampled_from(("\x1b[2J" * 90, "<script>" * 60, "\u202e" * 300))

AGES = st.sampled_from((-1.0, 0.0, 1.0, 34.9, 35.0, 35.5, 36.0, 399.0))
CLIENTS = st.builds(
    lambda make, ago: make(ago), st.sampled_from((tls_client, clear_client, gss_client)), AGES
)
DAYS = st.sampled_from(
    (
        last_days(),
        last_days(34),
        last_days(60),
        (),
        last_days(samples=87),
        (day(7, partial=3), *(one for one in last_days(40) if one != day(7))),
        (day(5, opened=9, seen=0), *(day(n, opened=0, seen=0) for n in range(1, 36) if n != 5)),
        last_days(opened=None),
        last_days(resets=1),
    )
)
OTHERWISE_GOOD = st.sampled_from((True, True, True, False))


@st.composite
def histories(draw: st.DrawFn) -> DatabaseHistory:
    """Draw mostly good ones: an answer that is not safe anyway proves little."""
    good = draw(OTHERWISE_GOOD)
    clients = st.lists(st.builds(tls_client, AGES) if good else CLIENTS, max_size=4)
    return history(
        draw(st.sampled_from(("orders", "ledger", "users"))),
        days=draw(DAYS),
        sightings=tuple(draw(clients)),
        not_connected=None if good else draw(st.sampled_from((None, "no answer"))),
        force_ssl=draw(st.sampled_from(("0", "0", "1") if good else ("0", "1", None, "on"))),
        plaintext_refused=draw(st.sampled_from((True, False, None))),
        proxied=not good and draw(st.booleans()),
    )


GROUPS = st.lists(histories(), min_size=1, max_size=3)
widely = examples(derandomize=True, deadline=None, max_examples=300)


def safety(group: Sequence[DatabaseHistory]) -> int:
    return MOST_URGENT_FIRST.index(answer_for(*group).status)


def with_one_more(
    group: Sequence[DatabaseHistory], number: int, sighting: ObservedClient
) -> list[DatabaseHistory]:
    more = replace(group[number], sightings=(*group[number].sightings, sighting))
    return [*group[:number], more, *group[number + 1 :]]


@widely
@given(group=GROUPS, where=st.integers(0, 2), client=st.builds(clear_client, AGES))
@example(group=[history()], where=0, client=clear_client(35))
@example(group=[forced(), history("b")], where=0, client=clear_client())
def test_a_client_in_clear_never_makes_it_safer(
    group: list[DatabaseHistory], where: int, client: ObservedClient
) -> None:
    assert safety(with_one_more(group, where % len(group), client)) <= safety(group)


@widely
@given(group=GROUPS, where=st.integers(0, 2), data=st.data())
def test_less_sampling_never_makes_it_safe(
    group: list[DatabaseHistory], where: int, data: st.DataObject
) -> None:
    one = group[where % len(group)]
    kept = [it for it in one.days if data.draw(st.sampled_from((True, True, True, False)))]

    before, after = answer_for(*group), answer_for(*without(group, one, kept))

    assert (before.status, after.status) not in {
        (form, ReadinessStatus.SAFE) for form in ReadinessStatus if form is not ReadinessStatus.SAFE
    }


def without(
    group: Sequence[DatabaseHistory], one: DatabaseHistory, kept: Sequence[DailySamples]
) -> list[DatabaseHistory]:
    return [replace(it, days=tuple(kept)) if it is one else it for it in group]


@widely
@given(group=GROUPS, more=histories())
def test_one_database_more_never_makes_it_safer_than_the_worst(
    group: list[DatabaseHistory], more: DatabaseHistory
) -> None:
    assert safety([*group, more]) == min(safety(group), safety([more]))


@widely
@given(group=GROUPS)
def test_the_order_of_databases_changes_nothing(group: list[DatabaseHistory]) -> None:
    assert safety(group) == safety(group[::-1])


@widely
@given(group=GROUPS, detail=st.sampled_from(ClientDetail))
def test_clients_hold_back_wherever_the_answer_is_to_check_them_first(
    group: list[DatabaseHistory], detail: ClientDetail
) -> None:
    told = answer_for(*group, detail=detail)

    assert any(client.blocking for client in told.clients) == (
        told.status is ReadinessStatus.CHECK_FIRST
    )


@examples(derandomize=True, deadline=None, max_examples=60)
@given(
    text=HOSTILE,
    detail=st.sampled_from(ClientDetail),
    group=st.sampled_from((GROUP, DEFAULT_GROUP)),
)
def test_text_is_bounded_and_printable_whatever_servers_say(
    text: str, detail: ClientDetail, group: GroupKey
) -> None:
    hostile = [
        history(
            database=database(f"{number}{text}", cluster=cluster(f"{number}{text}")),
            not_connected=text or None,
            sightings=tuple(
                clear_client(role=f"{client}{text}", application=text, network=text)
                for client in range(3)
            ),
            days=(),
            log_connections=True,
        )
        for number in range(60)
    ]

    told = answer_for(
        *hostile,
        group=replace(group, name=f"{group.name}{text}"),
        detail=detail,
        outside=OutOfScopeUsers(names=(text,), more=1, complete=False),
    )

    document = encode(replace(told, group=group, logs=None))
    assert len(json.dumps(document)) < MAX_BYTES
    assert [word for word in strings(document) if not word.isprintable()] == []
    assert len(summarize(told, NOW).text) <= MAX_SHORT


def strings(document: object) -> list[str]:
    if isinstance(document, str):
        return [document]
    if isinstance(document, dict):
        return [word for value in document.values() for word in strings(value)]
    if isinstance(document, list | tuple):
        return [word for value in document for word in strings(value)]
    return []
