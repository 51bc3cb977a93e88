from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from rds_tls_audit.check import Check, all_checks
from rds_tls_audit.finding import timestamp
from rds_tls_audit.judgement import Judgement
from rds_tls_audit.run import Run, RunKind
from rds_tls_audit.settings import Settings, read_settings
from rds_tls_audit.transition import ChangeKind, Decision, FindingState, decide
from rds_tls_audit.verdict import Status, Verdict
from tests.unit.blank import NOW

FULL, NAMED, SAMPLE = RunKind.FULL, RunKind.NAMED, RunKind.SAMPLE
PASSED, WARNING, FAILED, UNKNOWN = Status.PASSED, Status.WARNING, Status.FAILED, Status.UNKNOWN
DEFAULTS = read_settings({})
CHECKS = {check.id: check for check in all_checks()}
TRUSTED = CHECKS["certificate-trusted"]
ENCRYPTED = CHECKS["sessions-encrypted"]
SECOND, MINUTE, HOUR, DAY = (
    timedelta(seconds=1),
    timedelta(minutes=1),
    timedelta(hours=1),
    timedelta(days=1),
)
WEEK = 7 * DAY
TICK = timedelta(milliseconds=1)
NOTHING = Decision(state=None, send=False)


def judged(
    status: Status,
    *fingerprint: str,
    check: Check = TRUSTED,
    settled: bool = False,
    because: str = "so it is",
) -> Judgement:
    verdict = Verdict(status=status, because=because, fingerprint=fingerprint)
    return Judgement(check=check, verdict=verdict, settled=settled)


def told(
    status: Status,
    *fingerprint: str,
    offended: timedelta | None = None,
    archived: bool = False,
    missed: timedelta | None = None,
) -> FindingState:
    """Build what Security Hub took at `NOW`; `offended` and `missed` are since then."""
    return FindingState(
        status=status,
        fingerprint=fingerprint,
        because="so it was",
        created_at=NOW - 90 * DAY,
        updated_at=NOW,
        observed_at=NOW,
        offended_at=None if offended is None else NOW + offended,
        misses=0 if missed is None else 1,
        missed_at=None if missed is None else NOW + missed,
        archived=archived,
    )


def decided(  # noqa: PLR0913 - one for each that `decide` takes, and the time
    previous: FindingState | None,
    judgement: Judgement,
    after: timedelta = DAY,
    *,
    kind: RunKind = FULL,
    settings: Settings = DEFAULTS,
    withheld: bool = False,
) -> Decision:
    """Decide in a run so long after `NOW`."""
    run = Run(id=f"{kind}-{after}", kind=kind, observed_at=NOW + after)
    return decide(previous, judgement, run, settings, withheld=withheld)


def kept(decision: Decision) -> FindingState:
    assert decision.state is not None
    return decision.state


class TestOpening:
    @pytest.mark.parametrize(
        ("status", "publish_passed", "opens"),
        [
            pytest.param(FAILED, False, True, id="failed"),
            pytest.param(WARNING, False, True, id="warning"),
            pytest.param(PASSED, False, False, id="passed-that-never-failed"),
            pytest.param(PASSED, True, True, id="passed-that-was-asked-for"),
            pytest.param(UNKNOWN, False, False, id="unknown"),
            pytest.param(UNKNOWN, True, False, id="unknown-whatever-was-asked-for"),
        ],
    )
    @pytest.mark.parametrize("kind", [FULL, NAMED])
    def test_a_finding_opens_for_what_is_wrong(
        self,
        kind: RunKind,
        status: Status,
        publish_passed: bool,  # noqa: FBT001 - a column of the table
        opens: bool,  # noqa: FBT001 - a column of the table
    ) -> None:
        settings = replace(DEFAULTS, publish_passed=publish_passed)

        decision = decided(None, judged(status), kind=kind, settings=settings)

        assert decision.send is opens
        assert (decision.state is not None) is opens

    def test_what_opens_is_told_as_it_was_judged(self) -> None:
        decision = decided(None, judged(FAILED, "value=0", because="it is 0"))

        state = kept(decision)
        assert (decision.send, decision.change) == (True, ChangeKind.NEW)
        assert (state.status, state.fingerprint, state.because) == (
            FAILED,
            ("value=0",),
            "it is 0",
        )
        times = {state.created_at, state.updated_at, state.observed_at, state.offended_at}
        assert times == {NOW + DAY}

    def test_a_warning_is_no_offence_to_remember(self) -> None:
        assert kept(decided(None, judged(WARNING))).offended_at is None

    def test_passed_is_no_news(self) -> None:
        settings = replace(DEFAULTS, publish_passed=True)

        assert decided(None, judged(PASSED), settings=settings).change is None


class TestFollowing:
    @pytest.mark.parametrize("kind", [FULL, NAMED])
    @pytest.mark.parametrize("status", [PASSED, WARNING, FAILED])
    def test_nothing_is_sent_when_nothing_changed(self, kind: RunKind, status: Status) -> None:
        decision = decided(told(status, "value=0"), judged(status, "value=0"), kind=kind)

        assert (decision.send, decision.change) == (False, None)
        assert kept(decision).updated_at == NOW
        assert kept(decision).observed_at == NOW + DAY

    @pytest.mark.parametrize(
        ("before", "after", "change"),
        [
            (FAILED, PASSED, ChangeKind.RESOLVED),
            (WARNING, PASSED, ChangeKind.RESOLVED),
            (FAILED, WARNING, ChangeKind.BETTER),
            (WARNING, FAILED, ChangeKind.WORSE),
            (PASSED, FAILED, ChangeKind.WORSE),
            (PASSED, WARNING, ChangeKind.WORSE),
            (UNKNOWN, FAILED, ChangeKind.NEW),
            (UNKNOWN, WARNING, ChangeKind.NEW),
            (UNKNOWN, PASSED, None),
        ],
    )
    @pytest.mark.parametrize("kind", [FULL, NAMED])
    def test_another_status_is_sent(
        self, kind: RunKind, before: Status, after: Status, change: ChangeKind | None
    ) -> None:
        decision = decided(told(before), judged(after), kind=kind)

        assert (decision.send, decision.change) == (True, change)
        assert kept(decision).status is after
        assert kept(decision).updated_at == NOW + DAY
        assert kept(decision).because == "so it is"

    def test_another_fingerprint_is_sent_though_the_status_stays(self) -> None:
        decision = decided(told(FAILED, "group=a"), judged(FAILED, "group=b"))

        assert (decision.send, decision.change) == (True, None)
        assert kept(decision).fingerprint == ("group=b",)

    def test_another_sentence_alone_is_not_sent_but_kept_for_the_next_update(self) -> None:
        decision = decided(told(FAILED), judged(FAILED, because="2 of 9 sessions in clear"))

        assert not decision.send
        assert kept(decision).because == "2 of 9 sessions in clear"

    @pytest.mark.parametrize(
        ("kind", "after", "sends"),
        [
            pytest.param(FULL, WEEK, True, id="at-seven-days"),
            pytest.param(FULL, WEEK - SECOND, False, id="a-second-before"),
            pytest.param(FULL, 30 * DAY, True, id="overdue"),
            pytest.param(NAMED, WEEK, False, id="never-in-a-named-run"),
            pytest.param(NAMED, 30 * DAY, False, id="nor-overdue-in-a-named-run"),
        ],
    )
    @pytest.mark.parametrize("status", [PASSED, WARNING, FAILED])
    def test_the_heartbeat_comes_weekly_in_full_runs(
        self,
        status: Status,
        kind: RunKind,
        after: timedelta,
        sends: bool,  # noqa: FBT001 - a column of the table
    ) -> None:
        decision = decided(told(status), judged(status), after, kind=kind)

        assert (decision.send, decision.change) == (sends, None)
        assert kept(decision).updated_at == (NOW + after if sends else NOW)

    def test_the_heartbeat_comes_for_unknown_too(self) -> None:
        assert decided(told(UNKNOWN), judged(UNKNOWN), WEEK).send

    def test_created_at_never_changes(self) -> None:
        assert kept(decided(told(FAILED), judged(PASSED))).created_at == NOW - 90 * DAY


class TestUpdatedAt:
    @pytest.mark.parametrize(
        ("updated", "expected"),
        [
            pytest.param(timedelta(0), DAY, id="now-where-it-is-later"),
            pytest.param(DAY - TICK, DAY, id="now-where-it-is-a-tick-later"),
            pytest.param(DAY, DAY + TICK, id="a-tick-later-where-equal"),
            pytest.param(DAY + HOUR, DAY + HOUR + TICK, id="a-tick-later-where-ahead"),
        ],
    )
    @pytest.mark.parametrize(
        ("judgement", "withheld"),
        [
            pytest.param(judged(FAILED), False, id="follow"),
            pytest.param(judged(UNKNOWN), False, id="miss"),
            pytest.param(judged(FAILED), True, id="archive"),
        ],
    )
    def test_it_is_now_or_a_tick_after_the_last(
        self,
        judgement: Judgement,
        withheld: bool,  # noqa: FBT001 - a column of the table
        updated: timedelta,
        expected: timedelta,
    ) -> None:
        previous = replace(told(PASSED, missed=timedelta(0)), updated_at=NOW + updated)

        decision = decided(previous, judgement, DAY, withheld=withheld)

        assert decision.send
        assert kept(decision).updated_at == NOW + expected


class TestUnknown:
    def test_one_miss_is_only_remembered(self) -> None:
        decision = decided(told(FAILED), judged(UNKNOWN))

        assert (decision.send, decision.change) == (False, None)
        assert (kept(decision).status, kept(decision).misses) == (FAILED, 1)

    @pytest.mark.parametrize(
        ("apart", "replaces"),
        [
            pytest.param(timedelta(0), False, id="at-once"),
            pytest.param(29 * MINUTE + 59 * SECOND, False, id="a-second-less"),
            pytest.param(30 * MINUTE, True, id="thirty-minutes"),
            pytest.param(DAY, True, id="a-day"),
        ],
    )
    @pytest.mark.parametrize("status", [PASSED, WARNING, FAILED])
    def test_it_takes_two_full_runs_thirty_minutes_apart(
        self,
        status: Status,
        apart: timedelta,
        replaces: bool,  # noqa: FBT001 - a column of the table
    ) -> None:
        first = kept(decided(told(status), judged(UNKNOWN)))

        decision = decided(first, judged(UNKNOWN, because="denied"), DAY + apart)

        assert decision.send is replaces
        if replaces:
            assert decision.change is ChangeKind.NOT_ASSESSED
            assert (kept(decision).status, kept(decision).because) == (UNKNOWN, "denied")
            assert kept(decision).fingerprint == ()

    def test_a_miss_too_soon_does_not_move_the_first(self) -> None:
        first = kept(decided(told(FAILED), judged(UNKNOWN)))
        second = decided(first, judged(UNKNOWN), DAY + 20 * MINUTE).state or first

        assert decided(second, judged(UNKNOWN), DAY + 30 * MINUTE).send

    @pytest.mark.parametrize("kind", [NAMED, SAMPLE])
    @pytest.mark.parametrize(
        "previous",
        [
            pytest.param(told(FAILED), id="first"),
            pytest.param(told(FAILED, missed=-DAY), id="last"),
        ],
    )
    def test_other_runs_count_no_miss(self, previous: FindingState, kind: RunKind) -> None:
        assert decided(previous, judged(UNKNOWN, check=ENCRYPTED), kind=kind) == NOTHING

    @pytest.mark.parametrize("kind", [FULL, NAMED])
    @pytest.mark.parametrize("status", [PASSED, FAILED])
    def test_any_other_status_resets_the_misses(self, status: Status, kind: RunKind) -> None:
        missed = kept(decided(told(FAILED), judged(UNKNOWN), HOUR))
        back = kept(decided(missed, judged(status), 2 * HOUR, kind=kind))

        again = decided(back, judged(UNKNOWN), 3 * HOUR)

        assert (back.misses, back.missed_at) == (0, None)
        assert not again.send

    def test_a_sample_that_finds_a_session_in_clear_resets_them_too(self) -> None:
        missed = told(FAILED, missed=timedelta(0))

        back = kept(decided(missed, judged(FAILED, check=ENCRYPTED), HOUR, kind=SAMPLE))

        assert back.misses == 0

    def test_a_remembered_offence_resets_them_too(self) -> None:
        missed = told(FAILED, offended=timedelta(0), missed=timedelta(0))

        back = kept(decided(missed, judged(PASSED, check=ENCRYPTED), HOUR))

        assert (back.status, back.misses, back.missed_at) == (FAILED, 0, None)

    def test_it_is_not_sent_again(self) -> None:
        assert not decided(told(UNKNOWN), judged(UNKNOWN)).send

    def test_it_does_not_reopen_what_is_archived(self) -> None:
        assert decided(told(FAILED, archived=True, missed=timedelta(0)), judged(UNKNOWN)) == NOTHING


class TestSessionMemory:
    MEMORY = timedelta(hours=168)

    @pytest.mark.parametrize(
        ("after", "status"),
        [
            pytest.param(SECOND, FAILED, id="a-second"),
            pytest.param(MEMORY - SECOND, FAILED, id="one-less"),
            pytest.param(MEMORY, PASSED, id="equal"),
            pytest.param(MEMORY + SECOND, PASSED, id="one-more"),
        ],
    )
    @pytest.mark.parametrize("kind", [FULL, NAMED])
    @pytest.mark.parametrize("check", ["sessions-encrypted", "sessions-modern-tls"])
    def test_an_offender_is_remembered(
        self, check: str, kind: RunKind, after: timedelta, status: Status
    ) -> None:
        previous = told(FAILED, offended=timedelta(0))

        decision = decided(previous, judged(PASSED, check=CHECKS[check]), after, kind=kind)

        assert decision.send is (status is PASSED)
        assert kept(decision).status is status

    def test_a_newer_offence_counts(self) -> None:
        first = told(FAILED, offended=timedelta(0))
        again = kept(decided(first, judged(FAILED, check=ENCRYPTED), 3 * DAY, kind=SAMPLE))

        assert kept(decided(again, judged(PASSED, check=ENCRYPTED), 9 * DAY)).status is FAILED
        assert kept(decided(again, judged(PASSED, check=ENCRYPTED), 10 * DAY)).status is PASSED

    def test_what_is_settled_lets_go_at_once(self) -> None:
        previous = told(FAILED, offended=timedelta(0))

        decision = decided(previous, judged(PASSED, check=ENCRYPTED, settled=True), SECOND)

        assert (decision.send, kept(decision).status) == (True, PASSED)

    def test_a_warning_does_not_replace_a_remembered_failure(self) -> None:
        previous = told(FAILED, offended=timedelta(0))

        decision = decided(previous, judged(WARNING, check=CHECKS["sessions-modern-tls"]), SECOND)

        assert kept(decision).status is FAILED

    def test_a_warning_is_not_remembered(self) -> None:
        previous = told(WARNING)

        decision = decided(previous, judged(PASSED, check=CHECKS["sessions-modern-tls"]), SECOND)

        assert kept(decision).status is PASSED

    @pytest.mark.parametrize(
        "check",
        [pytest.param(it, id=it.id) for it in all_checks() if not it.about_sessions],
    )
    def test_other_checks_have_no_memory(self, check: Check) -> None:
        previous = told(FAILED, offended=timedelta(0))

        decision = decided(previous, judged(PASSED, check=check), SECOND)

        assert (decision.send, kept(decision).status) == (True, PASSED)

    def test_without_memory_it_lets_go_at_once(self) -> None:
        settings = replace(DEFAULTS, session_memory_hours=0)
        previous = told(FAILED, offended=timedelta(0))

        decision = decided(previous, judged(PASSED, check=ENCRYPTED), SECOND, settings=settings)

        assert kept(decision).status is PASSED

    def test_the_heartbeat_comes_for_a_remembered_failure_too(self) -> None:
        settings = replace(DEFAULTS, session_memory_hours=2_400)
        previous = told(FAILED, offended=timedelta(0))

        assert decided(previous, judged(PASSED, check=ENCRYPTED), WEEK, settings=settings).send

    def test_two_misses_do_not_make_it_forget(self) -> None:
        first = kept(
            decided(told(FAILED, offended=timedelta(0)), judged(UNKNOWN, check=ENCRYPTED), DAY)
        )
        second = kept(decided(first, judged(UNKNOWN, check=ENCRYPTED), 2 * DAY))

        decision = decided(second, judged(PASSED, check=ENCRYPTED), 3 * DAY)

        assert decision.state is None or decision.state.status is not PASSED

    def test_a_remembered_failure_comes_back_from_the_archive(self) -> None:
        previous = told(FAILED, offended=timedelta(0), archived=True)

        decision = decided(previous, judged(PASSED, check=ENCRYPTED))

        assert decision.send
        assert (kept(decision).status, kept(decision).archived) == (FAILED, False)


class TestSampleRuns:
    @pytest.mark.parametrize("check", ["sessions-encrypted", "sessions-modern-tls"])
    @pytest.mark.parametrize(
        "previous",
        [
            pytest.param(None, id="never-told"),
            pytest.param(told(PASSED), id="passed"),
            pytest.param(told(WARNING), id="warning"),
            pytest.param(told(UNKNOWN), id="unknown"),
        ],
    )
    def test_they_turn_a_session_check_to_failed(
        self, previous: FindingState | None, check: str
    ) -> None:
        decision = decided(previous, judged(FAILED, check=CHECKS[check]), kind=SAMPLE)

        assert (decision.send, kept(decision).status) == (True, FAILED)

    @pytest.mark.parametrize("status", [PASSED, WARNING, UNKNOWN])
    @pytest.mark.parametrize(
        "previous",
        [
            pytest.param(None, id="never-told"),
            pytest.param(told(FAILED), id="failed"),
            pytest.param(told(PASSED), id="passed"),
        ],
    )
    def test_they_turn_it_to_nothing_else(
        self, previous: FindingState | None, status: Status
    ) -> None:
        decision = decided(
            previous, judged(status, check=ENCRYPTED, settled=True), 30 * DAY, kind=SAMPLE
        )

        assert decision == NOTHING

    def test_they_bring_a_failure_back_from_the_archive(self) -> None:
        archived = told(FAILED, archived=True)

        decision = decided(archived, judged(FAILED, check=ENCRYPTED), kind=SAMPLE)

        assert (decision.send, decision.change) == (True, ChangeKind.NEW)

    def test_a_failure_that_goes_on_is_remembered_and_not_sent(self) -> None:
        decision = decided(told(FAILED), judged(FAILED, check=ENCRYPTED), HOUR, kind=SAMPLE)

        assert not decision.send
        assert decision.change is None
        assert kept(decision).offended_at == NOW + HOUR

    def test_they_do_not_make_published_passes(self) -> None:
        asked_for = replace(DEFAULTS, publish_passed=True)

        decision = decided(None, judged(PASSED, check=ENCRYPTED), kind=SAMPLE, settings=asked_for)

        assert decision == NOTHING

    def test_they_send_no_heartbeat(self) -> None:
        decision = decided(told(FAILED), judged(FAILED, check=ENCRYPTED), WEEK, kind=SAMPLE)

        assert not decision.send


class TestLateRuns:
    @pytest.mark.parametrize("kind", list(RunKind))
    @pytest.mark.parametrize("status", list(Status))
    @pytest.mark.parametrize("withheld", [False, True])
    def test_a_late_run_changes_nothing(
        self,
        withheld: bool,  # noqa: FBT001 - a column of the table
        status: Status,
        kind: RunKind,
    ) -> None:
        decision = decided(
            told(PASSED, missed=-DAY),
            judged(status, check=ENCRYPTED, settled=True),
            -SECOND,
            kind=kind,
            withheld=withheld,
        )

        assert decision == NOTHING

    def test_a_run_of_the_same_moment_is_not_late(self) -> None:
        decision = decided(told(PASSED), judged(FAILED), timedelta(0))

        assert (decision.send, kept(decision).updated_at) == (True, NOW + TICK)


class TestWithheld:
    def test_it_is_archived_by_a_full_run(self) -> None:
        decision = decided(told(FAILED), judged(FAILED), withheld=True)

        assert (decision.send, decision.change) == (True, ChangeKind.ARCHIVED)
        assert kept(decision).archived
        assert kept(decision).status is FAILED

    def test_it_is_archived_once(self) -> None:
        archived = kept(decided(told(FAILED), judged(FAILED), withheld=True))

        assert decided(archived, judged(FAILED), 30 * DAY, withheld=True) == NOTHING

    @pytest.mark.parametrize("kind", [NAMED, SAMPLE])
    def test_other_runs_never_archive(self, kind: RunKind) -> None:
        decision = decided(told(PASSED), judged(FAILED, check=ENCRYPTED), kind=kind, withheld=True)

        assert decision == NOTHING

    @pytest.mark.parametrize("kind", list(RunKind))
    def test_it_never_opens(self, kind: RunKind) -> None:
        decision = decided(None, judged(FAILED, check=ENCRYPTED), kind=kind, withheld=True)

        assert decision == NOTHING

    @pytest.mark.parametrize("status", [FAILED, WARNING])
    @pytest.mark.parametrize("kind", [FULL, NAMED])
    def test_an_archived_finding_comes_back(self, kind: RunKind, status: Status) -> None:
        archived = kept(decided(told(status), judged(status), withheld=True))

        decision = decided(archived, judged(status), 2 * DAY, kind=kind)

        assert (decision.send, decision.change) == (True, ChangeKind.NEW)
        assert not kept(decision).archived
        assert kept(decision).created_at == NOW - 90 * DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One run over one finding, and what the other side makes of it."""

    kind: RunKind
    status: Status
    fingerprint: tuple[str, ...]
    later: timedelta
    settled: bool
    withheld: bool
    taken: bool
    """Whether Security Hub takes what is sent."""


steps = st.builds(
    Step,
    kind=st.sampled_from([FULL, FULL, FULL, NAMED, SAMPLE]),
    status=st.sampled_from([*Status, UNKNOWN]),
    fingerprint=st.sampled_from([(), ("value=0",)]),
    later=st.sampled_from(
        [-DAY, -SECOND, timedelta(0), timedelta(microseconds=300), TICK, MINUTE, HOUR, DAY, WEEK]
    ),
    settled=st.booleans(),
    withheld=st.sampled_from([False, False, False, True]),
    taken=st.sampled_from([True, True, True, False]),
)
histories = st.lists(steps, max_size=15)
some = examples(derandomize=True, deadline=None, max_examples=150)


def walked(
    history: Sequence[Step], check: Check, settings: Settings
) -> list[tuple[FindingState | None, Step, Run, Decision]]:
    """Run after run, as publish does it: the state is kept only where Security Hub took it."""
    state: FindingState | None = None
    now = NOW
    past = []
    for number, step in enumerate(history):
        now += step.later
        run = Run(id=f"run-{number}", kind=step.kind, observed_at=now)
        judgement = judged(step.status, *step.fingerprint, check=check, settled=step.settled)
        decision = decide(state, judgement, run, settings, withheld=step.withheld)
        past.append((state, step, run, decision))
        if decision.state is not None and (step.taken or not decision.send):
            state = decision.state
    return past


EACH_KIND_OF_CHECK = pytest.mark.parametrize("check", ["sessions-encrypted", "certificate-trusted"])


@EACH_KIND_OF_CHECK
@some
@given(history=histories, publish_passed=st.booleans())
def test_updated_at_always_rises_and_created_at_stays(
    check: str, history: list[Step], *, publish_passed: bool
) -> None:
    past = walked(history, CHECKS[check], replace(DEFAULTS, publish_passed=publish_passed))

    sent = [
        decision.state
        for _, step, _, decision in past
        if decision.send and decision.state is not None and step.taken
    ]
    as_sent = [timestamp(state.updated_at) for state in sent]
    assert as_sent == sorted(set(as_sent))
    assert len({state.created_at for state in sent}) <= 1


@EACH_KIND_OF_CHECK
@some
@given(history=histories, publish_passed=st.booleans())
def test_no_history_lets_a_run_do_more_than_its_kind_may(
    check: str, history: list[Step], *, publish_passed: bool
) -> None:
    past = walked(history, CHECKS[check], replace(DEFAULTS, publish_passed=publish_passed))

    for previous, step, run, decision in past:
        state = decision.state
        if state is None:
            assert not decision.send
            continue
        was_archived = previous is not None and previous.archived
        assert previous is not None or state.status is not UNKNOWN
        assert not (state.archived and not was_archived) or (step.kind is FULL and step.withheld)
        assert not decision.send or state.updated_at >= run.observed_at
        assert decision.send or (previous is not None and state.updated_at == previous.updated_at)
        assert step.kind is not SAMPLE or step.status is FAILED
        assert state.status is not UNKNOWN or step.status is UNKNOWN or step.withheld


@EACH_KIND_OF_CHECK
@some
@given(history=histories, publish_passed=st.booleans())
def test_the_same_run_again_sends_nothing_and_tells_the_same(
    check: str, history: list[Step], *, publish_passed: bool
) -> None:
    settings = replace(DEFAULTS, publish_passed=publish_passed)

    for _, step, run, decision in walked(history, CHECKS[check], settings):
        if decision.state is not None:
            judgement = judged(
                step.status, *step.fingerprint, check=CHECKS[check], settled=step.settled
            )
            again = decide(decision.state, judgement, run, settings, withheld=step.withheld)
            assert (again.send, again.change) == (False, decision.change)


def test_the_histories_that_are_generated_send_and_archive_and_miss() -> None:
    kinds: set[ChangeKind | None] = set()

    @some
    @given(history=histories)
    def collect(history: list[Step]) -> None:
        kinds.update(decision.change for *_, decision in walked(history, TRUSTED, DEFAULTS))

    collect()

    assert kinds == {None, *ChangeKind}
