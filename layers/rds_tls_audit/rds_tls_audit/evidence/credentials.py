"""A role and its password or token; neither shows in a repr, a log or an error."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What to log in with, over verified TLS only."""

    role: str
    password: str = field(repr=False)
    source: str
    """For people: `the IAM token`, `the secret NAME`."""
    iam_resource: str | None = None
    """What IAM has to allow rds-db:connect on; None where no token is used."""
