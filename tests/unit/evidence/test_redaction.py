import pytest

from rds_tls_audit.evidence.redaction import ClientDetail, redact
from tests.support.builders import plaintext_session, seen, session_view, tls_session, unseen

VIEW = session_view(
    plaintext_session(count=3),
    rds_own=(tls_session(role="rdsadmin", application="PostgreSQL JDBC", network="10.0.0.9"),),
    why_partial="the server hides 2 sessions from the audit's role",
    groups_cut=4,
)


@pytest.mark.parametrize(
    ("detail", "client", "own"),
    [
        pytest.param(
            ClientDetail.FULL,
            ("orders_app", "web", "10.0.1.7"),
            ("rdsadmin", "PostgreSQL JDBC", "10.0.0.9"),
            id="full-keeps-all",
        ),
        pytest.param(
            ClientDetail.ROLES,
            ("orders_app", "web", None),
            ("rdsadmin", "PostgreSQL JDBC", None),
            id="roles-removes-addresses",
        ),
        pytest.param(
            ClientDetail.NONE,
            (None, None, None),
            (None, None, None),
            id="none-also-removes-roles-and-applications",
        ),
    ],
)
def test_only_the_allowed_details_of_clients_remain(
    detail: ClientDetail,
    client: tuple[str | None, str | None, str | None],
    own: tuple[str | None, str | None, str | None],
) -> None:
    view = redact(seen(VIEW), detail)

    assert view == seen(
        session_view(
            plaintext_session(role=client[0], application=client[1], network=client[2], count=3),
            rds_own=(tls_session(role=own[0], application=own[1], network=own[2]),),
            why_partial="the server hides 2 sessions from the audit's role",
            groups_cut=4,
        )
    )


@pytest.mark.parametrize("detail", ClientDetail)
def test_unseen_sessions_stay_unseen(detail: ClientDetail) -> None:
    assert redact(unseen("denied"), detail) == unseen("denied")
