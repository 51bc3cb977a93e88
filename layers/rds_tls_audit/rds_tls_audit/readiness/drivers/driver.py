"""What is known about the TLS behavior of one PostgreSQL client."""

from dataclasses import dataclass

CA = "global-bundle.pem"
"""The file name of the RDS CA bundle on the client."""

BUNDLE = f"https://truststore.pki.rds.amazonaws.com/global/{CA}"
"""The address of the bundle; GovCloud and China have their own."""

STALE_ROOT = (
    "if a TLS attempt of sslmode=prefer fails, the client silently continues without TLS, and "
    "fails once TLS is forced; causes are a stale ~/.postgresql/root.crt, a client certificate "
    "that can't be read, and TLS below 1.2"
)
ENDPOINT_NAME = (
    "full verification requires the endpoint's own name as the host: a CNAME or an IP address fails"
)
VERIFIES_NOTHING = "satisfies a server that forces TLS, but verifies nothing"
"""Follows the name of a setting."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Driver:
    """A driver, a framework, or a tool."""

    name: str
    applications: tuple[str, ...] = ()
    """The application names that it sets."""
    prefixes: tuple[str, ...] = ()
    """The beginnings of application names that it sets."""
    unnamed: bool = False
    """Whether it leaves the application name empty, passes on another program's name, or is not
    known to set one."""
    falls_back_to_tls: bool | None
    """Whether it retries with TLS when it is set to `allow` and plaintext is refused; None if
    unknown."""
    plaintext_by_default: bool
    """Whether it uses plaintext without any setting, in some version that is still in use."""
    plaintext_when: str
    """The likeliest causes of a session without TLS."""
    verify_full: str
    """The setting that verifies the server's certificate and name."""
    pitfalls: tuple[str, ...] = ()

    def matches(self, application: str) -> bool:
        """Whether a client with this application name may use the driver."""
        return application in self.applications or application.startswith(self.prefixes)
