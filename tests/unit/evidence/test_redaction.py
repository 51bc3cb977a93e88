import pytest

from rds_tls_audit.evidence.redaction import ClientDetail, redact
from tests.support.builders import clear_session, seen, session_view, tls_session, unseen

VIEW = session_view(
    clear_session(count=3),
    rds_own=(tls_session(role="rdsadmin", application="PostgreSQL JDBC", network="10.0.0.9"),),
    why_partial="the server hides 2 sessions from the role",
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
            id="roles-takes-addresses",
        ),
        pytest.param(
            ClientDetail.NONE,
            (None, None, None),
            (None, None, None),
            id="none-takes-roles-and-applications-too",
        ),
    ],
)
def test_of_clients_only_what_is_allowed_leaves(
    detail: ClientDetail,
    client: tuple[str | None, str | None, str | None],
    own: tuple[str | None, str | None, str | None],
) -> None:
    view = redact(seen(VIEW), detail)

    assert view == seen(
        session_view(
            clear_session(role=client[0], application=client[1], network=client[2], count=3),
            rds_own=(tls_session(role=own[0], application=own[1], network=own[2]),),
            why_partial="the server hides 2 sessions from the role",
            groups_cut=4,
        )
    )


@pytest.mark.parametrize("detail", ClientDetail)
def test_what_was_not_seen_stays_so(detail: ClientDetail) -> None:
    assert redact(unseen("denied"), detail) == unseen("denied")
