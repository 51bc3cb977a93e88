"""Why a login failed, by the SQLSTATE and by what we came with; the server's words decide nothing.

SQLSTATEs: https://www.postgresql.org/docs/current/errcodes-appendix.html
"""

from rds_tls_audit.evidence.credentials import Credentials

_WRONG_PASSWORD, _NOT_AUTHORIZED = "28P01", "28000"
_NO_SUCH_DATABASE, _NOT_PRIVILEGED, _TAKES_NOBODY = "3D000", "42501", "55000"
ANOTHER_DATABASE_MAY_DO = frozenset({_NO_SUCH_DATABASE, _NOT_PRIVILEGED, _TAKES_NOBODY})

_REASONS = {
    _NO_SUCH_DATABASE: "the database does not exist: name another in a tag",
    _NOT_PRIVILEGED: "the role may not connect to the database: grant CONNECT on it",
    "53300": (
        "the connection limit of the role, of the database or of the server is reached: end "
        "sessions or raise the limit"
    ),
    "57P03": "the server is starting up or shutting down: look again later",
    "57P01": "the server is shutting down: look again later",
    _TAKES_NOBODY: "the database takes no connections (ALLOW_CONNECTIONS): name another in a tag",
}


def explain_login_failure(sqlstate: str, credentials: Credentials, *, after_login: bool) -> str:
    """Say what the refusal of a login means, and what to do.

    Args:
        sqlstate: as the server gave it.
        credentials: what we came with.
        after_login: whether the server had let us in before, so that it was something that runs
            on login.
    """
    if after_login:
        return (
            "a login event trigger of the database refuses us: let it pass this role, or name "
            "another database in the tag rds-tls-audit:database"
        )
    if sqlstate == _WRONG_PASSWORD:
        return _wrong_password(credentials)
    if sqlstate == _NOT_AUTHORIZED:
        return _not_authorized(credentials)
    return _REASONS.get(sqlstate, "the server refuses")


def _wrong_password(credentials: Credentials) -> str:
    if credentials.iam_resource is None:
        return (
            f"the password is wrong or has ended ({credentials.source}), or the role does not exist"
        )
    # The server takes the token for a password: no line for members of rds_iam matched.
    return "the role does not exist, or lacks rds_iam: create it, and grant rds_iam to it"


def _not_authorized(credentials: Credentials) -> str:
    if credentials.iam_resource is None:
        return (
            "the role has NOLOGIN, is a member of rds_iam and so takes IAM tokens alone, or no "
            "line of pg_hba.conf matches it"
        )
    return (
        f"IAM refuses the token: allow the probe rds-db:connect on {credentials.iam_resource}; "
        "or the role has NOLOGIN"
    )
