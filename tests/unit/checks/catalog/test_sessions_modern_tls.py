import pytest

from rds_tls_audit.checks.catalog.sessions_modern_tls import cannot_recur, evaluate
from rds_tls_audit.checks.database_evidence import DatabaseEvidence
from rds_tls_audit.checks.verdict import Status
from tests.support.builders import (
    MODERN_SUITE,
    answer,
    clear_session,
    gss_session,
    seen,
    session_view,
    tls_session,
    unseen,
)
from tests.support.empty_evidence import blank_case

REFUSES = seen(answer(accepted=False))
ACCEPTS = seen(answer(accepted=True))
HIDDEN = "3 sessions are hidden from our role (grant pg_monitor)"


def with_suite(cipher: str | None, tls_version: str = "TLSv1.2") -> DatabaseEvidence:
    return blank_case(
        sessions=seen(session_view(tls_session(tls_version=tls_version, cipher=cipher)))
    )


BROKEN = tls_session(tls_version="TLSv1.1", cipher="ECDHE-RSA-AES256-SHA", role="legacy")
DATED = tls_session(tls_version="TLSv1.2", cipher="AES256-GCM-SHA384", role="ageing")
ODD = tls_session(tls_version="TLSv1.2", cipher=None)


@pytest.mark.parametrize(
    ("case", "status"),
    [
        pytest.param(blank_case(), Status.UNKNOWN, id="blank"),
        pytest.param(
            blank_case(sessions=unseen("denied"), legacy_tls=REFUSES, weak_ciphers=REFUSES),
            Status.UNKNOWN,
            id="denied-though-the-wire-refuses",
        ),
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
            blank_case(sessions=seen(session_view(BROKEN, DATED, tls_session(count=50)))),
            Status.FAILED,
            id="the-worst-decides",
        ),
        pytest.param(
            blank_case(sessions=seen(session_view(DATED, tls_session(count=50)))),
            Status.WARNING,
            id="one-dated",
        ),
        pytest.param(
            blank_case(sessions=seen(session_view(BROKEN, why_partial=HIDDEN))),
            Status.FAILED,
            id="broken-in-a-partial-view",
        ),
        pytest.param(
            blank_case(sessions=seen(session_view(BROKEN, total=5_000, groups_cut=9))),
            Status.FAILED,
            id="broken-in-a-cut-list",
        ),
        pytest.param(
            blank_case(
                sessions=seen(session_view(BROKEN)), legacy_tls=REFUSES, weak_ciphers=REFUSES
            ),
            Status.FAILED,
            id="broken-from-before-the-switch",
        ),
        pytest.param(
            blank_case(sessions=seen(session_view(DATED, why_partial=HIDDEN))),
            Status.WARNING,
            id="dated-in-a-partial-view",
        ),
        pytest.param(
            blank_case(sessions=seen(session_view(tls_session(), why_partial=HIDDEN))),
            Status.UNKNOWN,
            id="modern-in-a-partial-view",
        ),
        pytest.param(
            blank_case(sessions=seen(session_view(tls_session(), total=5_000, groups_cut=9))),
            Status.UNKNOWN,
            id="modern-in-a-cut-list",
        ),
        pytest.param(
            blank_case(sessions=seen(session_view(total=9, modern_left_out=9))),
            Status.PASSED,
            id="modern-left-out-to-save-room",
        ),
        pytest.param(
            blank_case(sessions=seen(session_view(DATED, total=10, modern_left_out=9))),
            Status.WARNING,
            id="dated-beside-modern-left-out",
        ),
        pytest.param(
            blank_case(sessions=seen(session_view(tls_session(count=50), ODD))),
            Status.UNKNOWN,
            id="one-not-recognised",
        ),
        pytest.param(blank_case(sessions=seen(session_view())), Status.UNKNOWN, id="empty"),
        pytest.param(
            blank_case(sessions=seen(session_view()), legacy_tls=REFUSES, weak_ciphers=REFUSES),
            Status.PASSED,
            id="empty-and-the-wire-refuses-both",
        ),
        pytest.param(
            blank_case(sessions=seen(session_view()), legacy_tls=REFUSES),
            Status.UNKNOWN,
            id="empty-and-the-wire-refuses-legacy-only",
        ),
        pytest.param(
            blank_case(sessions=seen(session_view()), weak_ciphers=REFUSES),
            Status.UNKNOWN,
            id="empty-and-the-wire-refuses-weak-only",
        ),
        pytest.param(
            blank_case(sessions=seen(session_view()), legacy_tls=ACCEPTS, weak_ciphers=REFUSES),
            Status.UNKNOWN,
            id="empty-and-the-wire-accepts-legacy",
        ),
        pytest.param(
            blank_case(sessions=seen(session_view()), plaintext=REFUSES),
            Status.UNKNOWN,
            id="empty-and-plaintext-refused-is-another-matter",
        ),
        pytest.param(
            blank_case(
                sessions=seen(session_view(why_partial=HIDDEN)),
                legacy_tls=REFUSES,
                weak_ciphers=REFUSES,
            ),
            Status.UNKNOWN,
            id="empty-partial-view",
        ),
        pytest.param(
            blank_case(sessions=seen(session_view(clear_session()))),
            Status.UNKNOWN,
            id="clear-only-is-no-tls",
        ),
        pytest.param(
            blank_case(sessions=seen(session_view(clear_session(), tls_session()))),
            Status.PASSED,
            id="clear-is-another-check's",
        ),
        pytest.param(
            blank_case(sessions=seen(session_view(gss_session()))),
            Status.UNKNOWN,
            id="gss-only-is-no-tls",
        ),
        pytest.param(
            blank_case(
                sessions=seen(session_view(gss_session())),
                legacy_tls=REFUSES,
                weak_ciphers=REFUSES,
            ),
            Status.PASSED,
            id="gss-only-and-the-wire-refuses-both",
        ),
        pytest.param(
            blank_case(
                sessions=seen(
                    session_view(
                        tls_session(), rds_own=(tls_session(role="rdsadmin", tls_version="TLSv1"),)
                    )
                )
            ),
            Status.PASSED,
            id="rds's-own-roles-are-never-judged",
        ),
        pytest.param(
            blank_case(sessions=seen(session_view(tls_session(role="rdsx", tls_version="TLSv1")))),
            Status.FAILED,
            id="a-role-that-begins-like-rds's-is-judged",
        ),
    ],
)
def test_the_worst_tls_session_decides_and_to_pass_takes_them_all(
    case: DatabaseEvidence, status: Status
) -> None:
    assert evaluate(case).status is status


@pytest.mark.parametrize(
    ("case", "parts"),
    [
        pytest.param(
            blank_case(sessions=seen(session_view(BROKEN, tls_session(count=3)))),
            ("outdated TLS", "TLSv1.1 ECDHE-RSA-AES256-SHA", "1 by legacy (web) at 10.0.1.7"),
            id="broken",
        ),
        pytest.param(
            blank_case(
                sessions=seen(session_view(BROKEN, tls_session(cipher="RC4-MD5", role="old")))
            ),
            ("TLSv1.1 ECDHE-RSA-AES256-SHA and 1 more", "1 by legacy", "1 by old"),
            id="two-broken-suites",
        ),
        pytest.param(
            blank_case(sessions=seen(session_view(DATED))),
            ("ageing suites", "TLSv1.2 AES256-GCM-SHA384", "1 by ageing"),
            id="dated",
        ),
        pytest.param(
            blank_case(sessions=seen(session_view(tls_session(), groups_cut=9))),
            ("9 groups of sessions left out",),
            id="cut",
        ),
        pytest.param(
            blank_case(sessions=seen(session_view(tls_session(), why_partial=HIDDEN))),
            (HIDDEN,),
            id="partial",
        ),
        pytest.param(
            blank_case(sessions=seen(session_view(tls_session(count=12), clear_session()))),
            ("12 TLS sessions",),
            id="modern",
        ),
        pytest.param(
            blank_case(
                sessions=seen(session_view(tls_session(count=12), total=19, modern_left_out=7))
            ),
            ("19 TLS sessions",),
            id="modern-left-out",
        ),
        pytest.param(
            blank_case(sessions=seen(session_view(ODD))),
            ("not recognised", "TLSv1.2 no suite"),
            id="not-recognised",
        ),
    ],
)
def test_the_verdict_names_suites_and_clients(
    case: DatabaseEvidence, parts: tuple[str, ...]
) -> None:
    because = evaluate(case).because

    assert [part for part in parts if part not in because] == []


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        pytest.param(blank_case(), False, id="blank"),
        pytest.param(blank_case(legacy_tls=REFUSES), False, id="legacy-only"),
        pytest.param(blank_case(weak_ciphers=REFUSES), False, id="weak-only"),
        pytest.param(blank_case(legacy_tls=REFUSES, weak_ciphers=REFUSES), True, id="both"),
        pytest.param(blank_case(legacy_tls=ACCEPTS, weak_ciphers=REFUSES), False, id="accepted"),
    ],
)
def test_it_is_settled_where_the_server_refuses_both_offers(
    case: DatabaseEvidence, *, expected: bool
) -> None:
    assert cannot_recur(case) is expected
