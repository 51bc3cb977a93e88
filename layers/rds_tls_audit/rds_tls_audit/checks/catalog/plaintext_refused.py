"""Does the server refuse connections without TLS?"""

from rds_tls_audit.checks.catalog import force_ssl, force_ssl_in_effect
from rds_tls_audit.checks.check import Check
from rds_tls_audit.checks.database_evidence import DatabaseEvidence
from rds_tls_audit.checks.verdict import Severity, Status, Verdict, failed, passed, unknown
from rds_tls_audit.evidence.observed import Seen, Unseen
from rds_tls_audit.fleet.configuration import describe_babelfish_limitation


def evaluate(evidence: DatabaseEvidence) -> Verdict:
    """Evaluate the replies to the same startup message in plaintext and over TLS."""
    if isinstance(evidence.plaintext, Unseen):
        return unknown(evidence.plaintext.reason)
    answer = evidence.plaintext.value
    if answer.accepted:
        return failed(f"the server accepts connections without TLS ({answer.detail})")
    group = evidence.group
    limitation = describe_babelfish_limitation(group.value) if isinstance(group, Seen) else ""
    return passed(f"the server refuses connections without TLS ({answer.detail}){limitation}")


def specific_remedy(evidence: DatabaseEvidence) -> str | None:
    """Say how to set the parameter, or, if it is set, how to bring it into effect."""
    if force_ssl.evaluate(evidence).status is Status.PASSED:
        return force_ssl_in_effect.specific_remedy(evidence)
    return force_ssl.specific_remedy(evidence)


CHECK = Check(
    id="plaintext-refused",
    position=30,
    severity=Severity.HIGH,
    title="plaintext connections should be refused",
    question="does the server refuse connections without TLS?",
    remedy=(
        "Set rds.force_ssl to 1 in the deciding parameter group, and reboot if the apply status is "
        "pending-reboot. First identify the clients that connect without TLS (see "
        "sessions-encrypted): they fail on their next connection unless they can fall back to TLS."
    ),
    evaluate=evaluate,
    specific_remedy=specific_remedy,
    caused_by=("force-ssl-in-effect", "force-ssl"),
)
