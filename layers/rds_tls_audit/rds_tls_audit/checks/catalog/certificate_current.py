"""How long do the served certificate and its CA last?"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum

from rds_tls_audit.checks.check import Check
from rds_tls_audit.checks.database_evidence import DatabaseEvidence
from rds_tls_audit.checks.verdict import Severity, Verdict, failed, passed, unknown, warning
from rds_tls_audit.evidence.observation import Certificate, Trust
from rds_tls_audit.evidence.observed import Seen, Unseen
from rds_tls_audit.text import pluralize

_AUTHORITY = "its CA"


class _Left(IntEnum):
    """How much of a certificate's life is left, worst first."""

    PAST = 0
    NEAR = 1
    AMPLE = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class _End:
    what: str
    at: datetime
    left: _Left
    days: int

    def __str__(self) -> str:
        if self.left is _Left.PAST:
            return f"{self.what} ended on {self.at:%Y-%m-%d}"
        return f"{self.what} ends on {self.at:%Y-%m-%d} (in {pluralize(self.days, 'day')})"


def evaluate(case: DatabaseEvidence) -> Verdict:
    """Judge the dates that are served; RDS's own word, unconfirmed, can warn and fail only."""
    told = _told_by_rds(case)
    if isinstance(case.certificate, Unseen):
        return _evaluate_unconfirmed(told, case.certificate.reason)
    certificate = case.certificate.value
    served = list(_served(case, certificate))
    worst = min(end.left for end in served)
    if worst is _Left.PAST:
        return failed(_list(served), "past")
    if certificate.trust is Trust.EXPIRED:
        # OpenSSL reports what has ended in the chain: not the leaf, so a CA above it.
        return failed(f"{_list(served)}, but a CA above it has ended", "past")
    if worst is _Left.NEAR:
        return warning(_list(served), "near")
    if doubtful := [end for end in told if _contradicts(end, certificate)]:
        # Not FAILED: what is served is good. Not PASSED: RDS says otherwise.
        return warning(f"{_list(served)}, but RDS says: {_list(doubtful)}", "doubtful")
    return passed(_list(served))


def _contradicts(end: _End, certificate: Certificate) -> bool:
    root_unseen = certificate.authority_not_after is None
    return end.left is _Left.PAST or (
        end.left is _Left.NEAR and end.what == _AUTHORITY and root_unseen
    )


def _evaluate_unconfirmed(told: list[_End], reason: str) -> Verdict:
    if not told:
        return unknown(reason)
    worst = min(told, key=lambda end: end.left)
    if worst.left is _Left.PAST:
        return failed(f"RDS says: {_list(told)}; {reason}", "past")
    if worst.left is _Left.NEAR:
        return warning(f"RDS says: {_list(told)}; {reason}", "near")
    return unknown(reason, known=f"RDS says, not confirmed: {_list(told)}")


def _served(case: DatabaseEvidence, certificate: Certificate) -> Iterable[_End]:
    yield _end(case, "the served certificate", certificate.not_after)
    if certificate.authority_not_after is not None:
        yield _end(case, _AUTHORITY, certificate.authority_not_after)


def _told_by_rds(case: DatabaseEvidence) -> list[_End]:
    told = []
    if isinstance(case.certificate_valid_till, Seen):
        told.append(_end(case, "the server certificate", case.certificate_valid_till.value))
    if isinstance(case.authority, Seen):
        told.append(_end(case, _AUTHORITY, case.authority.value.valid_till))
    return told


def _end(case: DatabaseEvidence, what: str, at: datetime) -> _End:
    left = at - case.observed_at
    if left <= timedelta(0):
        grade = _Left.PAST
    elif left <= timedelta(days=case.certificate_warning_days):
        grade = _Left.NEAR
    else:
        grade = _Left.AMPLE
    return _End(what=what, at=at, left=grade, days=left.days)


def _list(ends: Iterable[_End]) -> str:
    return ", ".join(str(end) for end in ends)


CHECK = Check(
    id="certificate-current",
    position=100,
    severity=Severity.HIGH,
    title="the served certificate and its CA should be current",
    question="how long do the served certificate and its CA last?",
    remedy=(
        "RDS renews server certificates by itself at half of their life; one that has ended or is "
        "about to waits for a pending maintenance action or hangs on an old CA. Choose a current "
        "CA (rds-ca-rsa2048-g1 or another G1), apply pending maintenance and, where the engine "
        "version needs it, restart. Clients with the RDS bundle follow without a change."
    ),
    evaluate=evaluate,
)
