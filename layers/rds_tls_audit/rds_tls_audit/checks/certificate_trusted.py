"""Does the served certificate verify against the RDS roots, for this host name?"""

from rds_tls_audit.case import Case
from rds_tls_audit.check import Check
from rds_tls_audit.evidence import Unseen
from rds_tls_audit.observation import Trust
from rds_tls_audit.text import cut
from rds_tls_audit.verdict import Severity, Verdict, failed, passed, unknown

FAULTS = {
    Trust.UNKNOWN_CA: "its CA is not among the trusted roots",
    Trust.OTHER_NAME: "it is for another name",
    Trust.EXPIRED: "it has expired, or a CA above it has",
    Trust.NOT_YET_VALID: "it is not valid yet",
    Trust.REFUSED: "it does not verify",
}


def judge(case: Case) -> Verdict:
    """Judge the outcome of verification; what only strict verifiers mind is a note."""
    if isinstance(case.certificate, Unseen):
        return unknown(case.certificate.reason)
    certificate = case.certificate.value
    if certificate.trust is not Trust.VERIFIED:
        names = cut(", ".join(certificate.names) or "none", 200)
        return failed(
            f"the served certificate does not verify for {certificate.host}: "
            f"{FAULTS[certificate.trust]} ({certificate.detail}); issuer {certificate.issuer}, "
            f"names {names}",
            f"fault={certificate.trust}",
        )
    note = f"; note: {certificate.strict_note}" if certificate.strict_note else ""
    return passed(
        f"the served certificate verifies for {certificate.host}, issuer {certificate.issuer}{note}"
    )


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
    judge=judge,
)
