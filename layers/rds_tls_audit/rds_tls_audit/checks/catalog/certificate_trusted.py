"""Does the served certificate verify against the RDS roots, for this host name?"""

from datetime import datetime

from rds_tls_audit.checks.check import Check
from rds_tls_audit.checks.database_evidence import DatabaseEvidence
from rds_tls_audit.checks.verdict import Severity, Verdict, failed, passed, unknown
from rds_tls_audit.evidence.observation import Certificate, Trust
from rds_tls_audit.evidence.observed import Observed, Seen, Unseen
from rds_tls_audit.fleet.certificate_authority import CertificateAuthority
from rds_tls_audit.text import truncate


def evaluate(evidence: DatabaseEvidence) -> Verdict:
    """Evaluate the outcome of verification; what only strict clients refuse is added as a note."""
    if isinstance(evidence.certificate, Unseen):
        return unknown(evidence.certificate.reason, known=_known_of_authority(evidence.authority))
    certificate = evidence.certificate.value
    if certificate.trust is not Trust.VERIFIED:
        return failed(
            f"the served certificate does not verify for {certificate.host}: "
            f"{_fault(certificate, evidence.observed_at)} ({certificate.detail})",
            f"fault={certificate.trust}",
        )
    return passed(
        f"the served certificate ({certificate.key}, issued by {certificate.issuer}) verifies for "
        f"{certificate.host}{_notes(certificate)}"
    )


def _notes(certificate: Certificate) -> str:
    strict = f"; note: {certificate.strict_note}" if certificate.strict_note else ""
    uncovered = ", ".join(certificate.other_endpoints)
    return strict + (
        f"; note: the certificate is not valid for {truncate(uncovered, 300)}, so clients that "
        "verify it cannot connect there"
        if uncovered
        else ""
    )


def _known_of_authority(authority: Observed[CertificateAuthority]) -> str | None:
    # The name of a CA proves nothing, so it is reported without deciding the verdict.
    if isinstance(authority, Seen) and authority.value.trusted is False:
        return "RDS names a CA for this database that is not among the trusted roots"
    return None


def _fault(certificate: Certificate, at: datetime) -> str:
    match certificate.trust:
        case Trust.UNKNOWN_CA:
            return f"its issuer {certificate.issuer} is not among the trusted roots"
        case Trust.NAME_MISMATCH:
            names = truncate(", ".join(certificate.names), 200)
            return f"it is valid for {names or 'no host name'}"
        case Trust.EXPIRED if certificate.not_after <= at:
            return f"it expired on {certificate.not_after:%Y-%m-%d}"
        case Trust.EXPIRED:
            return "a CA above it has expired"
        case Trust.NOT_YET_VALID:
            return f"it is not valid before {certificate.not_before:%Y-%m-%d}"
        case _:
            return "OpenSSL refuses it"


CHECK = Check(
    id="certificate-trusted",
    position=90,
    severity=Severity.HIGH,
    title="the served certificate should verify against the RDS roots",
    question="does the served certificate verify against the RDS roots, for this host name?",
    remedy=(
        "Choose a current CA for the instance, such as rds-ca-rsa2048-g1, and apply the change; "
        "some engine versions restart. Clients need the RDS CA bundle for their partition and must "
        "connect by the endpoint's own name: a CNAME or an IP address never passes verification. "
        "If the certificate was not issued by an Amazon RDS CA, find out what is answering on this "
        "port before you change anything."
    ),
    evaluate=evaluate,
)
