"""A withheld finding is archived once, and reopened when it is no longer withheld."""

import pytest

from rds_tls_audit.checks.verdict import Status
from rds_tls_audit.findings.state import ChangeKind
from rds_tls_audit.pipeline.run import RunKind
from tests.support.builders import NOW
from tests.unit.findings.transition.transition_helpers import (
    DAY,
    ENCRYPTED,
    FAILED,
    FULL,
    NAMED,
    NO_ACTION,
    PASSED,
    SAMPLE,
    WARNING,
    decide,
    evaluated,
    state_of,
    stored,
)


class TestWithheld:
    def test_a_withheld_finding_is_archived_by_a_full_run(self) -> None:
        decision = decide(stored(FAILED), evaluated(FAILED), withheld=True)

        assert (decision.send, decision.change) == (True, ChangeKind.ARCHIVED)
        assert state_of(decision).archived
        assert state_of(decision).status is FAILED

    def test_a_withheld_finding_is_archived_once(self) -> None:
        archived = state_of(decide(stored(FAILED), evaluated(FAILED), withheld=True))

        assert decide(archived, evaluated(FAILED), 30 * DAY, withheld=True) == NO_ACTION

    @pytest.mark.parametrize("kind", [NAMED, SAMPLE])
    def test_named_and_sample_runs_never_archive(self, kind: RunKind) -> None:
        decision = decide(
            stored(PASSED), evaluated(FAILED, check=ENCRYPTED), kind=kind, withheld=True
        )

        assert decision == NO_ACTION

    @pytest.mark.parametrize("kind", list(RunKind))
    def test_a_withheld_finding_is_never_opened(self, kind: RunKind) -> None:
        decision = decide(None, evaluated(FAILED, check=ENCRYPTED), kind=kind, withheld=True)

        assert decision == NO_ACTION

    @pytest.mark.parametrize("status", [FAILED, WARNING])
    @pytest.mark.parametrize("kind", [FULL, NAMED])
    def test_an_archived_finding_is_reopened_when_it_is_no_longer_withheld(
        self, kind: RunKind, status: Status
    ) -> None:
        archived = state_of(decide(stored(status), evaluated(status), withheld=True))

        decision = decide(archived, evaluated(status), 2 * DAY, kind=kind)

        assert (decision.send, decision.change) == (True, ChangeKind.NEW)
        assert not state_of(decision).archived
        assert state_of(decision).created_at == NOW - 90 * DAY
