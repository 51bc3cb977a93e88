import pytest

from rds_tls_audit.checks.catalog.sessions_encrypted import cannot_recur, evaluate
from rds_tls_audit.checks.database_evidence import DatabaseEvidence
from rds_tls_audit.checks.verdict import Status
from rds_tls_audit.evidence.observation import OWN_ROLES
from tests.support.builders import (
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


@pytest.mark.parametrize(
    ("case", "status"),
    [
        pytest.param(blank_case(), Status.UNKNOWN, id="blank"),
        pytest.param(
            blank_case(sessions=unseen("denied"), plaintext=REFUSES),
            Status.UNKNOWN,
            id="denied-though-plaintext-is-refused",
        ),
        pytest.param(
            blank_case(sessions=unseen("denied"), plaintext=ACCEPTS),
            Status.UNKNOWN,
            id="denied-though-plaintext-is-accepted",
        ),
        pytest.param(
            blank_case(sessions=seen(session_view(clear_session()))), Status.FAILED, id="clear"
        ),
        pytest.param(
            blank_case(sessions=seen(session_view(clear_session(), tls_session(count=99)))),
            Status.FAILED,
            id="one-of-a-hundred-clear",
        ),
        pytest.param(
            blank_case(sessions=seen(session_view(clear_session(), why_partial=HIDDEN))),
            Status.FAILED,
            id="clear-in-a-partial-view",
        ),
        pytest.param(
            blank_case(sessions=seen(session_view(clear_session())), plaintext=REFUSES),
            Status.FAILED,
            id="clear-from-before-the-switch",
        ),
        pytest.param(
            blank_case(sessions=seen(session_view(total=4, clear=1, groups_cut=2))),
            Status.FAILED,
            id="clear-by-the-totals-of-a-cut-list",
        ),
        pytest.param(
            blank_case(sessions=seen(session_view(tls_session()))), Status.PASSED, id="encrypted"
        ),
        pytest.param(
            blank_case(sessions=seen(session_view(tls_session())), plaintext=ACCEPTS),
            Status.PASSED,
            id="encrypted-though-plaintext-is-accepted",
        ),
        pytest.param(
            blank_case(sessions=seen(session_view(gss_session()))), Status.PASSED, id="gss"
        ),
        pytest.param(
            blank_case(sessions=seen(session_view(tls_session(tls_version="TLSv1")))),
            Status.PASSED,
            id="outdated-tls-is-another-check's",
        ),
        pytest.param(
            blank_case(sessions=seen(session_view(tls_session(), total=5_000, groups_cut=7))),
            Status.PASSED,
            id="cut-list-since-totals-are-never-cut",
        ),
        pytest.param(
            blank_case(sessions=seen(session_view(tls_session(), why_partial=HIDDEN))),
            Status.UNKNOWN,
            id="partial-view-none-clear",
        ),
        pytest.param(
            blank_case(
                sessions=seen(session_view(tls_session(), why_partial=HIDDEN)), plaintext=REFUSES
            ),
            Status.UNKNOWN,
            id="partial-view-though-plaintext-is-refused",
        ),
        pytest.param(
            blank_case(sessions=seen(session_view(why_partial=HIDDEN)), plaintext=REFUSES),
            Status.UNKNOWN,
            id="partial-view-without-a-client",
        ),
        pytest.param(blank_case(sessions=seen(session_view())), Status.UNKNOWN, id="empty"),
        pytest.param(
            blank_case(sessions=seen(session_view()), plaintext=REFUSES),
            Status.PASSED,
            id="empty-and-plaintext-refused",
        ),
        pytest.param(
            blank_case(sessions=seen(session_view()), plaintext=ACCEPTS),
            Status.UNKNOWN,
            id="empty-and-plaintext-accepted",
        ),
        pytest.param(
            blank_case(
                sessions=seen(
                    session_view(
                        tls_session(),
                        rds_own=tuple(clear_session(role=role) for role in sorted(OWN_ROLES)),
                    )
                )
            ),
            Status.PASSED,
            id="rds's-own-roles-in-clear-are-never-judged",
        ),
        pytest.param(
            blank_case(
                sessions=seen(
                    session_view(rds_own=(tls_session(role="rdsadmin"),), why_partial=None)
                )
            ),
            Status.UNKNOWN,
            id="rds's-own-roles-are-no-clients",
        ),
        pytest.param(
            blank_case(sessions=seen(session_view(clear_session(role="rdsadmin2")))),
            Status.FAILED,
            id="a-role-that-begins-like-rds's-is-judged",
        ),
    ],
)
def test_one_session_in_clear_fails_and_to_pass_takes_them_all(
    case: DatabaseEvidence, status: Status
) -> None:
    assert evaluate(case).status is status


@pytest.mark.parametrize(
    ("case", "parts"),
    [
        pytest.param(
            blank_case(sessions=seen(session_view(clear_session(count=2), tls_session(count=5)))),
            ("2 of 7 client sessions in clear", "2 by orders_app (web) at 10.0.1.7"),
            id="clear",
        ),
        pytest.param(
            blank_case(
                sessions=seen(
                    session_view(*(clear_session(role=f"app{n}", count=9 - n) for n in range(5)))
                )
            ),
            ("35 of 35", "9 by app0", "8 by app1", "7 by app2", "and 2 more clients"),
            id="clear-many",
        ),
        pytest.param(
            blank_case(sessions=seen(session_view(tls_session(), why_partial=HIDDEN))),
            (HIDDEN, "1 client session"),
            id="partial",
        ),
        pytest.param(
            blank_case(sessions=seen(session_view(tls_session(count=12)))),
            ("12 client sessions", "on the hop to this server"),
            id="encrypted",
        ),
        pytest.param(
            blank_case(sessions=seen(session_view())), ("no client session seen",), id="empty"
        ),
        pytest.param(
            blank_case(sessions=unseen("password authentication failed")),
            ("password authentication failed",),
            id="no-login",
        ),
    ],
)
def test_the_verdict_names_and_counts_the_clients(
    case: DatabaseEvidence, parts: tuple[str, ...]
) -> None:
    because = evaluate(case).because

    assert [part for part in parts if part not in because] == []


def test_counts_addresses_and_applications_make_no_other_finding() -> None:
    views = (
        session_view(clear_session()),
        session_view(clear_session(count=8, network="10.9.9.9", application="cron")),
    )

    assert len({evaluate(blank_case(sessions=seen(view))).fingerprint for view in views}) == 1


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        pytest.param(blank_case(), False, id="blank"),
        pytest.param(blank_case(plaintext=REFUSES), True, id="refused"),
        pytest.param(blank_case(plaintext=ACCEPTS), False, id="accepted"),
    ],
)
def test_it_is_settled_where_the_server_refuses_plaintext(
    case: DatabaseEvidence, *, expected: bool
) -> None:
    assert cannot_recur(case) is expected
