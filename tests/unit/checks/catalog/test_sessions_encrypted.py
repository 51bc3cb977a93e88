import pytest

from rds_tls_audit.checks.catalog.sessions_encrypted import (
    cannot_recur,
    evaluate,
    specific_remedy,
)
from rds_tls_audit.checks.database_evidence import DatabaseEvidence
from rds_tls_audit.checks.evaluation import MAX_REMEDY
from rds_tls_audit.checks.verdict import Status
from tests.support.builders import (
    gss_session,
    offer_outcome,
    plaintext_session,
    seen,
    session_view,
    tls_session,
    unseen,
)
from tests.support.empty_evidence import empty_evidence

REFUSED = seen(offer_outcome(accepted=False))
ACCEPTED = seen(offer_outcome(accepted=True))
HIDDEN = "the server hides 3 sessions from the role"


@pytest.mark.parametrize(
    ("evidence", "status"),
    [
        pytest.param(
            empty_evidence(sessions=unseen("denied"), plaintext=ACCEPTED),
            Status.UNKNOWN,
            id="no-sessions-visible-though-plaintext-is-accepted",
        ),
        pytest.param(
            empty_evidence(sessions=seen(session_view(total=4, clear=1, groups_cut=2))),
            Status.FAILED,
            id="unencrypted-by-the-totals-of-a-shortened-list",
        ),
        pytest.param(
            empty_evidence(sessions=seen(session_view(tls_session())), plaintext=ACCEPTED),
            Status.PASSED,
            id="encrypted-though-plaintext-is-accepted",
        ),
        pytest.param(
            empty_evidence(sessions=seen(session_view(gss_session()))), Status.PASSED, id="gss"
        ),
        pytest.param(
            empty_evidence(sessions=seen(session_view(tls_session(tls_version="TLSv1")))),
            Status.PASSED,
            id="outdated-tls-is-for-another-check",
        ),
        pytest.param(
            empty_evidence(sessions=seen(session_view(tls_session(), total=5_000, groups_cut=7))),
            Status.PASSED,
            id="encrypted-by-the-totals-of-a-shortened-list",
        ),
        pytest.param(
            empty_evidence(sessions=seen(session_view()), plaintext=ACCEPTED),
            Status.UNKNOWN,
            id="no-client-and-plaintext-accepted",
        ),
    ],
)
def test_every_session_must_be_encrypted_by_tls_or_gss(
    evidence: DatabaseEvidence, status: Status
) -> None:
    assert evaluate(evidence).status is status


@pytest.mark.parametrize(
    ("evidence", "parts"),
    [
        pytest.param(
            empty_evidence(
                sessions=seen(session_view(plaintext_session(count=2), tls_session(count=5)))
            ),
            ("2 of 7 client sessions", "2 from orders_app (web) at 10.0.1.7"),
            id="unencrypted",
        ),
        pytest.param(
            empty_evidence(
                sessions=seen(
                    session_view(
                        *(plaintext_session(role=f"app{n}", count=9 - n) for n in range(5))
                    )
                )
            ),
            ("35 of 35", "9 from app0", "8 from app1", "7 from app2", "and 2 more clients"),
            id="many-unencrypted",
        ),
        pytest.param(
            empty_evidence(sessions=seen(session_view(tls_session(), why_partial=HIDDEN))),
            (HIDDEN, "1 client session"),
            id="partial",
        ),
        pytest.param(
            empty_evidence(sessions=seen(session_view(tls_session(count=12)))),
            ("12 client sessions", "on the hop to this server"),
            id="encrypted",
        ),
        pytest.param(
            empty_evidence(sessions=unseen("password authentication failed")),
            ("password authentication failed",),
            id="no-login",
        ),
    ],
)
def test_the_verdict_names_and_counts_the_clients(
    evidence: DatabaseEvidence, parts: tuple[str, ...]
) -> None:
    because = evaluate(evidence).because

    assert [part for part in parts if part not in because] == []


def test_the_remedy_names_the_clients_to_change() -> None:
    roles = ("batch", "reports")
    view = session_view(*(plaintext_session(role=role) for role in roles), tls_session())
    remedy = specific_remedy(empty_evidence(sessions=seen(view))) or ""

    assert [role for role in roles if role not in remedy] == []
    assert "orders_app" not in remedy
    assert len(remedy) <= MAX_REMEDY


def test_without_the_name_of_a_client_neither_the_verdict_nor_the_remedy_lists_clients() -> None:
    evidence = empty_evidence(sessions=seen(session_view(total=4, clear=1, groups_cut=2)))

    assert evaluate(evidence).because.startswith("1 of 4 client sessions")
    assert ":" not in evaluate(evidence).because
    assert specific_remedy(evidence) is None


@pytest.mark.parametrize(
    ("evidence", "expected"),
    [
        pytest.param(empty_evidence(), False, id="no-evidence"),
        pytest.param(empty_evidence(plaintext=REFUSED), True, id="refused"),
        pytest.param(empty_evidence(plaintext=ACCEPTED), False, id="accepted"),
    ],
)
def test_an_unencrypted_session_cannot_recur_if_the_server_refuses_plaintext(
    evidence: DatabaseEvidence, *, expected: bool
) -> None:
    assert cannot_recur(evidence) is expected
