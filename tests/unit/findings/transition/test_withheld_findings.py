"""What is not to be published is archived once, and comes back."""

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
    NOTHING,
    PASSED,
    SAMPLE,
    WARNING,
    decided,
    judged,
    kept,
    told,
)


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
