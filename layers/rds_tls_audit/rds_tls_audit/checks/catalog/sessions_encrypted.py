"""Are all client sessions encrypted, on the hop to this server?"""

from rds_tls_audit.checks.catalog import plaintext_refused
from rds_tls_audit.checks.check import Check
from rds_tls_audit.checks.database_evidence import DatabaseEvidence
from rds_tls_audit.checks.verdict import Severity, Status, Verdict, failed, passed, unknown
from rds_tls_audit.evidence.observation import SessionView
from rds_tls_audit.evidence.observed import Unseen
from rds_tls_audit.evidence.sessions import list_clients
from rds_tls_audit.text import pluralize


def evaluate(evidence: DatabaseEvidence) -> Verdict:
    """Evaluate the client sessions.

    One unencrypted session is a failure, even in a partial view. A pass requires a complete view.
    """
    if isinstance(evidence.sessions, Unseen):
        return unknown(evidence.sessions.reason)
    view = evidence.sessions.value
    sessions = pluralize(view.total, "client session")
    if view.clear:
        verb = "is" if view.clear == 1 else "are"
        clients = _unencrypted_clients(view)
        listed = f": {clients}" if clients else ""
        return failed(f"{view.clear} of {sessions} {verb} unencrypted{listed}")
    if view.why_partial:
        return unknown(view.why_partial, known=f"the probe saw {sessions}, none unencrypted")
    if view.total:
        return passed(
            f"the probe saw {sessions}, all encrypted on the hop to this server (a pooler hides "
            "its own clients)"
        )
    if cannot_recur(evidence):
        return passed("the probe saw no client session, and the server refuses plaintext")
    return unknown("the probe saw no client session")


def cannot_recur(evidence: DatabaseEvidence) -> bool:
    """Whether the server refuses new unencrypted sessions."""
    return plaintext_refused.evaluate(evidence).status is Status.PASSED


def specific_remedy(evidence: DatabaseEvidence) -> str | None:
    """Name the clients to change."""
    if isinstance(evidence.sessions, Unseen) or not evidence.sessions.value.clear:
        return None
    clients = _unencrypted_clients(evidence.sessions.value)
    return f"For each client without TLS ({clients}), {_REMEDY}" if clients else None


def _unencrypted_clients(view: SessionView) -> str:
    return list_clients(group for group in view.groups if not group.encrypted)


_REMEDY = (
    "set sslmode=verify-full and the RDS CA bundle, or the driver's equivalent. After you force "
    "TLS, open sessions continue, but a client that uses plaintext fails on its next connection "
    "unless it uses sslmode=allow. Then set rds.force_ssl to 1 to prevent new plaintext sessions."
)


CHECK = Check(
    id="sessions-encrypted",
    position=40,
    severity=Severity.HIGH,
    title="all client sessions should be encrypted",
    question="are all client sessions encrypted, on the hop to this server?",
    remedy=f"For each client listed, {_REMEDY}",
    evaluate=evaluate,
    specific_remedy=specific_remedy,
    caused_by=("plaintext-refused", "force-ssl"),
    session_based=True,
    cannot_recur=cannot_recur,
)
