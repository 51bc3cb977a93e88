"""In any history of a finding, its times rise and no run does more than its kind may do."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from rds_tls_audit.checks.check import Check
from rds_tls_audit.checks.verdict import Status
from rds_tls_audit.findings.asff import timestamp
from rds_tls_audit.findings.decision import Decision
from rds_tls_audit.findings.state import ChangeKind, FindingState
from rds_tls_audit.findings.transition import decide_update
from rds_tls_audit.pipeline.run import Run, RunKind
from rds_tls_audit.settings import Settings
from tests.support.builders import NOW
from tests.unit.findings.transition.transition_helpers import (
    CHECKS,
    DAY,
    DEFAULTS,
    FAILED,
    FULL,
    HOUR,
    MINUTE,
    NAMED,
    SAMPLE,
    SECOND,
    TICK,
    TRUSTED,
    UNKNOWN,
    WARNING,
    WEEK,
    WITHHELD,
    evaluated,
)

pytestmark = pytest.mark.thorough

ACCEPTED = "accepted until 2026-12-31"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One run that evaluates one finding, and whether Security Hub imports the update."""

    kind: RunKind
    status: Status
    fingerprint: tuple[str, ...]
    later: timedelta
    cannot_recur: bool
    withheld: bool
    accepted: bool
    """Whether it is withheld as an accepted risk, if it is FAILED or WARNING."""
    imported: bool
    """Whether Security Hub imports what is sent."""


steps = st.builds(
    Step,
    kind=st.sampled_from([FULL, FULL, FULL, NAMED, SAMPLE]),
    status=st.sampled_from([*Status, UNKNOWN]),
    fingerprint=st.sampled_from([(), ("value=0",)]),
    later=st.sampled_from(
        [-DAY, -SECOND, timedelta(0), timedelta(microseconds=300), TICK, MINUTE, HOUR, DAY, WEEK]
    ),
    cannot_recur=st.booleans(),
    withheld=st.sampled_from([False, False, False, True]),
    accepted=st.sampled_from([False, False, False, True]),
    imported=st.sampled_from([True, True, True, False]),
)
histories = st.lists(steps, max_size=15)
some = examples(derandomize=True, deadline=None, max_examples=200)


def decide_at(
    step: Step, run: Run, state: FindingState | None, check: Check, settings: Settings
) -> Decision:
    accepted = ACCEPTED if step.accepted and step.status in {FAILED, WARNING} else None
    evaluation = evaluated(
        step.status,
        *step.fingerprint,
        check=check,
        cannot_recur=step.cannot_recur,
        accepted=accepted,
    )
    withheld = WITHHELD if step.withheld else accepted
    return decide_update(state, evaluation, run, settings, withheld=withheld)


def walk_through(
    history: Sequence[Step], check: Check, settings: Settings
) -> list[tuple[FindingState | None, Step, Run, Decision]]:
    """Decide run after run as publish does: a state is stored only if Security Hub imported it."""
    state: FindingState | None = None
    now = NOW
    past = []
    for number, step in enumerate(history):
        now += step.later
        run = Run(id=f"run-{number}", kind=step.kind, observed_at=now)
        decision = decide_at(step, run, state, check, settings)
        past.append((state, step, run, decision))
        if decision.state is not None and (step.imported or not decision.send):
            state = decision.state
    return past


EACH_KIND_OF_CHECK = pytest.mark.parametrize("check", ["sessions-encrypted", "certificate-trusted"])


@EACH_KIND_OF_CHECK
@some
@given(history=histories, publish_passed=st.booleans())
def test_updated_at_always_rises_and_created_at_never_changes(
    check: str, history: list[Step], *, publish_passed: bool
) -> None:
    past = walk_through(history, CHECKS[check], replace(DEFAULTS, publish_passed=publish_passed))

    sent = [
        decision.state
        for _, step, _, decision in past
        if decision.send and decision.state is not None and step.imported
    ]
    as_sent = [timestamp(state.updated_at) for state in sent]
    assert as_sent == sorted(set(as_sent))
    assert len({state.created_at for state in sent}) <= 1


@EACH_KIND_OF_CHECK
@some
@given(history=histories, publish_passed=st.booleans())
def test_in_any_history_a_run_changes_only_what_its_kind_may_change(
    check: str, history: list[Step], *, publish_passed: bool
) -> None:
    past = walk_through(history, CHECKS[check], replace(DEFAULTS, publish_passed=publish_passed))

    for previous, step, run, decision in past:
        state = decision.state
        if state is None:
            assert not decision.send
            continue
        was_archived = previous is not None and previous.archived
        assert previous is not None or state.status is not UNKNOWN
        assert not (state.archived and not was_archived) or (
            step.kind is FULL and (step.withheld or step.accepted)
        )
        assert not decision.send or state.updated_at >= run.observed_at
        assert decision.send or state.updated_at == (previous or state).updated_at
        assert decision.send or previous is not None or (state.archived and step.accepted)
        assert step.kind is not SAMPLE or step.status is FAILED
        assert state.status is not UNKNOWN or step.status is UNKNOWN or state.archived


@EACH_KIND_OF_CHECK
@some
@given(history=histories, publish_passed=st.booleans())
def test_a_repeated_run_sends_and_reports_nothing(
    check: str, history: list[Step], *, publish_passed: bool
) -> None:
    settings = replace(DEFAULTS, publish_passed=publish_passed)

    for _, step, run, decision in walk_through(history, CHECKS[check], settings):
        if decision.state is not None:
            again = decide_at(step, run, decision.state, CHECKS[check], settings)
            assert (again.send, again.change) == (False, None)


def test_the_generated_histories_cover_every_kind_of_change() -> None:
    kinds: set[ChangeKind | None] = set()

    @some
    @given(history=histories)
    def collect(history: list[Step]) -> None:
        kinds.update(decision.change for *_, decision in walk_through(history, TRUSTED, DEFAULTS))

    collect()

    assert kinds == {None, *ChangeKind}
