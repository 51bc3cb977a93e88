"""Do sessions use TLS 1.2 or later and a strong suite?"""

from collections import defaultdict

from rds_tls_audit.checks.catalog import legacy_tls_refused, weak_ciphers_refused
from rds_tls_audit.checks.check import Check
from rds_tls_audit.checks.database_evidence import DatabaseEvidence
from rds_tls_audit.checks.verdict import Severity, Status, Verdict, failed, passed, unknown, warning
from rds_tls_audit.evidence.observation import SessionGroup, SessionView
from rds_tls_audit.evidence.observed import Unseen
from rds_tls_audit.evidence.sessions import named
from rds_tls_audit.protocol.cipher_strength import Strength, strength_of
from rds_tls_audit.text import pluralize


def evaluate(case: DatabaseEvidence) -> Verdict:
    """Judge protocol and suite of the TLS sessions; those in clear are another check's."""
    if isinstance(case.sessions, Unseen):
        return unknown(case.sessions.reason)
    view = case.sessions.value
    by_strength = _by_strength(view)
    broken, dated = by_strength[Strength.BROKEN], by_strength[Strength.DATED]
    if broken:
        return failed(f"outdated TLS in use: {_told(broken)}")
    if dated:
        return warning(f"ageing suites in use: {_told(dated)}")
    if why := _why_not_all(view, by_strength[Strength.UNKNOWN]):
        return unknown(why, known="no outdated TLS in the sessions that are visible")
    listed = sum(group.count for group in by_strength[Strength.MODERN])
    if modern := listed + view.modern_left_out:
        return passed(
            f"{pluralize(modern, 'TLS session')} seen, all with TLS 1.2 or later and a strong suite"
        )
    if cannot_recur(case):
        return passed("no TLS session seen, and the server refuses old protocols and weak suites")
    return unknown("no TLS session seen")


def cannot_recur(case: DatabaseEvidence) -> bool:
    """Whether the server lets neither an old protocol nor a weak suite in."""
    checks = (legacy_tls_refused, weak_ciphers_refused)
    return all(check.evaluate(case).status is Status.PASSED for check in checks)


def _by_strength(view: SessionView) -> dict[Strength, list[SessionGroup]]:
    groups = defaultdict[Strength, list[SessionGroup]](list)
    for group in view.groups:
        # Encrypted without a TLS version is GSS: not TLS, so not judged here.
        if group.encrypted and group.tls_version is not None:
            groups[strength_of(group.tls_version, group.cipher)].append(group)
    return groups


def _why_not_all(view: SessionView, unclear: list[SessionGroup]) -> str | None:
    if view.why_partial:
        return view.why_partial
    if view.groups_cut:
        return f"{pluralize(view.groups_cut, 'group')} of sessions left out of a long list"
    if unclear:
        return f"protocol or suite not recognised: {_told(unclear)}"
    return None


def _told(groups: list[SessionGroup]) -> str:
    suites = sorted({f"{group.tls_version} {group.cipher or 'no suite'}" for group in groups})
    more = f" and {len(suites) - 1} more" if len(suites) > 1 else ""
    return f"{suites[0]}{more}, {named(groups)}"


CHECK = Check(
    id="sessions-modern-tls",
    position=50,
    severity=Severity.MEDIUM,
    title="client sessions should use TLS 1.2 or later and a strong suite",
    question="do sessions use TLS 1.2+ and a strong suite?",
    remedy=(
        "Update the driver or TLS library of each client named; one that settles on TLS 1.1, on "
        "3DES or on a suite without forward secrecy is years old or set so. Then set "
        "ssl_min_protocol_version to TLSv1.2 and, from PostgreSQL 16, narrow ssl_ciphers."
    ),
    evaluate=evaluate,
    caused_by=("legacy-tls-refused", "weak-ciphers-refused", "minimum-protocol"),
    session_based=True,
    cannot_recur=cannot_recur,
)
