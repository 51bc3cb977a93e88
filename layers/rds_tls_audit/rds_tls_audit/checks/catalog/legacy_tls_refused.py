"""Does the server turn TLS 1.0 and 1.1 away on the wire?"""

from rds_tls_audit.checks.check import Check
from rds_tls_audit.checks.database_evidence import DatabaseEvidence
from rds_tls_audit.checks.verdict import Severity, Verdict, failed, passed, unknown
from rds_tls_audit.evidence.observed import Seen, Unseen


def evaluate(case: DatabaseEvidence) -> Verdict:
    """Judge the answer to a hello that offers nothing above TLS 1.1."""
    if isinstance(case.legacy_tls, Unseen):
        return unknown(case.legacy_tls.reason)
    answer = case.legacy_tls.value
    if answer.accepted:
        return failed(f"an offer of TLS 1.1 and below is accepted: {answer.detail}")
    ours = f"; our own handshake came to {case.tls.value}" if isinstance(case.tls, Seen) else ""
    return passed(f"an offer of TLS 1.1 and below is turned away: {answer.detail}{ours}")


CHECK = Check(
    id="legacy-tls-refused",
    position=70,
    severity=Severity.MEDIUM,
    title="TLS 1.0 and 1.1 should be refused",
    question="does the server turn TLS 1.0 and 1.1 away on the wire?",
    remedy=(
        "Set ssl_min_protocol_version to TLSv1.2 in the parameter group that decides (PostgreSQL "
        "12 and later), after a look at sessions-modern-tls for clients that still need less. On "
        "PostgreSQL 10 and 11, upgrade."
    ),
    evaluate=evaluate,
    caused_by=("minimum-protocol",),
)
