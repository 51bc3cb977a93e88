"""How long are the served certificate and its CA valid?"""

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


class _TimeLeft(IntEnum):
    """How much time is left until a certificate expires, worst first."""

    EXPIRED = 0
    SHORT = 1
    AMPLE = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class _Expiry:
    subject: str
    at: datetime
    time_left: _TimeLeft
    days: int

    def __str__(self) -> str:
        if self.time_left is _TimeLeft.EXPIRED:
            return f"{self.subject} expired on {self.at:%Y-%m-%d}"
        return f"{self.subject} expires on {self.at:%Y-%m-%d} (in {pluralize(self.days, 'day')})"


def evaluate(evidence: DatabaseEvidence) -> Verdict:
    """Evaluate the dates of the served certificate.

    The dates that RDS reports can cause a warning or a failure, but never a pass.
    """
    reported = _reported_by_rds(evidence)
    if isinstance(evidence.certificate, Unseen):
        return _evaluate_unconfirmed(reported, evidence.certificate.reason)
    certificate = evidence.certificate.value
    served = list(_served(evidence, certificate))
    worst = min(expiry.time_left for expiry in served)
    if worst is _TimeLeft.EXPIRED:
        return failed(_list(served), "past")
    if certificate.trust is Trust.EXPIRED:
        # OpenSSL reports an expired certificate in the chain. It is not the leaf, so it is a CA.
        return failed(f"{_list(served)}, but a CA above it has expired", "past")
    if worst is _TimeLeft.SHORT:
        return warning(_list(served), "near")
    if contradicting := [expiry for expiry in reported if _contradicts(expiry, certificate)]:
        # Not FAILED: the served certificate is valid. Not PASSED: RDS contradicts it.
        return warning(f"{_list(served)}, but RDS reports that {_list(contradicting)}", "doubtful")
    return passed(_list(served))


def _contradicts(expiry: _Expiry, certificate: Certificate) -> bool:
    root_unseen = certificate.authority_not_after is None
    return expiry.time_left is _TimeLeft.EXPIRED or (
        expiry.time_left is _TimeLeft.SHORT and expiry.subject == _AUTHORITY and root_unseen
    )


def _evaluate_unconfirmed(reported: list[_Expiry], reason: str) -> Verdict:
    if not reported:
        return unknown(reason)
    unconfirmed = f"RDS reports, not confirmed by the probe, that {_list(reported)}"
    worst = min(expiry.time_left for expiry in reported)
    if worst is _TimeLeft.EXPIRED:
        return failed(f"{unconfirmed}; {reason}", "past")
    if worst is _TimeLeft.SHORT:
        return warning(f"{unconfirmed}; {reason}", "near")
    return unknown(reason, known=unconfirmed)


def _served(evidence: DatabaseEvidence, certificate: Certificate) -> Iterable[_Expiry]:
    yield _expiry(evidence, "the served certificate", certificate.not_after)
    if certificate.authority_not_after is not None:
        yield _expiry(evidence, _AUTHORITY, certificate.authority_not_after)


def _reported_by_rds(evidence: DatabaseEvidence) -> list[_Expiry]:
    reported = []
    if isinstance(evidence.certificate_valid_till, Seen):
        valid_till = evidence.certificate_valid_till.value
        reported.append(_expiry(evidence, "the server certificate", valid_till))
    if isinstance(evidence.authority, Seen):
        reported.append(_expiry(evidence, _AUTHORITY, evidence.authority.value.valid_till))
    return reported


def _expiry(evidence: DatabaseEvidence, subject: str, at: datetime) -> _Expiry:
    left = at - evidence.observed_at
    if left <= timedelta(0):
        time_left = _TimeLeft.EXPIRED
    elif left <= timedelta(days=evidence.certificate_warning_days):
        time_left = _TimeLeft.SHORT
    else:
        time_left = _TimeLeft.AMPLE
    return _Expiry(subject=subject, at=at, time_left=time_left, days=left.days)


def _list(expiries: Iterable[_Expiry]) -> str:
    return " and ".join(str(expiry) for expiry in expiries)


CHECK = Check(
    id="certificate-current",
    position=100,
    severity=Severity.HIGH,
    title="the served certificate and its CA should be current",
    question="how long are the served certificate and its CA valid?",
    remedy=(
        "RDS renews server certificates automatically halfway through their lifetime. A "
        "certificate that has expired or is about to expire is waiting for a pending maintenance "
        "action or depends on an old CA. Choose a current CA, such as rds-ca-rsa2048-g1, apply "
        "pending maintenance, and restart if the engine version requires it. Clients that already "
        "trust the RDS CA bundle need no change."
    ),
    evaluate=evaluate,
)
