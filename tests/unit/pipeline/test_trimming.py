"""Trimmed evidence fits into a state, and is judged as if nothing had been left out."""

import json
from collections.abc import Iterable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from rds_tls_audit.checks.evaluation import evaluate_database
from rds_tls_audit.checks.verdict import Status
from rds_tls_audit.codec import encode
from rds_tls_audit.evidence.observation import (
    Observation,
    SessionGroup,
    SessionsOpened,
    SessionView,
)
from rds_tls_audit.evidence.observed import Seen
from rds_tls_audit.pipeline.messages import ProbedTarget, ProbeResult
from rds_tls_audit.pipeline.trimming import MAX_BYTES, EvidenceTooLargeError, trim
from rds_tls_audit.protocol.cipher_strength import Strength, strength_of
from tests.support.builders import (
    GOOD,
    clear_session,
    database,
    evidence,
    gss_session,
    run,
    session_view,
    settings,
    target,
    tls_session,
)

TEXT = "東" * 21
"""63 bytes, as long as a name in PostgreSQL gets, and twice that in JSON."""
STATE_BYTES = 200_000
MODERN, CLEAR, GSS = tls_session(), clear_session(), gss_session()
OLD = tls_session(tls_version="TLSv1", cipher="ECDHE-RSA-AES256-SHA")
DATED = tls_session(tls_version="TLSv1.2", cipher="AES256-GCM-SHA384")
STRANGE = tls_session(tls_version="TLSv1.4")


def clients(number: int, like: SessionGroup, *, text: str = "app") -> list[SessionGroup]:
    """So many clients that no two of them are alike."""
    return [
        replace(like, application=text, role=text, network=f"10.{it // 250}.{it % 250}.1", count=it)
        for it in range(1, number + 1)
    ]


def longest(number: int, like: SessionGroup) -> list[SessionGroup]:
    """Clients with the longest texts that PostgreSQL shows."""
    return [
        replace(
            like,
            role=TEXT,
            application=f"{it:03}{TEXT[1:]}",
            network=f"2001:0db8:85a3:0000:0000:8a2e:0370:{it:04}",
            count=1,
        )
        for it in range(number)
    ]


def witnessed(number: int, groups: Iterable[SessionGroup], *, groups_cut: int = 0) -> ProbedTarget:
    """What was seen of a database whose clients these are, clear ones first, as SQL sorts them."""
    ordered = sorted(groups, key=lambda group: group.encrypted)
    view = session_view(*ordered, groups_cut=groups_cut)
    return ProbedTarget(
        target=target(database(f"shop-{number}")),
        observation=replace(GOOD, sessions=Seen(value=view)),
    )


def size(of: ProbeResult) -> int:
    return len(json.dumps(encode(of)).encode())


def view(of: ProbedTarget) -> SessionView:
    sessions = of.observation.sessions
    assert isinstance(sessions, Seen)
    return sessions.value


def totals(of: ProbedTarget) -> tuple[int, int]:
    return (view(of).total, view(of).clear)


def must_stay(of: ProbedTarget) -> list[SessionGroup]:
    return [
        group
        for group in view(of).groups
        if not group.encrypted
        or group.tls_version is None
        or strength_of(group.tls_version, group.cipher) is not Strength.MODERN
    ]


def verdicts(of: ProbeResult) -> list[object]:
    return [evaluate_database(it, of.run, settings(CLIENT_DETAIL="full")) for it in of.witnessed]


def status_of(check: str, of: ProbedTarget) -> Status:
    (found,) = [it for it in evaluate_database(of, run(), settings()) if it.check.id == check]
    return found.verdict.status


MIXED = evidence(
    run(),
    [
        witnessed(
            number,
            [
                *clients(500, MODERN, text=f"web-{number}"),
                *clients(3, CLEAR),
                *clients(2, OLD),
                *clients(2, DATED),
                *clients(1, GSS),
                *clients(1, STRANGE),
            ],
        )
        if number % 5 == 0
        else witnessed(number, clients(500, MODERN))
        for number in range(25)
    ],
    batch=3,
)


def test_small_evidence_is_handed_on_as_it_is() -> None:
    small = evidence(run(), [witnessed(1, [*clients(5, MODERN), *clients(5, CLEAR)])])

    assert trim(small) is small


@pytest.mark.parametrize("part", [None, 4])
def test_what_is_no_session_is_left_alone(part: int | None) -> None:
    batch = replace(MIXED, part=part)

    shorter = trim(batch)

    assert (shorter.run, shorter.batch, shorter.part) == (batch.run, 3, part)
    for before, after in zip(batch.witnessed, shorter.witnessed, strict=True):
        assert after.target == before.target
        assert replace(after.observation, sessions=before.observation.sessions) == (
            before.observation
        )


class TestABatch:
    def test_it_fits_into_a_state(self) -> None:
        assert size(MIXED) > 256 * 1024
        assert size(trim(MIXED)) <= MAX_BYTES < STATE_BYTES

    def test_room_is_used(self) -> None:
        assert size(trim(MIXED)) > 0.9 * MAX_BYTES
        assert all(len(view(it).groups) > 20 for it in trim(MIXED).witnessed)

    def test_nothing_in_clear_or_weak_or_unclear_is_left_out(self) -> None:
        for before, after in zip(MIXED.witnessed, trim(MIXED).witnessed, strict=True):
            assert must_stay(after) == must_stay(before)
            assert view(after).groups_cut == 0

    def test_the_totals_stay_and_what_is_left_out_is_counted(self) -> None:
        for before, after in zip(MIXED.witnessed, trim(MIXED).witnessed, strict=True):
            assert (view(after).total, view(after).clear) == (
                view(before).total,
                view(before).clear,
            )
            listed = sum(group.count for group in view(after).groups)
            assert listed + view(after).modern_left_out == view(before).total

    def test_what_was_left_out_before_is_counted_on(self) -> None:
        before = witnessed(1, longest(1000, MODERN))
        seen = Seen(value=replace(view(before), modern_left_out=7))
        again = replace(before, observation=replace(before.observation, sessions=seen))

        (shorter,) = trim(evidence(run(), [again])).witnessed

        assert view(shorter).modern_left_out == 1007 - len(view(shorter).groups)

    def test_every_verdict_stays_to_the_letter(self) -> None:
        assert verdicts(trim(MIXED)) == verdicts(MIXED)

    def test_those_of_most_sessions_stay(self) -> None:
        (shorter, *_) = trim(evidence(run(), [witnessed(0, longest_last())])).witnessed

        counts = [group.count for group in view(shorter).groups]
        assert counts
        assert set(counts) == {9}

    def test_twice_is_as_good_as_once(self) -> None:
        assert trim(trim(MIXED)) == trim(MIXED)

    def test_one_database_does_not_take_the_room_of_another(self) -> None:
        uneven = evidence(
            run(), [witnessed(1, longest(1000, MODERN)), witnessed(2, clients(10, MODERN))]
        )

        assert len(view(trim(uneven).witnessed[1]).groups) == 10

    def test_too_much_in_clear_is_an_error_that_names_the_batch(self) -> None:
        all_clear = [witnessed(number, clients(500, CLEAR)) for number in range(25)]

        with pytest.raises(EvidenceTooLargeError, match="batch 7"):
            trim(evidence(run(), all_clear, batch=7))

    def test_two_databases_are_a_batch_already(self) -> None:
        two = [witnessed(1, longest(1000, CLEAR)), witnessed(2, [])]

        with pytest.raises(EvidenceTooLargeError):
            trim(evidence(run(), two))

    def test_a_database_that_was_not_seen_stays_unseen(self) -> None:
        unseen = ProbedTarget(
            target=target(database("dark")), observation=Observation.unseen("timed out")
        )
        batch = replace(MIXED, witnessed=(unseen, *MIXED.witnessed[:24]))

        assert trim(batch).witnessed[0] == unseen


def longest_last() -> list[SessionGroup]:
    """Clients of nine sessions each, after many of one."""
    return [
        *longest(1000, MODERN),
        *(replace(group, role="busy", count=9) for group in longest(900, MODERN)),
    ]


class TestADatabaseAlone:
    CROWD = evidence(run(), [witnessed(1, longest(1000, CLEAR))])

    def test_a_thousand_clear_clients_fit_into_a_state(self) -> None:
        assert size(self.CROWD) > 256 * 1024
        assert size(trim(self.CROWD)) <= MAX_BYTES

    def test_the_totals_stay_and_what_is_cut_is_counted(self) -> None:
        (shorter,) = trim(self.CROWD).witnessed

        assert totals(shorter) == (1000, 1000)
        assert view(shorter).groups_cut == 1000 - len(view(shorter).groups)
        assert view(shorter).groups_cut > 0

    def test_it_still_fails_and_names_who(self) -> None:
        (shorter,) = trim(self.CROWD).witnessed

        (found,) = [
            it
            for it in evaluate_database(shorter, run(), settings())
            if it.check.id == "sessions-encrypted"
        ]
        assert found.verdict.status is Status.FAILED
        assert found.verdict.because.startswith("1000 of 1000 client sessions in clear: 1 by 東")

    def test_addresses_go_before_clients_do(self) -> None:
        # One client from many addresses: without them it is one group.
        one = [replace(group, application=TEXT, count=2) for group in longest(1000, CLEAR)]

        (shorter,) = trim(evidence(run(), [witnessed(1, one)])).witnessed

        assert view(shorter).groups == (replace(one[0], network=None, count=2000),)
        assert view(shorter).groups_cut == 0

    @pytest.mark.parametrize(
        ("like", "status"),
        [
            pytest.param(OLD, Status.FAILED, id="outdated"),
            pytest.param(DATED, Status.WARNING, id="ageing"),
            pytest.param(STRANGE, Status.UNKNOWN, id="not-recognised"),
            pytest.param(GSS, Status.UNKNOWN, id="gss"),
            pytest.param(CLEAR, Status.UNKNOWN, id="clear"),
        ],
    )
    def test_where_groups_were_cut_modern_tls_never_passes(
        self, like: SessionGroup, status: Status
    ) -> None:
        crowd = [*longest(1000, like), *clients(5, MODERN)]

        (shorter,) = trim(evidence(run(), [witnessed(1, crowd)])).witnessed

        assert view(shorter).groups_cut
        assert status_of("sessions-modern-tls", shorter) is status

    def test_clear_clients_stay_before_weak_ones(self) -> None:
        crowd = [*longest(1000, OLD), *longest(10, CLEAR)]

        (shorter,) = trim(evidence(run(), [witnessed(1, crowd)])).witnessed

        assert sum(not group.encrypted for group in view(shorter).groups) == 10

    def test_what_the_server_cut_already_is_counted_on(self) -> None:
        crowd = witnessed(1, longest(1000, CLEAR), groups_cut=900)

        (shorter,) = trim(evidence(run(), [crowd])).witnessed

        assert view(shorter).groups_cut == 1900 - len(view(shorter).groups)


def test_the_counts_that_tell_what_was_seen_stay_whatever_else_goes() -> None:
    crowded = witnessed(0, longest(1000, CLEAR))
    opened = SessionsOpened(count=2**62, since=run().observed_at)
    full = replace(view(crowded), opened=opened, ages=tuple((it, 1000) for it in range(120)))
    observation = replace(crowded.observation, sessions=Seen(value=full))

    kept = trim(evidence(run(), [replace(crowded, observation=observation)]))

    (only,) = kept.witnessed
    assert (view(only).opened, view(only).ages) == (full.opened, full.ages)
    assert view(only).groups_cut > 0
    assert size(kept) <= MAX_BYTES


LIKENESSES = st.sampled_from([MODERN, MODERN, CLEAR, GSS, OLD, DATED, STRANGE])
CROWDS = st.lists(
    st.tuples(LIKENESSES, st.sampled_from([0, 1, 30, 500, 999]), st.booleans()),
    max_size=3,
)


def crowd_of(parts: list[tuple[SessionGroup, int, bool]]) -> list[SessionGroup]:
    groups = [
        replace(group, application=f"{number}{group.application}")
        for number, (like, size, long) in enumerate(parts)
        for group in (longest(size, like) if long else clients(size, like))
    ]
    return groups[:2000]


@examples(derandomize=True, deadline=None, max_examples=100)
@given(st.lists(CROWDS, min_size=1, max_size=6), st.sampled_from([0, 9, 999]))
def test_the_result_fits_or_is_an_error_and_a_batch_loses_no_clear_or_weak_group(
    crowds: list[list[tuple[SessionGroup, int, bool]]], groups_cut: int
) -> None:
    batch = evidence(
        run(),
        [
            witnessed(number, crowd_of(parts), groups_cut=groups_cut)
            for number, parts in enumerate(crowds)
        ],
    )

    try:
        shorter = trim(batch)
    except EvidenceTooLargeError:
        assert len(crowds) > 1
        return

    assert size(shorter) <= MAX_BYTES
    for before, after in zip(batch.witnessed, shorter.witnessed, strict=True):
        assert totals(after) == totals(before)
        assert status_of("sessions-encrypted", after) is status_of("sessions-encrypted", before)
        if len(crowds) > 1:
            assert must_stay(after) == must_stay(before)
