from dataclasses import replace

import pytest

from rds_tls_audit.evidence.observation import SessionsOpened, SessionView
from rds_tls_audit.evidence.session_merge import merge_views
from tests.support.builders import plaintext_session, session_view, tls_session

WEB = tls_session(role="web", count=5)
MORE_WEB = replace(WEB, count=8)
PSQL = plaintext_session(role="psql", count=1)
CRON = plaintext_session(role="cron", count=2)


@pytest.mark.parametrize(
    ("views", "expected"),
    [
        pytest.param([session_view(WEB)], session_view(WEB), id="one"),
        pytest.param(
            [session_view(WEB), session_view(MORE_WEB)],
            session_view(MORE_WEB, samples=2),
            id="at-the-highest-count",
        ),
        pytest.param(
            [session_view(MORE_WEB), session_view(WEB)],
            session_view(MORE_WEB, samples=2),
            id="in-any-order",
        ),
        pytest.param(
            [session_view(WEB, PSQL), session_view(WEB)],
            session_view(PSQL, WEB, samples=2),
            id="plaintext-once-is-kept-and-first",
        ),
        pytest.param(
            [session_view(PSQL), session_view(CRON)],
            session_view(PSQL, CRON, total=2, clear=2, samples=2),
            id="totals-of-the-fullest-and-the-worst-sample",
        ),
        pytest.param(
            [session_view(PSQL), session_view(WEB)],
            session_view(PSQL, WEB, total=5, clear=1, samples=2),
            id="plaintext-in-one-and-fullest-in-another",
        ),
        pytest.param(
            [session_view(), session_view(), session_view()],
            session_view(samples=3),
            id="no-client-three-times",
        ),
        pytest.param(
            [session_view(WEB), session_view(WEB, why_partial="hidden"), session_view(WEB)],
            session_view(WEB, why_partial="hidden", samples=3),
            id="one-partial-makes-all-partial",
        ),
        pytest.param(
            [session_view(WEB, groups_cut=3), session_view(WEB, groups_cut=1)],
            session_view(WEB, groups_cut=3, samples=2),
            id="cut-at-worst",
        ),
        pytest.param(
            [session_view(rds_own=(WEB,)), session_view(rds_own=(MORE_WEB,))],
            session_view(rds_own=(MORE_WEB,), samples=2),
            id="rds-own-sessions-in-the-same-way",
        ),
    ],
)
def test_a_client_that_was_seen_in_any_sample_is_kept(
    views: list[SessionView], expected: SessionView
) -> None:
    assert merge_views(views) == expected


def test_opened_sessions_and_ages_come_from_the_last_sample() -> None:
    first, last = (
        replace(session_view(WEB), opened=SessionsOpened(count=count, since=None), ages=ages)
        for count, ages in ((7, ((0, 1), (3, 2))), (9, ((0, 2),)))
    )

    both = merge_views([first, last])

    assert (both.opened, both.ages) == (last.opened, last.ages)


def test_sessions_with_another_cipher_suite_are_another_group() -> None:
    old = replace(WEB, tls_version="TLSv1.2", cipher="AES256-SHA")

    assert set(merge_views([session_view(WEB), session_view(old)]).groups) == {WEB, old}
