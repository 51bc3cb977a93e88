"""A role and its password or token, which never appears in a repr, a log, or an error."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """The credentials of a login; they are sent only over verified TLS."""

    role: str
    password: str = field(repr=False)
    source: str
    """The origin of the password, as reasons show it: `the IAM token`, `the secret NAME`."""
    iam_resource: str | None = None
    """The ARN on which IAM must allow rds-db:connect; None if the password is not a token."""
