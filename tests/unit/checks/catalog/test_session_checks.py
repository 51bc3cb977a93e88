"""What the two checks of client sessions have in common; what differs is in a file for each."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from rds_tls_audit.checks.catalog import sessions_encrypted, sessions_modern_tls
from rds_tls_audit.checks.check import Check
from rds_tls_audit.checks.database_evidence import DatabaseEvidence
from rds_tls_audit.checks.verdict import Status
from rds_tls_audit.evidence.observation import RDS_ROLES, SessionGroup, SessionView
from rds_tls_audit.evidence.observed import Observed
from tests.support.builders import (
    offer_outcome,
    plaintext_session,
    seen,
    session_view,
    tls_session,
    unseen,
)
from tests.support.empty_evidence import empty_evidence

type EvidenceOf = Callable[[Observed[SessionView]], DatabaseEvidence]

REFUSED = seen(offer_outcome(accepted=False))
HIDDEN = "the server hides 3 sessions from the role"
PLAINTEXT = plaintext_session()
OUTDATED = tls_session(tls_version="TLSv1.1", cipher="ECDHE-RSA-AES256-SHA")


def plaintext_refused(sessions: Observed[SessionView]) -> DatabaseEvidence:
    return empty_evidence(sessions=sessions, plaintext=REFUSED)


def outdated_tls_refused(sessions: Observed[SessionView]) -> DatabaseEvidence:
    return empty_evidence(sessions=sessions, legacy_tls=REFUSED, weak_ciphers=REFUSED)


CHECKS = (
    (sessions_encrypted.CHECK, PLAINTEXT, plaintext_refused),
    (sessions_modern_tls.CHECK, OUTDATED, outdated_tls_refused),
)


def rows(
    offending: SessionGroup, refused: EvidenceOf
) -> dict[str, tuple[DatabaseEvidence, Status]]:
    """Return the rows of a check; the server of `refused` refuses a new `offending` session."""
    good = tls_session()

    def view(*groups: SessionGroup, rds_own: tuple[SessionGroup, ...] = ()) -> DatabaseEvidence:
        return empty_evidence(sessions=seen(session_view(*groups, rds_own=rds_own)))

    def partial(*groups: SessionGroup) -> Observed[SessionView]:
        return seen(session_view(*groups, why_partial=HIDDEN))

    return {
        "no-evidence": (empty_evidence(), Status.UNKNOWN),
        "no-sessions-visible-though-refused": (refused(unseen("denied")), Status.UNKNOWN),
        "offending": (view(offending), Status.FAILED),
        "one-of-a-hundred-offending": (view(offending, replace(good, count=99)), Status.FAILED),
        "offending-in-a-partial-view": (
            empty_evidence(sessions=partial(offending)),
            Status.FAILED,
        ),
        "offending-from-before-it-was-refused": (
            refused(seen(session_view(offending))),
            Status.FAILED,
        ),
        "good": (view(good), Status.PASSED),
        "good-in-a-partial-view": (empty_evidence(sessions=partial(good)), Status.UNKNOWN),
        "good-in-a-partial-view-though-refused": (refused(partial(good)), Status.UNKNOWN),
        "no-client": (view(), Status.UNKNOWN),
        "no-client-and-refused": (refused(seen(session_view())), Status.PASSED),
        "no-client-in-a-partial-view-though-refused": (refused(partial()), Status.UNKNOWN),
        "own-roles-of-rds-are-never-evaluated": (
            view(good, rds_own=tuple(replace(offending, role=role) for role in sorted(RDS_ROLES))),
            Status.PASSED,
        ),
        "own-roles-of-rds-are-not-clients": (
            view(rds_own=(replace(good, role="rdsadmin"),)),
            Status.UNKNOWN,
        ),
        "a-role-that-begins-like-one-of-rds-is-evaluated": (
            view(replace(offending, role="rdsadmin2")),
            Status.FAILED,
        ),
    }


@pytest.mark.parametrize(
    ("check", "evidence", "status"),
    [
        pytest.param(check, *row, id=f"{check.id}-{name}")
        for check, offending, refused in CHECKS
        for name, row in rows(offending, refused).items()
    ],
)
def test_one_offending_session_fails_and_a_pass_requires_a_complete_view(
    check: Check, evidence: DatabaseEvidence, status: Status
) -> None:
    assert check.evaluate(evidence).status is status


@pytest.mark.parametrize(
    ("check", "offending"),
    [pytest.param(check, offending, id=check.id) for check, offending, _ in CHECKS],
)
def test_counts_addresses_and_applications_do_not_change_the_fingerprint(
    check: Check, offending: SessionGroup
) -> None:
    groups = (offending, replace(offending, count=8, network="10.9.9.9", application="cron"))
    views = [empty_evidence(sessions=seen(session_view(group))) for group in groups]

    assert len({check.evaluate(view).fingerprint for view in views}) == 1
    assert len({check.evaluate(view).because for view in views}) == len(views)
