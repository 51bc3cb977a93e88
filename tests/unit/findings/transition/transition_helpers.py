"""Build the stored state of a finding at `NOW`, an evaluation, and the decision some time later."""

from datetime import timedelta

from rds_tls_audit.checks.check import Check
from rds_tls_audit.checks.evaluation import Evaluation
from rds_tls_audit.checks.registry import all_checks
from rds_tls_audit.checks.verdict import Status, Verdict
from rds_tls_audit.findings.decision import Decision
from rds_tls_audit.findings.state import FindingState
from rds_tls_audit.findings.transition import decide_update
from rds_tls_audit.pipeline.run import Run, RunKind
from rds_tls_audit.settings import Settings
from tests.support import builders
from tests.support.builders import NOW

FULL, NAMED, SAMPLE = RunKind.FULL, RunKind.NAMED, RunKind.SAMPLE
PASSED, WARNING, FAILED, UNKNOWN = Status.PASSED, Status.WARNING, Status.FAILED, Status.UNKNOWN
DEFAULTS = builders.settings()
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
WITHHELD = "the check is disabled"
NO_ACTION = Decision(state=None, send=False)


def evaluated(
    status: Status,
    *fingerprint: str,
    check: Check = TRUSTED,
    cannot_recur: bool = False,
    because: str = "the new reason",
    accepted: str | None = None,
) -> Evaluation:
    verdict = Verdict(status=status, because=because, fingerprint=fingerprint)
    return Evaluation(
        check=check,
        verdict=verdict,
        cannot_recur=cannot_recur,
        remedy=check.remedy,
        cause=check,
        accepted=accepted,
    )


def stored(
    status: Status,
    *fingerprint: str,
    offended: timedelta | None = None,
    archived: bool = False,
    missed: timedelta | None = None,
) -> FindingState:
    """Build what Security Hub imported at `NOW`; `offended` and `missed` are times since then."""
    return FindingState(
        status=status,
        fingerprint=fingerprint,
        because="the stored reason",
        created_at=NOW - 90 * DAY,
        updated_at=NOW,
        observed_at=NOW,
        offended_at=None if offended is None else NOW + offended,
        misses=0 if missed is None else 1,
        missed_at=None if missed is None else NOW + missed,
        archived=archived,
    )


def decide(  # noqa: PLR0913 - the parameters of `decide_update`, and the time
    previous: FindingState | None,
    evaluation: Evaluation,
    after: timedelta = DAY,
    *,
    kind: RunKind = FULL,
    settings: Settings = DEFAULTS,
    withheld: bool = False,
) -> Decision:
    """Decide about a finding in a run that long after `NOW`."""
    run = Run(id=f"{kind}-{after}", kind=kind, observed_at=NOW + after)
    return decide_update(
        previous, evaluation, run, settings, withheld=WITHHELD if withheld else None
    )


def state_of(decision: Decision) -> FindingState:
    assert decision.state is not None
    return decision.state
