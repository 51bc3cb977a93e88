"""Do client sessions use TLS 1.2 or later and a strong cipher suite?"""

from collections import defaultdict

from rds_tls_audit.checks.catalog import legacy_tls_refused, weak_ciphers_refused
from rds_tls_audit.checks.check import Check
from rds_tls_audit.checks.database_evidence import DatabaseEvidence
from rds_tls_audit.checks.verdict import Severity, Status, Verdict, failed, passed, unknown, warning
from rds_tls_audit.evidence.observation import SessionGroup, SessionView
from rds_tls_audit.evidence.observed import Unseen
from rds_tls_audit.evidence.sessions import list_clients
from rds_tls_audit.protocol.cipher_strength import Strength, classify_strength
from rds_tls_audit.text import pluralize


def evaluate(evidence: DatabaseEvidence) -> Verdict:
    """Evaluate the version and cipher suite of TLS sessions; sessions-encrypted covers the rest."""
    if isinstance(evidence.sessions, Unseen):
        return unknown(evidence.sessions.reason)
    view = evidence.sessions.value
    by_strength = _by_strength(view)
    broken, dated = by_strength[Strength.BROKEN], by_strength[Strength.DATED]
    if broken:
        return failed(f"client sessions use outdated TLS: {_describe(broken)}")
    if dated:
        return warning(f"client sessions use aging cipher suites: {_describe(dated)}")
    if why := _why_incomplete(view, by_strength[Strength.UNKNOWN]):
        return unknown(why, known="none of the visible sessions uses outdated TLS")
    listed = sum(group.count for group in by_strength[Strength.MODERN])
    if modern := listed + view.modern_left_out:
        return passed(
            f"the probe saw {pluralize(modern, 'TLS session')}, all with TLS 1.2 or later and a "
            "strong cipher suite"
        )
    if cannot_recur(evidence):
        return passed(
            "the probe saw no TLS session, and the server refuses TLS 1.1 and earlier and weak "
            "cipher suites"
        )
    return unknown("the probe saw no TLS session")


def cannot_recur(evidence: DatabaseEvidence) -> bool:
    """Whether the server refuses old TLS versions and weak cipher suites."""
    checks = (legacy_tls_refused, weak_ciphers_refused)
    return all(check.evaluate(evidence).status is Status.PASSED for check in checks)


def _by_strength(view: SessionView) -> dict[Strength, list[SessionGroup]]:
    groups = defaultdict[Strength, list[SessionGroup]](list)
    for group in view.groups:
        # An encrypted session without a TLS version uses GSS encryption, which this check ignores.
        if group.encrypted and group.tls_version is not None:
            groups[classify_strength(group.tls_version, group.cipher)].append(group)
    return groups


def _why_incomplete(view: SessionView, unrecognized: list[SessionGroup]) -> str | None:
    if view.why_partial:
        return view.why_partial
    if view.groups_cut:
        return f"{pluralize(view.groups_cut, 'session group')} did not fit into the probe result"
    if unrecognized:
        return f"the audit does not know the TLS version or cipher suite: {_describe(unrecognized)}"
    return None


def _describe(groups: list[SessionGroup]) -> str:
    suites = sorted(
        {f"{group.tls_version} {group.cipher or 'without a cipher suite'}" for group in groups}
    )
    more = f" and {len(suites) - 1} more" if len(suites) > 1 else ""
    return f"{suites[0]}{more}, {list_clients(groups)}"


CHECK = Check(
    id="sessions-modern-tls",
    position=50,
    severity=Severity.MEDIUM,
    title="client sessions should use TLS 1.2 or later and a strong cipher suite",
    question="do client sessions use TLS 1.2 or later and a strong cipher suite?",
    remedy=(
        "Upgrade the driver or TLS library of each client listed. A client that negotiates TLS "
        "1.1, 3DES, or a suite without forward secrecy is outdated or explicitly configured that "
        "way. Then set ssl_min_protocol_version to TLSv1.2 and, on PostgreSQL 16 and later, "
        "restrict ssl_ciphers."
    ),
    evaluate=evaluate,
    caused_by=("legacy-tls-refused", "weak-ciphers-refused", "minimum-protocol"),
    session_based=True,
    cannot_recur=cannot_recur,
)
