"""A trimmed probe result fits into a state, and has the same verdicts as before."""

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
from rds_tls_audit.pipeline.trimming import MAX_BYTES, ProbeResultTooLargeError, trim
from rds_tls_audit.protocol.cipher_strength import Strength, classify_strength
from tests.support.builders import (
    GOOD,
    database,
    gss_session,
    plaintext_session,
    probe_result,
    run,
    session_view,
    settings,
    target,
    tls_session,
)

TEXT = "東" * 21
"""63 bytes, the longest name in PostgreSQL, and twice as many in JSON."""
STATE_BYTES = 200_000
MODERN, PLAINTEXT, GSS = tls_session(), plaintext_session(), gss_session()
OLD = tls_session(tls_version="TLSv1", cipher="ECDHE-RSA-AES256-SHA")
STATIC_RSA = tls_session(tls_version="TLSv1.2", cipher="AES256-GCM-SHA384")
UNRECOGNIZED = tls_session(tls_version="TLSv1.4")


def clients(number: int, like: SessionGroup, *, text: str = "app") -> list[SessionGroup]:
    """Return this many clients, each different from the others."""
    return [
        replace(like, application=text, role=text, network=f"10.{n // 250}.{n % 250}.1", count=n)
        for n in range(1, number + 1)
    ]


def longest(number: int, like: SessionGroup) -> list[SessionGroup]:
    """Return clients with the longest names that PostgreSQL shows."""
    return [
        replace(
            like,
            role=TEXT,
            application=f"{n:03}{TEXT[1:]}",
            network=f"2001:0db8:85a3:0000:0000:8a2e:0370:{n:04}",
            count=1,
        )
        for n in range(number)
    ]


def probed(number: int, groups: Iterable[SessionGroup], *, groups_cut: int = 0) -> ProbedTarget:
    """Return a probed database with these clients, plaintext first, as the query sorts them."""
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
        or classify_strength(group.tls_version, group.cipher) is not Strength.MODERN
    ]


def verdicts(of: ProbeResult) -> list[object]:
    return [
        evaluate_database(target, of.run, settings(CLIENT_DETAIL="full")) for target in of.witnessed
    ]


def status_of(check: str, of: ProbedTarget) -> Status:
    evaluations = evaluate_database(of, run(), settings())
    return next(
        evaluation.verdict.status for evaluation in evaluations if evaluation.check.id == check
    )


MIXED = probe_result(
    run(),
    [
        probed(
            number,
            [
                *clients(500, MODERN, text=f"web-{number}"),
                *clients(3, PLAINTEXT),
                *clients(2, OLD),
                *clients(2, STATIC_RSA),
                *clients(1, GSS),
                *clients(1, UNRECOGNIZED),
            ],
        )
        if number % 5 == 0
        else probed(number, clients(500, MODERN))
        for number in range(25)
    ],
    batch=3,
)


def test_a_small_result_stays_as_it_is() -> None:
    small = probe_result(run(), [probed(1, [*clients(5, MODERN), *clients(5, PLAINTEXT)])])

    assert trim(small) is small


@pytest.mark.parametrize("part", [None, 4])
def test_everything_but_the_sessions_stays_as_it_is(part: int | None) -> None:
    batch = replace(MIXED, part=part)

    shorter = trim(batch)

    assert (shorter.run, shorter.batch, shorter.part) == (batch.run, 3, part)
    for before, after in zip(batch.witnessed, shorter.witnessed, strict=True):
        assert after.target == before.target
        assert replace(after.observation, sessions=before.observation.sessions) == (
            before.observation
        )


class TestABatch:
    def test_a_trimmed_batch_fits_into_a_state(self) -> None:
        assert size(MIXED) > 256 * 1024
        assert size(trim(MIXED)) <= MAX_BYTES < STATE_BYTES

    def test_the_available_bytes_are_used(self) -> None:
        assert size(trim(MIXED)) > 0.9 * MAX_BYTES
        assert all(len(view(target).groups) > 20 for target in trim(MIXED).witnessed)

    def test_no_plaintext_weak_or_unrecognized_group_is_omitted(self) -> None:
        for before, after in zip(MIXED.witnessed, trim(MIXED).witnessed, strict=True):
            assert must_stay(after) == must_stay(before)
            assert view(after).groups_cut == 0

    def test_the_totals_stay_and_omitted_sessions_are_counted(self) -> None:
        for before, after in zip(MIXED.witnessed, trim(MIXED).witnessed, strict=True):
            assert (view(after).total, view(after).clear) == (
                view(before).total,
                view(before).clear,
            )
            listed = sum(group.count for group in view(after).groups)
            assert listed + view(after).modern_left_out == view(before).total

    def test_sessions_that_were_omitted_before_are_added(self) -> None:
        before = probed(1, longest(1000, MODERN))
        seen = Seen(value=replace(view(before), modern_left_out=7))
        again = replace(before, observation=replace(before.observation, sessions=seen))

        (shorter,) = trim(probe_result(run(), [again])).witnessed

        assert view(shorter).modern_left_out == 1007 - len(view(shorter).groups)

    def test_every_verdict_stays_the_same(self) -> None:
        assert verdicts(trim(MIXED)) == verdicts(MIXED)

    def test_the_groups_with_the_most_sessions_are_kept(self) -> None:
        (shorter, *_) = trim(probe_result(run(), [probed(0, longest_last())])).witnessed

        counts = [group.count for group in view(shorter).groups]
        assert counts
        assert set(counts) == {9}

    def test_trimming_again_changes_nothing(self) -> None:
        assert trim(trim(MIXED)) == trim(MIXED)

    def test_one_database_does_not_use_the_bytes_of_another(self) -> None:
        uneven = probe_result(
            run(), [probed(1, longest(1000, MODERN)), probed(2, clients(10, MODERN))]
        )

        assert len(view(trim(uneven).witnessed[1]).groups) == 10

    def test_too_many_plaintext_groups_are_an_error_that_names_the_batch(self) -> None:
        plaintext = [probed(number, clients(500, PLAINTEXT)) for number in range(25)]

        with pytest.raises(ProbeResultTooLargeError, match="batch 7"):
            trim(probe_result(run(), plaintext, batch=7))

    def test_two_databases_with_too_many_plaintext_groups_are_an_error(self) -> None:
        two = [probed(1, longest(1000, PLAINTEXT)), probed(2, [])]

        with pytest.raises(ProbeResultTooLargeError):
            trim(probe_result(run(), two))

    def test_a_database_without_an_observation_stays_so(self) -> None:
        unseen = ProbedTarget(
            target=target(database("dark")), observation=Observation.unseen("timed out")
        )
        batch = replace(MIXED, witnessed=(unseen, *MIXED.witnessed[:24]))

        assert trim(batch).witnessed[0] == unseen


def longest_last() -> list[SessionGroup]:
    """Return clients with nine sessions each, after many with one."""
    return [
        *longest(1000, MODERN),
        *(replace(group, role="busy", count=9) for group in longest(900, MODERN)),
    ]


class TestADatabaseAlone:
    CROWD = probe_result(run(), [probed(1, longest(1000, PLAINTEXT))])

    def test_a_thousand_plaintext_clients_fit_into_a_state(self) -> None:
        assert size(self.CROWD) > 256 * 1024
        assert size(trim(self.CROWD)) <= MAX_BYTES

    def test_the_totals_stay_and_removed_groups_are_counted(self) -> None:
        (shorter,) = trim(self.CROWD).witnessed

        assert totals(shorter) == (1000, 1000)
        assert view(shorter).groups_cut == 1000 - len(view(shorter).groups)
        assert view(shorter).groups_cut > 0

    def test_the_check_still_fails_and_names_clients(self) -> None:
        (shorter,) = trim(self.CROWD).witnessed

        evaluations = {
            evaluation.check.id: evaluation
            for evaluation in evaluate_database(shorter, run(), settings())
        }
        verdict = evaluations["sessions-encrypted"].verdict
        assert verdict.status is Status.FAILED
        assert "1000 of 1000" in verdict.because
        assert "東" in verdict.because

    def test_addresses_are_removed_before_clients(self) -> None:
        # Without its addresses, a client with many addresses is one group.
        groups = [replace(group, application=TEXT, count=2) for group in longest(1000, PLAINTEXT)]

        (shorter,) = trim(probe_result(run(), [probed(1, groups)])).witnessed

        assert view(shorter).groups == (replace(groups[0], network=None, count=2000),)
        assert view(shorter).groups_cut == 0

    @pytest.mark.parametrize(
        ("like", "status"),
        [
            pytest.param(OLD, Status.FAILED, id="outdated"),
            pytest.param(STATIC_RSA, Status.WARNING, id="static-rsa"),
            pytest.param(UNRECOGNIZED, Status.UNKNOWN, id="unrecognized"),
            pytest.param(GSS, Status.UNKNOWN, id="gss"),
            pytest.param(PLAINTEXT, Status.UNKNOWN, id="plaintext"),
        ],
    )
    def test_modern_tls_never_passes_if_groups_were_removed(
        self, like: SessionGroup, status: Status
    ) -> None:
        crowd = [*longest(1000, like), *clients(5, MODERN)]

        (shorter,) = trim(probe_result(run(), [probed(1, crowd)])).witnessed

        assert view(shorter).groups_cut
        assert status_of("sessions-modern-tls", shorter) is status

    def test_plaintext_clients_are_kept_before_weak_ones(self) -> None:
        crowd = [*longest(1000, OLD), *longest(10, PLAINTEXT)]

        (shorter,) = trim(probe_result(run(), [probed(1, crowd)])).witnessed

        assert sum(not group.encrypted for group in view(shorter).groups) == 10

    def test_groups_that_the_query_removed_are_added(self) -> None:
        crowd = probed(1, longest(1000, PLAINTEXT), groups_cut=900)

        (shorter,) = trim(probe_result(run(), [crowd])).witnessed

        assert view(shorter).groups_cut == 1900 - len(view(shorter).groups)


def test_the_counts_of_opened_sessions_are_never_removed() -> None:
    crowded = probed(0, longest(1000, PLAINTEXT))
    opened = SessionsOpened(count=2**62, since=run().observed_at)
    full = replace(view(crowded), opened=opened, ages=tuple((age, 1000) for age in range(120)))
    observation = replace(crowded.observation, sessions=Seen(value=full))

    kept = trim(probe_result(run(), [replace(crowded, observation=observation)]))

    (only,) = kept.witnessed
    assert (view(only).opened, view(only).ages) == (full.opened, full.ages)
    assert view(only).groups_cut > 0
    assert size(kept) <= MAX_BYTES


SESSIONS = st.sampled_from([MODERN, MODERN, PLAINTEXT, GSS, OLD, STATIC_RSA, UNRECOGNIZED])
CROWDS = st.lists(
    st.tuples(SESSIONS, st.sampled_from([0, 1, 30, 500, 999]), st.booleans()),
    max_size=3,
)


def crowd_of(parts: list[tuple[SessionGroup, int, bool]]) -> list[SessionGroup]:
    groups = [
        replace(group, application=f"{number}{group.application}")
        for number, (like, size, long) in enumerate(parts)
        for group in (longest(size, like) if long else clients(size, like))
    ]
    return groups[:2000]


@pytest.mark.thorough
@examples(derandomize=True, deadline=None, max_examples=100)
@given(st.lists(CROWDS, min_size=1, max_size=6), st.sampled_from([0, 9, 999]))
def test_the_result_fits_or_is_an_error_and_a_batch_keeps_plaintext_and_weak_groups(
    crowds: list[list[tuple[SessionGroup, int, bool]]], groups_cut: int
) -> None:
    batch = probe_result(
        run(),
        [
            probed(number, crowd_of(parts), groups_cut=groups_cut)
            for number, parts in enumerate(crowds)
        ],
    )

    try:
        shorter = trim(batch)
    except ProbeResultTooLargeError:
        assert len(crowds) > 1
        return

    assert size(shorter) <= MAX_BYTES
    for before, after in zip(batch.witnessed, shorter.witnessed, strict=True):
        assert totals(after) == totals(before)
        assert status_of("sessions-encrypted", after) is status_of("sessions-encrypted", before)
        if len(crowds) > 1:
            assert must_stay(after) == must_stay(before)
