"""Does the served certificate verify against the RDS roots, for this host name?"""

from datetime import datetime

from rds_tls_audit.checks.check import Check
from rds_tls_audit.checks.database_evidence import DatabaseEvidence
from rds_tls_audit.checks.verdict import Severity, Verdict, failed, passed, unknown
from rds_tls_audit.evidence.observation import Certificate, Trust
from rds_tls_audit.evidence.observed import Observed, Seen, Unseen
from rds_tls_audit.fleet.certificate_authority import CertificateAuthority
from rds_tls_audit.text import truncate


def evaluate(case: DatabaseEvidence) -> Verdict:
    """Judge the outcome of verification; what only strict verifiers mind is a note."""
    if isinstance(case.certificate, Unseen):
        return unknown(case.certificate.reason, known=_known_of_authority(case.authority))
    certificate = case.certificate.value
    if certificate.trust is not Trust.VERIFIED:
        return failed(
            f"the served certificate does not verify for {certificate.host}: "
            f"{_fault(certificate, case.observed_at)} ({certificate.detail})",
            f"fault={certificate.trust}",
        )
    return passed(
        f"the served certificate ({certificate.key}) verifies for {certificate.host}, issuer "
        f"{certificate.issuer}{_notes(certificate)}"
    )


def _notes(certificate: Certificate) -> str:
    strict = f"; note: {certificate.strict_note}" if certificate.strict_note else ""
    missing = ", ".join(certificate.other_endpoints)
    return strict + (
        f"; note: clients that verify do not get in by {truncate(missing, 300)}, which it is not "
        "for"
        if missing
        else ""
    )


def _known_of_authority(authority: Observed[CertificateAuthority]) -> str | None:
    # A name is no proof: said, and no verdict.
    if isinstance(authority, Seen) and authority.value.trusted is False:
        return "by its name, the CA that signs its certificates is not among the trusted roots"
    return None


def _fault(certificate: Certificate, at: datetime) -> str:
    match certificate.trust:
        case Trust.UNKNOWN_CA:
            return f"its issuer {certificate.issuer} is not among the trusted roots"
        case Trust.NAME_MISMATCH:
            return f"it is for {truncate(', '.join(certificate.names), 200) or 'no name at all'}"
        case Trust.EXPIRED if certificate.not_after <= at:
            return f"it ended on {certificate.not_after:%Y-%m-%d}"
        case Trust.EXPIRED:
            return "a CA above it has ended"
        case Trust.NOT_YET_VALID:
            return f"it begins on {certificate.not_before:%Y-%m-%d} only"
        case _:
            return "OpenSSL refuses it"


CHECK = Check(
    id="certificate-trusted",
    position=90,
    severity=Severity.HIGH,
    title="the served certificate should verify against the RDS roots",
    question="does the served certificate verify against the RDS roots, for this host name?",
    remedy=(
        "Choose a current CA for the instance (rds-ca-rsa2048-g1 or another G1) and apply the "
        "change; some engine versions restart for it. Clients need the RDS bundle of their "
        "partition, and must connect by the endpoint's own name: a CNAME or an address never "
        "verifies. A CA that is not Amazon's on this port needs an explanation first."
    ),
    evaluate=evaluate,
)
