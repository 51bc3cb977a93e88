"""Is a connection without TLS turned away?"""

from rds_tls_audit.checks.catalog import force_ssl, force_ssl_in_effect
from rds_tls_audit.checks.check import Check
from rds_tls_audit.checks.database_evidence import DatabaseEvidence
from rds_tls_audit.checks.verdict import Severity, Status, Verdict, failed, passed, unknown
from rds_tls_audit.evidence.observed import Seen, Unseen
from rds_tls_audit.fleet.configuration import babelfish_note


def evaluate(case: DatabaseEvidence) -> Verdict:
    """Judge the paired probe: the same request in clear and inside TLS."""
    if isinstance(case.plaintext, Unseen):
        return unknown(case.plaintext.reason)
    answer = case.plaintext.value
    if answer.accepted:
        return failed(f"a connection without TLS is accepted: {answer.detail}")
    note = babelfish_note(case.group.value) if isinstance(case.group, Seen) else ""
    return passed(f"a connection without TLS is turned away: {answer.detail}{note}")


def specific_remedy(case: DatabaseEvidence) -> str | None:
    """Say what is to change first: the group, or what keeps it from holding."""
    if force_ssl.evaluate(case).status is Status.PASSED:
        return force_ssl_in_effect.specific_remedy(case)
    return force_ssl.specific_remedy(case)


CHECK = Check(
    id="plaintext-refused",
    position=30,
    severity=Severity.HIGH,
    title="plaintext connections should be refused",
    question="is a connection without TLS turned away?",
    remedy=(
        "Set rds.force_ssl to 1 in the parameter group that decides, and reboot if its apply "
        "status asks for it. Before, look at the sessions in clear: those clients fail at their "
        "next connect unless they are set to come back with TLS."
    ),
    evaluate=evaluate,
    specific_remedy=specific_remedy,
    caused_by=("force-ssl-in-effect", "force-ssl"),
)
