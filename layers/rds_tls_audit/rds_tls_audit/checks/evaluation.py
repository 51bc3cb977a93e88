"""Judge a case by every check, in the order of the table."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from rds_tls_audit.checks.check import Check
from rds_tls_audit.checks.database_evidence import DatabaseEvidence
from rds_tls_audit.checks.registry import all_checks
from rds_tls_audit.checks.verdict import Status, Verdict
from rds_tls_audit.evidence.redaction import redact
from rds_tls_audit.pipeline.messages import ProbedTarget
from rds_tls_audit.pipeline.run import Run, RunKind
from rds_tls_audit.settings import Settings
from rds_tls_audit.text import truncate

MAX_REMEDY = 512
"""Of `Remediation.Recommendation.Text` in ASFF."""

EVIDENCE_PREREQUISITES = (
    "let the probe's security group in, give the probe a route and DNS, create the role of "
    "docs/database-role.sql, allow rds-db:connect and the rds:Describe calls. Nothing is said of "
    "what was not seen: it counts neither as passed nor as failed."
)
"""What the reasons of UNKNOWN come down to; each says which of them it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """What one check says of one database."""

    check: Check
    verdict: Verdict
    cannot_recur: bool
    """Whether a fault of the past cannot come back."""
    remedy: str
    """What to do, for this very database where that is known; at most 512 characters."""
    cause: Check
    """Where the fault lies, if it is one: this check, or one whose failure explains it."""
    accepted: str | None = None
    """Until when, and with what reference, where the database's tag accepts it."""


def checks_for(kind: RunKind) -> tuple[Check, ...]:
    """The checks whose evidence such a run asks for, in order."""
    return tuple(
        check for check in all_checks() if check.session_based or kind is not RunKind.SAMPLE
    )


def evaluate_database(
    witnessed: ProbedTarget, run: Run, settings: Settings
) -> tuple[Evaluation, ...]:
    """Give one evaluation for each check whose evidence the run asked for."""
    sessions = redact(witnessed.observation.sessions, settings.client_detail)
    case = DatabaseEvidence.of(
        witnessed.target,
        replace(witnessed.observation, sessions=sessions),
        observed_at=run.observed_at,
        certificate_warning_days=settings.certificate_warning_days,
    )
    verdicts = {check.id: check.evaluate(case) for check in checks_for(run.kind)}
    return tuple(
        Evaluation(
            check=check,
            verdict=verdicts[check.id],
            cannot_recur=check.cannot_recur is None or check.cannot_recur(case),
            remedy=_remedy(check, case, verdicts[check.id]),
            cause=_cause(check, verdicts),
        )
        for check in checks_for(run.kind)
    )


def _remedy(check: Check, case: DatabaseEvidence, verdict: Verdict) -> str:
    if verdict.status is Status.UNKNOWN:
        return f"Let it be seen first: {EVIDENCE_PREREQUISITES}"
    advice = (
        check.specific_remedy(case) if check.specific_remedy and verdict.status.is_fault else None
    )
    return check.remedy if advice is None else truncate(advice, MAX_REMEDY)


def _cause(check: Check, verdicts: Mapping[str, Verdict]) -> Check:
    if verdicts[check.id].status is not Status.FAILED:
        return check
    by_id = {each.id: each for each in all_checks()}
    for other in check.caused_by:
        if other in verdicts and verdicts[other].status is Status.FAILED:
            return _cause(by_id[other], verdicts)
    return check
