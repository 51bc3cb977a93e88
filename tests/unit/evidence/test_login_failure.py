"""The SQLSTATE and what we came with say why a login failed, and what to do."""

import pytest

from rds_tls_audit.evidence.credentials import Credentials
from rds_tls_audit.evidence.login_failure import ANOTHER_DATABASE_MAY_DO, explain_login_failure

PHRASE = "correct-horse-battery-staple"
RESOURCE = "arn:aws:rds-db:eu-central-1:123456789012:dbuser:db-ORDERS/rds_tls_audit"
SECRET = Credentials(role="rds_tls_audit", password=PHRASE, source="the secret audit")
TOKEN = Credentials(
    role="rds_tls_audit", password=PHRASE, source="the IAM token", iam_resource=RESOURCE
)
FOR_BOTH = {
    "no-such-database": ("3D000", ("does not exist", "tag")),
    "no-connect": ("42501", ("may not connect", "grant CONNECT")),
    "connection-limit": ("53300", ("the role, of the database or of the server",)),
    "starting-up": ("57P03", ("starting up or shutting down", "look again later")),
    "shutting-down": ("57P01", ("shutting down",)),
    "takes-no-connections": ("55000", ("ALLOW_CONNECTIONS", "tag")),
    "another": ("XX000", ("the server refuses",)),
    "none": ("missing", ("the server refuses",)),
    "empty": ("", ("the server refuses",)),
}
APART = [
    pytest.param(
        *("28P01", SECRET, ("password is wrong or has ended (the secret audit)", "not exist")),
        id="wrong-password-secret",
    ),
    pytest.param("28P01", TOKEN, ("lacks rds_iam", "does not exist"), id="wrong-password-token"),
    pytest.param(
        *("28000", SECRET, ("NOLOGIN", "member of rds_iam", "pg_hba.conf")),
        id="not-authorized-secret",
    ),
    pytest.param(
        *("28000", TOKEN, (f"allow the probe rds-db:connect on {RESOURCE};", "NOLOGIN")),
        id="not-authorized-token",
    ),
    *(
        pytest.param(sqlstate, credentials, parts, id=f"{name}-{kind}")
        for name, (sqlstate, parts) in FOR_BOTH.items()
        for kind, credentials in (("secret", SECRET), ("token", TOKEN))
    ),
]


@pytest.mark.parametrize(("sqlstate", "credentials", "parts"), APART)
def test_a_refusal_is_told_by_its_sqlstate_and_by_what_we_came_with(
    sqlstate: str, credentials: Credentials, parts: tuple[str, ...]
) -> None:
    why = explain_login_failure(sqlstate, credentials, after_login=False)

    assert [part for part in parts if part not in why] == []
    assert PHRASE not in why


@pytest.mark.parametrize("sqlstate", ["28P01", "28000", "42501", "P0001", "XX000"])
@pytest.mark.parametrize("credentials", [SECRET, TOKEN], ids=["secret", "token"])
def test_what_refuses_once_we_are_in_runs_on_login_whatever_it_says(
    sqlstate: str, credentials: Credentials
) -> None:
    why = explain_login_failure(sqlstate, credentials, after_login=True)

    assert "login event trigger" in why
    assert "rds-tls-audit:database" in why
    assert PHRASE not in why


@pytest.mark.parametrize("sqlstate", ["28P01", "28000", "53300", "57P03", "XX000", ""])
def test_what_is_no_fault_of_the_database_is_not_tried_again_in_another(sqlstate: str) -> None:
    assert sqlstate not in ANOTHER_DATABASE_MAY_DO
