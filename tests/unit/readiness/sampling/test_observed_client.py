from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from rds_tls_audit.codec import decode, encode
from rds_tls_audit.evidence.observation import RDS_ROLES, SessionGroup
from rds_tls_audit.readiness.sampling.observed_client import (
    MAX_CLIENTS,
    MAX_RELEVANT_AGE,
    Encryption,
    ObservedClient,
    client_key,
    merge_client,
    needs_write,
    observed_clients,
    retain_most_relevant,
)
from tests.support.builders import MODERN_SUITE, NOW, gss_session, plaintext_session, tls_session
from tests.unit.readiness.history_builder import gss_client, plaintext_client, tls_client

HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("group", "encryption"),
    [
        pytest.param(plaintext_session(), Encryption.CLEAR, id="plaintext"),
        pytest.param(tls_session(), Encryption.TLS, id="tls"),
        pytest.param(gss_session(), Encryption.GSS, id="gss-has-no-tls-version"),
    ],
)
def test_a_session_group_is_a_client_observed_once(
    group: SessionGroup, encryption: Encryption
) -> None:
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
def test_a_client_with_several_tls_versions_has_the_weakest(order: int) -> None:
    groups = [
        tls_session(),
        tls_session(tls_version="TLSv1.1", cipher="ECDHE-RSA-AES256-SHA"),
        tls_session(tls_version="TLSv1.2", cipher=MODERN_SUITE),
    ]

    assert [client.tls_version for client in observed_clients(groups[::order], NOW)] == ["TLSv1.1"]


def test_the_same_client_with_and_without_tls_is_two() -> None:
    assert len(observed_clients([tls_session(), plaintext_session()], NOW)) == 2


@pytest.mark.parametrize("role", sorted(RDS_ROLES))
def test_roles_of_rds_are_not_clients(role: str) -> None:
    assert observed_clients([plaintext_session(role=role)], NOW) == ()


@pytest.mark.parametrize(
    ("other", "same"),
    [
        pytest.param(replace(tls_client(), samples=99, cipher="other"), True, id="how-often"),
        pytest.param(tls_client(role="other"), False, id="role"),
        pytest.param(tls_client(application="other"), False, id="application"),
        pytest.param(tls_client(network="10.0.0.1"), False, id="network"),
        pytest.param(plaintext_client(), False, id="encryption"),
        pytest.param(tls_client(role=None), False, id="hidden-role"),
        pytest.param(tls_client(role="orders_app,web", application=""), False, id="joined-fields"),
    ],
)
def test_a_client_is_identified_by_its_names_and_its_encryption(
    other: ObservedClient, *, same: bool
) -> None:
    assert (client_key(other) == client_key(tls_client())) is same


def test_the_key_of_a_client_never_changes() -> None:
    assert client_key(tls_client()) == "4c618a90121c82b45a86dec1"


def test_a_later_observation_is_merged() -> None:
    later = tls_client(0, first_seen=NOW, samples=1, tls_version="TLSv1.2", cipher=MODERN_SUITE)

    both = merge_client(tls_client(2), later)

    assert both == replace(later, first_seen=tls_client().first_seen, samples=41)


def test_a_repeated_run_counts_once() -> None:
    before = tls_client(2)
    new = tls_client(0, first_seen=NOW, samples=1)

    assert merge_client(merge_client(before, new), new) == merge_client(before, new)


def test_a_late_run_changes_only_the_first_time() -> None:
    late = tls_client(300, first_seen=tls_client(300).last_seen, samples=1, cipher="old")

    assert merge_client(tls_client(), late) == replace(tls_client(), first_seen=late.first_seen)


@pytest.mark.parametrize(
    ("previous", "new", "written"),
    [
        pytest.param(None, tls_client(), True, id="a-new-client"),
        pytest.param(tls_client(), tls_client(), False, id="the-same-again"),
        pytest.param(tls_client(), tls_client(tls_version="TLSv1.2"), True, id="other-version"),
        pytest.param(tls_client(), tls_client(cipher="other"), True, id="other-cipher-suite"),
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
            id="observed-earlier-by-a-late-run",
        ),
    ],
)
def test_only_changes_are_written(
    previous: ObservedClient | None, new: ObservedClient, *, written: bool
) -> None:
    assert needs_write(previous, new) is written


@pytest.mark.parametrize(
    ("before", "now", "written"),
    [
        pytest.param((1, 23, 40), (1, 23, 59), False, id="the-same-day"),
        pytest.param((1, 23, 40), (2, 0, 0), True, id="past-midnight"),
        pytest.param((2, 0, 0), (1, 23, 40), True, id="a-late-run-of-the-day-before"),
    ],
)
def test_the_first_observation_of_a_day_is_written_because_the_window_counts_days(
    before: tuple[int, int, int], now: tuple[int, int, int], *, written: bool
) -> None:
    stored, new = (
        plaintext_client(0, last_seen=datetime(2026, 3, day, hour, minute, tzinfo=UTC))
        for day, hour, minute in (before, now)
    )

    assert needs_write(stored, new) is written


def test_plaintext_clients_are_retained_first_then_the_latest() -> None:
    fresh = tuple(tls_client(1, network=str(number)) for number in range(MAX_CLIENTS))
    stale, old_plaintext = tls_client(300, network="stale"), plaintext_client(399)

    kept, overflow = retain_most_relevant((stale, *fresh, old_plaintext))

    assert (len(kept), overflow) == (MAX_CLIENTS, 2)
    assert kept[0] == old_plaintext
    assert stale not in kept


def test_blocking_clients_are_retained_before_others_with_tls() -> None:
    fresh = tuple(tls_client(1, network=str(number)) for number in range(MAX_CLIENTS))
    nameless = tls_client(30, role=None)

    kept, overflow = retain_most_relevant((gss_client(30), nameless, *fresh))

    assert (kept[:2], overflow) == ((gss_client(30), nameless), 2)


@pytest.mark.parametrize(
    ("ago", "first"),
    [
        pytest.param(MAX_RELEVANT_AGE / DAY, "clear", id="still-relevant"),
        pytest.param((MAX_RELEVANT_AGE + SECOND) / DAY, "gss", id="no-longer-relevant"),
    ],
)
def test_plaintext_clients_of_long_ago_come_after_blocking_clients(ago: float, first: str) -> None:
    crowd = tuple(plaintext_client(ago, network=str(number)) for number in range(MAX_CLIENTS))

    kept, overflow = retain_most_relevant((*crowd, gss_client(0)))

    assert (kept[0].encryption, overflow) == (first, 1)
    assert sum(client.encryption is Encryption.CLEAR for client in kept) >= MAX_CLIENTS - 1


def test_plaintext_clients_of_long_ago_come_before_clients_with_tls() -> None:
    fresh = tuple(tls_client(1, network=str(number)) for number in range(MAX_CLIENTS))

    kept, _ = retain_most_relevant((*fresh, gss_client(90), plaintext_client(90)))

    assert kept[0] == plaintext_client(90)
    assert gss_client(90) not in kept


def test_a_few_clients_are_all_retained() -> None:
    assert retain_most_relevant([tls_client()]) == ((tls_client(),), 0)


def test_an_observed_client_can_be_stored() -> None:
    assert decode(encode(plaintext_client()), ObservedClient, "a client") == plaintext_client()
