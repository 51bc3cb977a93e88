from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from rds_tls_audit.codec import decode, encode
from rds_tls_audit.evidence.observation import OWN_ROLES, SessionGroup
from rds_tls_audit.readiness.sampling.observed_client import (
    LONG_AGO,
    MAX_CLIENTS,
    Encryption,
    ObservedClient,
    client_key,
    merge_client,
    needs_write,
    observed_clients,
    retain_most_relevant,
)
from tests.support.builders import MODERN_SUITE, NOW, clear_session, gss_session, tls_session
from tests.unit.readiness.history_builder import clear_client, gss_client, tls_client

HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("group", "encryption"),
    [
        pytest.param(clear_session(), Encryption.CLEAR, id="clear"),
        pytest.param(tls_session(), Encryption.TLS, id="tls"),
        pytest.param(gss_session(), Encryption.GSS, id="gss-has-no-tls-version"),
    ],
)
def test_a_group_is_a_client_seen_once(group: SessionGroup, encryption: Encryption) -> None:
    assert observed_clients([group], NOW) == (
        ObservedClient(
            role="orders_app",
            application="web",
            network="10.0.1.7",
            encryption=encryption,
            tls_version=group.tls_version,
            cipher=group.cipher,
            first_seen=NOW,
            last_seen=NOW,
            samples=1,
        ),
    )


@pytest.mark.parametrize("order", [1, -1], ids=["as-listed", "reversed"])
def test_a_client_with_several_kinds_of_tls_is_one_with_the_weakest(order: int) -> None:
    groups = [
        tls_session(),
        tls_session(tls_version="TLSv1.1", cipher="ECDHE-RSA-AES256-SHA"),
        tls_session(tls_version="TLSv1.2", cipher=MODERN_SUITE),
    ]

    assert [one.tls_version for one in observed_clients(groups[::order], NOW)] == ["TLSv1.1"]


def test_the_same_client_in_clear_and_with_tls_is_two() -> None:
    assert len(observed_clients([tls_session(), clear_session()], NOW)) == 2


@pytest.mark.parametrize("role", sorted(OWN_ROLES))
def test_rds_itself_is_no_client(role: str) -> None:
    assert observed_clients([clear_session(role=role)], NOW) == ()


@pytest.mark.parametrize(
    ("other", "same"),
    [
        pytest.param(replace(tls_client(), samples=99, cipher="other"), True, id="how-often"),
        pytest.param(tls_client(role="other"), False, id="role"),
        pytest.param(tls_client(application="other"), False, id="application"),
        pytest.param(tls_client(network="10.0.0.1"), False, id="network"),
        pytest.param(clear_client(), False, id="encryption"),
        pytest.param(tls_client(role=None), False, id="hidden-role"),
        pytest.param(tls_client(role="orders_app,web", application=""), False, id="joined-fields"),
    ],
)
def test_who_it_is_and_how_it_is_encrypted_make_a_client(
    other: ObservedClient, *, same: bool
) -> None:
    assert (client_key(other) == client_key(tls_client())) is same


def test_a_client_keeps_its_hash_over_versions() -> None:
    assert client_key(tls_client()) == "4c618a90121c82b45a86dec1"


def test_a_later_sighting_adds_to_what_was_known() -> None:
    later = tls_client(0, first_seen=NOW, samples=1, tls_version="TLSv1.2", cipher=MODERN_SUITE)

    both = merge_client(tls_client(2), later)

    assert both == replace(later, first_seen=tls_client().first_seen, samples=41)


def test_a_run_that_comes_again_counts_once() -> None:
    before = tls_client(2)
    new = tls_client(0, first_seen=NOW, samples=1)

    assert merge_client(merge_client(before, new), new) == merge_client(before, new)


def test_a_run_that_comes_late_changes_no_more_than_the_beginning() -> None:
    late = tls_client(300, first_seen=tls_client(300).last_seen, samples=1, cipher="old")

    assert merge_client(tls_client(), late) == replace(tls_client(), first_seen=late.first_seen)


@pytest.mark.parametrize(
    ("previous", "new", "worth"),
    [
        pytest.param(None, tls_client(), True, id="a-new-client"),
        pytest.param(tls_client(), tls_client(), False, id="the-same-again"),
        pytest.param(tls_client(), tls_client(tls_version="TLSv1.2"), True, id="other-version"),
        pytest.param(tls_client(), tls_client(cipher="other"), True, id="other-suite"),
        pytest.param(
            tls_client(),
            replace(tls_client(), last_seen=tls_client().last_seen + HOUR),
            False,
            id="an-hour-later",
        ),
        pytest.param(
            tls_client(),
            replace(tls_client(), last_seen=tls_client().last_seen + HOUR + SECOND),
            True,
            id="more-than-an-hour-later",
        ),
        pytest.param(
            tls_client(),
            tls_client(first_seen=tls_client().first_seen - SECOND),
            True,
            id="seen-before-by-a-run-that-comes-late",
        ),
    ],
)
def test_only_news_are_written(
    previous: ObservedClient | None, new: ObservedClient, *, worth: bool
) -> None:
    assert needs_write(previous, new) is worth


@pytest.mark.parametrize(
    ("before", "now", "worth"),
    [
        pytest.param((1, 23, 40), (1, 23, 59), False, id="the-same-day"),
        pytest.param((1, 23, 40), (2, 0, 0), True, id="past-midnight"),
        pytest.param((2, 0, 0), (1, 23, 40), True, id="a-run-of-the-day-before-that-comes-late"),
    ],
)
def test_the_first_sight_of_a_day_is_written_since_the_window_counts_days(
    before: tuple[int, int, int], now: tuple[int, int, int], *, worth: bool
) -> None:
    written, new = (
        clear_client(0, last_seen=datetime(2026, 3, day, hour, minute, tzinfo=UTC))
        for day, hour, minute in (before, now)
    )

    assert needs_write(written, new) is worth


def test_clients_in_clear_are_remembered_first_then_the_latest() -> None:
    fresh = tuple(tls_client(1, network=str(number)) for number in range(MAX_CLIENTS))
    stale, old_clear = tls_client(300, network="stale"), clear_client(399)

    kept, overflow = retain_most_relevant((stale, *fresh, old_clear))

    assert (len(kept), overflow) == (MAX_CLIENTS, 2)
    assert kept[0] == old_clear
    assert stale not in kept


def test_what_keeps_the_answer_from_safe_is_remembered_before_others_with_tls() -> None:
    fresh = tuple(tls_client(1, network=str(number)) for number in range(MAX_CLIENTS))
    nameless = tls_client(30, role=None)

    kept, overflow = retain_most_relevant((gss_client(30), nameless, *fresh))

    assert (kept[:2], overflow) == ((gss_client(30), nameless), 2)


@pytest.mark.parametrize(
    ("ago", "first"),
    [
        pytest.param(LONG_AGO / DAY, "clear", id="may-still-count"),
        pytest.param((LONG_AGO + SECOND) / DAY, "gss", id="counts-no-more"),
    ],
)
def test_clients_in_clear_of_long_ago_come_after_what_counts_now(ago: float, first: str) -> None:
    crowd = tuple(clear_client(ago, network=str(number)) for number in range(MAX_CLIENTS))

    kept, overflow = retain_most_relevant((*crowd, gss_client(0)))

    assert (kept[0].encryption, overflow) == (first, 1)
    assert sum(one.encryption is Encryption.CLEAR for one in kept) >= MAX_CLIENTS - 1


def test_whoever_was_in_clear_long_ago_comes_before_those_with_tls() -> None:
    fresh = tuple(tls_client(1, network=str(number)) for number in range(MAX_CLIENTS))

    kept, _ = retain_most_relevant((*fresh, gss_client(90), clear_client(90)))

    assert kept[0] == clear_client(90)
    assert gss_client(90) not in kept


def test_few_clients_are_all_remembered() -> None:
    assert retain_most_relevant([tls_client()]) == ((tls_client(),), 0)


def test_a_sighting_can_be_stored() -> None:
    assert decode(encode(clear_client()), ObservedClient, "a sighting") == clear_client()
