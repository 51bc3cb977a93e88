"""Does the server refuse NULL, EXPORT, anonymous, DES, 3DES, and RC4 cipher suites?"""

from rds_tls_audit.checks.check import Check
from rds_tls_audit.checks.database_evidence import DatabaseEvidence
from rds_tls_audit.checks.verdict import Severity, Verdict, failed, passed, unknown
from rds_tls_audit.evidence.observed import Unseen
from rds_tls_audit.fleet.configuration import SSL_CIPHERS


def evaluate(evidence: DatabaseEvidence) -> Verdict:
    """Evaluate the answer to a ClientHello that offers only weak cipher suites."""
    if isinstance(evidence.weak_ciphers, Unseen):
        return unknown(evidence.weak_ciphers.reason)
    answer = evidence.weak_ciphers.value
    if answer.accepted:
        return failed(f"the server accepts weak cipher suites ({answer.detail}){_live(evidence)}")
    return passed(f"the server refuses weak cipher suites ({answer.detail}){_live(evidence)}")


def _live(evidence: DatabaseEvidence) -> str:
    live, default = evidence.live_setting(SSL_CIPHERS), evidence.ssl_ciphers_default
    if live is None:
        return ""
    if live == default:
        return f"; {SSL_CIPHERS} is {live}, the RDS default"
    return f"; {SSL_CIPHERS} is {live or 'empty'} (the RDS default is {default or 'not known'})"


CHECK = Check(
    id="weak-ciphers-refused",
    position=80,
    severity=Severity.MEDIUM,
    title="weak cipher suites should be refused",
    question="does the server refuse NULL, EXPORT, anonymous, DES, 3DES, and RC4 cipher suites?",
    remedy=(
        "On PostgreSQL 16 and later, set ssl_ciphers to strong suites, for example "
        "HIGH:!aNULL:!3DES. The RDS defaults for PostgreSQL 12 and later already refuse all of "
        "these suites. On earlier versions, upgrade to a minor version whose default refuses them."
    ),
    evaluate=evaluate,
)
