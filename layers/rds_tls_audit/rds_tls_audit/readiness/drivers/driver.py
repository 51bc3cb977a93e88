"""How one PostgreSQL client behaves: what a row of the table of drivers says."""

from dataclasses import dataclass

CA = "global-bundle.pem"
"""Where the user has put the RDS CA bundle."""

BUNDLE = f"https://truststore.pki.rds.amazonaws.com/global/{CA}"
"""Where RDS offers it; GovCloud and China have their own."""

STALE_ROOT = (
    "sslmode=prefer goes on in clear without a word when its TLS attempt fails, and so breaks: a "
    "stale ~/.postgresql/root.crt, a client certificate that cannot be read, TLS below 1.2"
)
OWN_NAME = "verifying in full takes the endpoint's own name as host: a CNAME or an IP address fails"
CHECKS_NOTHING = (
    "a setting that only asks for TLS satisfies a server that forces it, but verifies nothing"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Driver:
    """A driver, a framework or a tool."""

    name: str
    applications: tuple[str, ...] = ()
    """The application names that it gives itself."""
    prefixes: tuple[str, ...] = ()
    """How application names of its own begin."""
    unnamed: bool = False
    """Whether it leaves the application name empty, hands on another's, or is not known to set
    one."""
    falls_back_to_tls: bool | None
    """Whether it comes back with TLS when refused in clear and set to `allow`; None: not known."""
    clear_by_default: bool
    """Without any setting, in some version that is in use."""
    plaintext_when: str
    """The likeliest causes of a session in clear."""
    verify_full: str
    """The setting that verifies the server, certificate and name."""
    pitfalls: tuple[str, ...] = ()

    def recognises(self, application: str) -> bool:
        """Whether a client of this name may be it."""
        return application in self.applications or application.startswith(self.prefixes)
