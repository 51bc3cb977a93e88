import pytest

from rds_tls_audit.checks.catalog.sessions_modern_tls import cannot_recur, evaluate
from rds_tls_audit.checks.database_evidence import DatabaseEvidence
from rds_tls_audit.checks.verdict import Status
from tests.support.builders import (
    MODERN_SUITE,
    gss_session,
    offer_outcome,
    plaintext_session,
    seen,
    session_view,
    tls_session,
)
from tests.support.empty_evidence import empty_evidence

REFUSED = seen(offer_outcome(accepted=False))
ACCEPTED = seen(offer_outcome(accepted=True))
HIDDEN = "the server hides 3 sessions from the role"


def with_suite(cipher: str | None, tls_version: str = "TLSv1.2") -> DatabaseEvidence:
    return empty_evidence(
        sessions=seen(session_view(tls_session(tls_version=tls_version, cipher=cipher)))
    )


BROKEN = tls_session(tls_version="TLSv1.1", cipher="ECDHE-RSA-AES256-SHA", role="legacy")
DATED = tls_session(tls_version="TLSv1.2", cipher="AES256-GCM-SHA384", role="aging")
UNKNOWN_SUITE = tls_session(tls_version="TLSv1.2", cipher=None)


@pytest.mark.parametrize(
    ("evidence", "status"),
    [
        pytest.param(with_suite("TLS_AES_256_GCM_SHA384", "TLSv1.3"), Status.PASSED, id="tls-1.3"),
        pytest.param(with_suite(MODERN_SUITE), Status.PASSED, id="tls-1.2-equal"),
        pytest.param(with_suite(MODERN_SUITE, "TLSv1.1"), Status.FAILED, id="tls-1.1-one-less"),
        pytest.param(with_suite("AES256-SHA", "TLSv1"), Status.FAILED, id="tls-1.0"),
        pytest.param(with_suite(None, "TLSv1"), Status.FAILED, id="tls-1.0-suite-hidden"),
        pytest.param(with_suite("NULL-SHA256"), Status.FAILED, id="null"),
        pytest.param(with_suite("ADH-AES256-GCM-SHA384"), Status.FAILED, id="anonymous"),
        pytest.param(with_suite("EXP-DES-CBC-SHA"), Status.FAILED, id="export"),
        pytest.param(with_suite("DES-CBC-SHA"), Status.FAILED, id="des"),
        pytest.param(with_suite("ECDHE-RSA-DES-CBC3-SHA"), Status.FAILED, id="3des"),
        pytest.param(with_suite("ECDHE-RSA-RC4-SHA"), Status.FAILED, id="rc4"),
        pytest.param(with_suite("RC4-MD5"), Status.FAILED, id="md5"),
        pytest.param(with_suite("AES256-GCM-SHA384"), Status.WARNING, id="static-rsa"),
        pytest.param(with_suite("ECDHE-RSA-AES256-SHA"), Status.WARNING, id="cbc-sha-1"),
        pytest.param(with_suite("ECDHE-RSA-AES256-SHA384"), Status.PASSED, id="cbc-sha-2"),
        pytest.param(with_suite(None), Status.UNKNOWN, id="suite-hidden"),
        pytest.param(with_suite("TLS_AES_256_GCM_SHA384", "TLSv1.4"), Status.UNKNOWN, id="new"),
        pytest.param(
            empty_evidence(sessions=seen(session_view(BROKEN, DATED, tls_session(count=50)))),
            Status.FAILED,
            id="the-worst-decides",
        ),
        pytest.param(
            empty_evidence(sessions=seen(session_view(DATED, tls_session(count=50)))),
            Status.WARNING,
            id="one-dated",
        ),
        pytest.param(
            empty_evidence(sessions=seen(session_view(BROKEN, total=5_000, groups_cut=9))),
            Status.FAILED,
            id="broken-in-a-shortened-list",
        ),
        pytest.param(
            empty_evidence(sessions=seen(session_view(DATED, why_partial=HIDDEN))),
            Status.WARNING,
            id="dated-in-a-partial-view",
        ),
        pytest.param(
            empty_evidence(sessions=seen(session_view(tls_session(), total=5_000, groups_cut=9))),
            Status.UNKNOWN,
            id="modern-in-a-shortened-list",
        ),
        pytest.param(
            empty_evidence(sessions=seen(session_view(total=9, modern_left_out=9))),
            Status.PASSED,
            id="modern-left-out-to-save-room",
        ),
        pytest.param(
            empty_evidence(sessions=seen(session_view(DATED, total=10, modern_left_out=9))),
            Status.WARNING,
            id="dated-beside-modern-left-out",
        ),
        pytest.param(
            empty_evidence(sessions=seen(session_view(tls_session(count=50), UNKNOWN_SUITE))),
            Status.UNKNOWN,
            id="one-not-known",
        ),
        pytest.param(
            empty_evidence(sessions=seen(session_view()), legacy_tls=REFUSED),
            Status.UNKNOWN,
            id="no-client-and-only-legacy-tls-refused",
        ),
        pytest.param(
            empty_evidence(sessions=seen(session_view()), weak_ciphers=REFUSED),
            Status.UNKNOWN,
            id="no-client-and-only-weak-ciphers-refused",
        ),
        pytest.param(
            empty_evidence(
                sessions=seen(session_view()), legacy_tls=ACCEPTED, weak_ciphers=REFUSED
            ),
            Status.UNKNOWN,
            id="no-client-and-legacy-tls-accepted",
        ),
        pytest.param(
            empty_evidence(sessions=seen(session_view()), plaintext=REFUSED),
            Status.UNKNOWN,
            id="no-client-and-only-plaintext-refused",
        ),
        pytest.param(
            empty_evidence(sessions=seen(session_view(plaintext_session()))),
            Status.UNKNOWN,
            id="only-plaintext-is-not-tls",
        ),
        pytest.param(
            empty_evidence(sessions=seen(session_view(plaintext_session(), tls_session()))),
            Status.PASSED,
            id="plaintext-is-for-another-check",
        ),
        pytest.param(
            empty_evidence(sessions=seen(session_view(gss_session()))),
            Status.UNKNOWN,
            id="only-gss-is-not-tls",
        ),
        pytest.param(
            empty_evidence(
                sessions=seen(session_view(gss_session())),
                legacy_tls=REFUSED,
                weak_ciphers=REFUSED,
            ),
            Status.PASSED,
            id="only-gss-and-both-offers-refused",
        ),
    ],
)
def test_the_worst_tls_session_decides_and_a_pass_requires_them_all_to_be_modern(
    evidence: DatabaseEvidence, status: Status
) -> None:
    assert evaluate(evidence).status is status


@pytest.mark.parametrize(
    ("evidence", "parts"),
    [
        pytest.param(
            empty_evidence(sessions=seen(session_view(BROKEN, tls_session(count=3)))),
            ("TLSv1.1 ECDHE-RSA-AES256-SHA", "1 from legacy (web) at 10.0.1.7"),
            id="broken",
        ),
        pytest.param(
            empty_evidence(
                sessions=seen(session_view(BROKEN, tls_session(cipher="RC4-MD5", role="old")))
            ),
            ("TLSv1.1 ECDHE-RSA-AES256-SHA and 1 more", "1 from legacy", "1 from old"),
            id="two-broken-suites",
        ),
        pytest.param(
            empty_evidence(sessions=seen(session_view(DATED))),
            ("TLSv1.2 AES256-GCM-SHA384", "1 from aging"),
            id="dated",
        ),
        pytest.param(
            empty_evidence(sessions=seen(session_view(tls_session(), groups_cut=9))),
            ("9 session groups",),
            id="shortened",
        ),
        pytest.param(
            empty_evidence(sessions=seen(session_view(tls_session(), why_partial=HIDDEN))),
            (HIDDEN,),
            id="partial",
        ),
        pytest.param(
            empty_evidence(sessions=seen(session_view(tls_session(count=12), plaintext_session()))),
            ("12 TLS sessions",),
            id="modern",
        ),
        pytest.param(
            empty_evidence(
                sessions=seen(session_view(tls_session(count=12), total=19, modern_left_out=7))
            ),
            ("19 TLS sessions",),
            id="modern-left-out",
        ),
        pytest.param(
            empty_evidence(sessions=seen(session_view(UNKNOWN_SUITE))),
            ("TLSv1.2 without a cipher suite", "1 from orders_app"),
            id="not-known",
        ),
    ],
)
def test_the_verdict_names_cipher_suites_and_clients(
    evidence: DatabaseEvidence, parts: tuple[str, ...]
) -> None:
    because = evaluate(evidence).because

    assert [part for part in parts if part not in because] == []


@pytest.mark.parametrize(
    ("evidence", "expected"),
    [
        pytest.param(empty_evidence(), False, id="no-evidence"),
        pytest.param(empty_evidence(legacy_tls=REFUSED), False, id="legacy-only"),
        pytest.param(empty_evidence(weak_ciphers=REFUSED), False, id="weak-only"),
        pytest.param(empty_evidence(legacy_tls=REFUSED, weak_ciphers=REFUSED), True, id="both"),
        pytest.param(
            empty_evidence(legacy_tls=ACCEPTED, weak_ciphers=REFUSED), False, id="accepted"
        ),
    ],
)
def test_an_outdated_session_cannot_recur_if_the_server_refuses_both_offers(
    evidence: DatabaseEvidence, *, expected: bool
) -> None:
    assert cannot_recur(evidence) is expected
