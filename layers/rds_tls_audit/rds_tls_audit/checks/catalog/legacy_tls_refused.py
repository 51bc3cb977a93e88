"""Does the server refuse TLS 1.0 and 1.1?"""

from rds_tls_audit.checks.check import Check
from rds_tls_audit.checks.database_evidence import DatabaseEvidence
from rds_tls_audit.checks.verdict import Severity, Verdict, failed, passed, unknown
from rds_tls_audit.evidence.observed import Seen, Unseen


def evaluate(evidence: DatabaseEvidence) -> Verdict:
    """Evaluate the answer to a ClientHello that offers TLS 1.1 at most."""
    if isinstance(evidence.legacy_tls, Unseen):
        return unknown(evidence.legacy_tls.reason)
    answer = evidence.legacy_tls.value
    if answer.accepted:
        return failed(f"the server accepts TLS 1.1 or earlier ({answer.detail})")
    tls = evidence.tls
    current = f"; a current client negotiates {tls.value}" if isinstance(tls, Seen) else ""
    return passed(f"the server refuses TLS 1.1 and earlier ({answer.detail}){current}")


CHECK = Check(
    id="legacy-tls-refused",
    position=70,
    severity=Severity.MEDIUM,
    title="TLS 1.0 and 1.1 should be refused",
    question="does the server refuse TLS 1.0 and 1.1?",
    remedy=(
        "Use sessions-modern-tls to find clients that still need TLS 1.0 or 1.1. Then set "
        "ssl_min_protocol_version to TLSv1.2 in the deciding parameter group (PostgreSQL 12 and "
        "later). On PostgreSQL 10 and 11, upgrade the database."
    ),
    evaluate=evaluate,
    caused_by=("minimum-protocol",),
)
