"""Judge a case by every check, in the order of the table."""

from dataclasses import dataclass, replace

from rds_tls_audit.case import Case
from rds_tls_audit.check import Check, all_checks
from rds_tls_audit.messages import Witnessed
from rds_tls_audit.redaction import redact
from rds_tls_audit.run import Run, RunKind
from rds_tls_audit.settings import Settings
from rds_tls_audit.verdict import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What one check says of one database."""

    check: Check
    verdict: Verdict
    settled: bool
    """Whether a fault of the past cannot come back."""
    accepted: str | None = None
    """Until when, and with what reference, where the database's tag accepts it."""


def checks_of(kind: RunKind) -> tuple[Check, ...]:
    """The checks whose evidence such a run asks for, in order."""
    return tuple(
        check for check in all_checks() if check.about_sessions or kind is not RunKind.SAMPLE
    )


def judge(witnessed: Witnessed, run: Run, settings: Settings) -> tuple[Judgement, ...]:
    """Give one judgement for each check whose evidence the run asked for."""
    sessions = redact(witnessed.observation.sessions, settings.client_detail)
    case = Case.of(
        witnessed.target,
        replace(witnessed.observation, sessions=sessions),
        observed_at=run.observed_at,
        certificate_warning_days=settings.certificate_warning_days,
    )
    return tuple(
        Judgement(
            check=check,
            verdict=check.judge(case),
            settled=check.settled is None or check.settled(case),
        )
        for check in checks_of(run.kind)
    )
