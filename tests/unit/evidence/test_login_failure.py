"""The SQLSTATE and the kind of credentials decide how a failed login is explained."""

import pytest

from rds_tls_audit.evidence.credentials import Credentials
from rds_tls_audit.evidence.login_failure import TRY_ANOTHER_DATABASE, explain_login_failure

PHRASE = "correct-horse-battery-staple"
RESOURCE = "arn:aws:rds-db:eu-central-1:123456789012:dbuser:db-ORDERS/rds_tls_audit"
SECRET = Credentials(role="rds_tls_audit", password=PHRASE, source="the secret audit")
TOKEN = Credentials(
    role="rds_tls_audit", password=PHRASE, source="the IAM token", iam_resource=RESOURCE
)
FOR_BOTH = {
    "no-such-database": ("3D000", ("does not exist", "rds-tls-audit:database")),
    "no-connect": ("42501", ("grant CONNECT",)),
    "connection-limit": ("53300", ("limit of the role, the database, or the server",)),
    "starting-up": ("57P03", ("starting up or shutting down", "again later")),
    "shutting-down": ("57P01", ("shutting down", "again later")),
    "connections-not-allowed": ("55000", ("ALLOW_CONNECTIONS", "rds-tls-audit:database")),
    "another": ("XX000", ("the server refused",)),
    "none": ("missing", ("the server refused",)),
    "empty": ("", ("the server refused",)),
}
FAILURES = [
    pytest.param("28P01", SECRET, ("(the secret audit)", "not exist"), id="wrong-password-secret"),
    pytest.param("28P01", TOKEN, ("grant rds_iam", "not exist"), id="wrong-password-token"),
    pytest.param(
        *("28000", SECRET, ("NOLOGIN", "member of rds_iam", "pg_hba.conf")),
        id="not-authorized-secret",
    ),
    pytest.param(
        *("28000", TOKEN, (f"rds-db:connect on {RESOURCE},", "NOLOGIN")),
        id="not-authorized-token",
    ),
    *(
        pytest.param(sqlstate, credentials, parts, id=f"{name}-{kind}")
        for name, (sqlstate, parts) in FOR_BOTH.items()
        for kind, credentials in (("secret", SECRET), ("token", TOKEN))
    ),
]


@pytest.mark.parametrize(("sqlstate", "credentials", "parts"), FAILURES)
def test_a_failed_login_is_explained_by_its_sqlstate_and_its_credentials(
    sqlstate: str, credentials: Credentials, parts: tuple[str, ...]
) -> None:
    why = explain_login_failure(sqlstate, credentials, after_login=False)

    assert [part for part in parts if part not in why] == []
    assert PHRASE not in why


@pytest.mark.parametrize("sqlstate", ["28P01", "28000", "42501", "P0001", "XX000"])
@pytest.mark.parametrize("credentials", [SECRET, TOKEN], ids=["secret", "token"])
def test_a_refusal_after_the_login_is_put_down_to_a_login_event_trigger(
    sqlstate: str, credentials: Credentials
) -> None:
    why = explain_login_failure(sqlstate, credentials, after_login=True)

    assert "login event trigger" in why
    assert "rds-tls-audit:database" in why
    assert PHRASE not in why


@pytest.mark.parametrize("sqlstate", ["28P01", "28000", "53300", "57P03", "XX000", ""])
def test_a_failure_that_another_database_cannot_fix_is_not_tried_there(sqlstate: str) -> None:
    assert sqlstate not in TRY_ANOTHER_DATABASE
