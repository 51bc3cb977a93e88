"""Evaluate the evidence of a database by every check, in table order."""

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
"""The limit of `Remediation.Recommendation.Text` in ASFF, in characters."""

EVIDENCE_PREREQUISITES = (
    "allow the probe's security group in the database's security group, give the probe a route and "
    "DNS, create the role in docs/database-role.sql, and allow rds-db:connect and the "
    "rds:Describe* calls. A check without evidence counts as neither passed nor failed."
)
"""What is needed for complete evidence; the reason of an UNKNOWN verdict says what is missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """The verdict of one check for one database, with its remedy and cause."""

    check: Check
    verdict: Verdict
    cannot_recur: bool
    """Whether a past fault cannot recur."""
    remedy: str
    """What to do, as specific to this database as possible; at most `MAX_REMEDY` characters."""
    cause: Check
    """The check where a fault originates: this one, or one whose failure explains it."""
    accepted: str | None = None
    """The end date and reference if a tag of the database accepts the risk."""


def checks_for(kind: RunKind) -> tuple[Check, ...]:
    """Return the checks that a run of this kind collects evidence for, in order."""
    return tuple(
        check for check in all_checks() if check.session_based or kind is not RunKind.SAMPLE
    )


def evaluate_database(probed: ProbedTarget, run: Run, settings: Settings) -> tuple[Evaluation, ...]:
    """Evaluate each check that the run collected evidence for."""
    sessions = redact(probed.observation.sessions, settings.client_detail)
    evidence = DatabaseEvidence.of(
        probed.target,
        replace(probed.observation, sessions=sessions),
        observed_at=run.observed_at,
        certificate_warning_days=settings.certificate_warning_days,
    )
    verdicts = {check.id: check.evaluate(evidence) for check in checks_for(run.kind)}
    return tuple(
        Evaluation(
            check=check,
            verdict=verdicts[check.id],
            cannot_recur=check.cannot_recur is None or check.cannot_recur(evidence),
            remedy=_remedy(check, evidence, verdicts[check.id]),
            cause=_cause(check, verdicts),
        )
        for check in checks_for(run.kind)
    )


def _remedy(check: Check, evidence: DatabaseEvidence, verdict: Verdict) -> str:
    if verdict.status is Status.UNKNOWN:
        return f"Provide the missing evidence first: {EVIDENCE_PREREQUISITES}"
    specific = None
    if check.specific_remedy is not None and verdict.status.is_fault:
        specific = check.specific_remedy(evidence)
    return check.remedy if specific is None else truncate(specific, MAX_REMEDY)


def _cause(check: Check, verdicts: Mapping[str, Verdict]) -> Check:
    if verdicts[check.id].status is not Status.FAILED:
        return check
    checks_by_id = {candidate.id: candidate for candidate in all_checks()}
    for cause_id in check.caused_by:
        if cause_id in verdicts and verdicts[cause_id].status is Status.FAILED:
            return _cause(checks_by_id[cause_id], verdicts)
    return check
