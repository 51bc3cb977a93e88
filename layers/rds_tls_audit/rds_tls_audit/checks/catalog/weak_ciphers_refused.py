"""Does the server turn NULL, EXPORT, anonymous, DES, 3DES and RC4 suites away?"""

from rds_tls_audit.checks.check import Check
from rds_tls_audit.checks.database_evidence import DatabaseEvidence
from rds_tls_audit.checks.verdict import Severity, Verdict, failed, passed, unknown
from rds_tls_audit.evidence.observed import Unseen
from rds_tls_audit.fleet.configuration import SSL_CIPHERS


def evaluate(case: DatabaseEvidence) -> Verdict:
    """Judge the answer to a hello that offers weak suites only."""
    if isinstance(case.weak_ciphers, Unseen):
        return unknown(case.weak_ciphers.reason)
    answer = case.weak_ciphers.value
    if answer.accepted:
        return failed(f"an offer of weak suites only is accepted: {answer.detail}{_setting(case)}")
    return passed(f"an offer of weak suites only is turned away: {answer.detail}{_setting(case)}")


def _setting(case: DatabaseEvidence) -> str:
    live, default = case.live_setting(SSL_CIPHERS), case.ssl_ciphers_default
    if live is None:
        return ""
    if live == default:
        return f"; {SSL_CIPHERS} is {live}, RDS's default"
    return f"; {SSL_CIPHERS} is {live or 'empty'} (RDS's default is {default or 'not known'})"


CHECK = Check(
    id="weak-ciphers-refused",
    position=80,
    severity=Severity.MEDIUM,
    title="weak cipher suites should be refused",
    question="does it turn NULL, EXPORT, anonymous, DES, 3DES, RC4 away?",
    remedy=(
        "From PostgreSQL 16 on RDS set ssl_ciphers to strong suites, for example "
        "HIGH:!aNULL:!3DES; RDS's defaults from PostgreSQL 12 refuse all of these. On earlier "
        "versions upgrade to a minor version whose default refuses them."
    ),
    evaluate=evaluate,
)
