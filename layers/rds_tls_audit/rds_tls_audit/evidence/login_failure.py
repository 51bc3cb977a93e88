"""Why a login failed, by the SQLSTATE and the kind of credentials; the server's text is not used.

SQLSTATEs: https://www.postgresql.org/docs/current/errcodes-appendix.html
"""

from rds_tls_audit.evidence.credentials import Credentials

_WRONG_PASSWORD, _NOT_AUTHORIZED = "28P01", "28000"
_NO_SUCH_DATABASE, _NOT_PRIVILEGED, _CONNECTIONS_NOT_ALLOWED = "3D000", "42501", "55000"
TRY_ANOTHER_DATABASE = frozenset({_NO_SUCH_DATABASE, _NOT_PRIVILEGED, _CONNECTIONS_NOT_ALLOWED})
"""The SQLSTATEs that concern one database, so that a login to another one can succeed."""

_NAME_ANOTHER = "name another database in the tag rds-tls-audit:database"
_REASONS = {
    _NO_SUCH_DATABASE: f"the database does not exist; {_NAME_ANOTHER}",
    _NOT_PRIVILEGED: "the role lacks the CONNECT privilege on the database; grant CONNECT to it",
    "53300": (
        "the connection limit of the role, the database, or the server is reached; end sessions "
        "or raise the limit"
    ),
    "57P03": "the server is starting up or shutting down; audit it again later",
    "57P01": "the server is shutting down; audit it again later",
    _CONNECTIONS_NOT_ALLOWED: (
        f"the database does not allow connections (ALLOW_CONNECTIONS); {_NAME_ANOTHER}"
    ),
}


def explain_login_failure(sqlstate: str, credentials: Credentials, *, after_login: bool) -> str:
    """Explain why the server refused a login, and what to do about it.

    Args:
        sqlstate: The SQLSTATE as the server sent it.
        credentials: The credentials that the audit logged in with.
        after_login: Whether the server had accepted the credentials before it refused, so that
            something that runs on login caused the refusal.
    """
    if after_login:
        return (
            "a login event trigger of the database refused the session; change the trigger to "
            f"accept this role, or {_NAME_ANOTHER}"
        )
    if sqlstate == _WRONG_PASSWORD:
        return _explain_wrong_password(credentials)
    if sqlstate == _NOT_AUTHORIZED:
        return _explain_not_authorized(credentials)
    return _REASONS.get(sqlstate, "the server refused the login")


def _explain_wrong_password(credentials: Credentials) -> str:
    if credentials.iam_resource is None:
        return (
            f"the password is wrong or has expired ({credentials.source}), or the role does not "
            "exist; update the password or create the role"
        )
    # The server took the token for a password: no pg_hba.conf line for members of rds_iam matched.
    return (
        "the role does not exist or is not a member of rds_iam; create the role and grant rds_iam "
        "to it"
    )


def _explain_not_authorized(credentials: Credentials) -> str:
    if credentials.iam_resource is None:
        return (
            "the role has NOLOGIN, is a member of rds_iam and can only use IAM tokens, or matches "
            "no line of pg_hba.conf; set LOGIN on the role and revoke rds_iam from it"
        )
    return (
        f"IAM refused the token, or the role has NOLOGIN; allow the probe rds-db:connect on "
        f"{credentials.iam_resource}, or set LOGIN on the role"
    )
