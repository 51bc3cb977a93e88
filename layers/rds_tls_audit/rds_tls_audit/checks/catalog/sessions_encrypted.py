"""Are all client sessions encrypted, on the hop to this server?"""

from rds_tls_audit.checks.catalog import plaintext_refused
from rds_tls_audit.checks.check import Check
from rds_tls_audit.checks.database_evidence import DatabaseEvidence
from rds_tls_audit.checks.verdict import Severity, Status, Verdict, failed, passed, unknown
from rds_tls_audit.evidence.observed import Unseen
from rds_tls_audit.evidence.sessions import named
from rds_tls_audit.text import pluralize


def evaluate(case: DatabaseEvidence) -> Verdict:
    """One session in clear is enough to fail, even in a partial view; to pass takes them all."""
    if isinstance(case.sessions, Unseen):
        return unknown(case.sessions.reason)
    view = case.sessions.value
    sessions = pluralize(view.total, "client session")
    if view.clear:
        who = named(group for group in view.groups if not group.encrypted)
        return failed(f"{view.clear} of {sessions} in clear: {who}")
    if view.why_partial:
        return unknown(view.why_partial, known=f"{sessions} visible, none in clear")
    if view.total:
        return passed(
            f"{sessions} seen, all encrypted on the hop to this server (a pooler hides its clients)"
        )
    if cannot_recur(case):
        return passed("no client session seen, and the server refuses plaintext")
    return unknown("no client session seen")


def cannot_recur(case: DatabaseEvidence) -> bool:
    """Whether the server lets no session in clear in."""
    return plaintext_refused.evaluate(case).status is Status.PASSED


def specific_remedy(case: DatabaseEvidence) -> str | None:
    """Say whose settings to look at first."""
    if isinstance(case.sessions, Unseen) or not case.sessions.value.clear:
        return None
    who = named(group for group in case.sessions.value.groups if not group.encrypted)
    return f"Look at the TLS settings of the clients in clear ({who}). {_EACH}" if who else None


_EACH = (
    "Give each sslmode=verify-full with the RDS CA bundle, or its driver's equivalent. Once TLS is "
    "forced, it breaks at its next connect unless its own setting is allow; open sessions survive "
    "the switch. Then set rds.force_ssl to 1, so that it cannot come back."
)


CHECK = Check(
    id="sessions-encrypted",
    position=40,
    severity=Severity.HIGH,
    title="all client sessions should be encrypted",
    question="are all client sessions encrypted, on the hop to this server?",
    remedy=(
        "Look at the TLS settings of each client named and set sslmode=verify-full with the RDS "
        "CA bundle, or its driver's equivalent. Once TLS is forced, a client seen in clear breaks "
        "at its next connect unless its own setting is allow; open sessions survive the switch. "
        "Then set rds.force_ssl to 1, so that it cannot come back."
    ),
    evaluate=evaluate,
    specific_remedy=specific_remedy,
    caused_by=("plaintext-refused", "force-ssl"),
    session_based=True,
    cannot_recur=cannot_recur,
)
