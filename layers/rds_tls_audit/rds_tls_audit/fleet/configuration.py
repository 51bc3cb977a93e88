"""The configured truth: the parameter group that decides, as the RDS API reads it."""

from collections.abc import Mapping
from dataclasses import dataclass

from rds_tls_audit.evidence.observed import Observed
from rds_tls_audit.fleet.certificate_authority import CertificateAuthority
from rds_tls_audit.fleet.database import Database, Endpoint

FORCE_SSL = "rds.force_ssl"
MIN_PROTOCOL = "ssl_min_protocol_version"
SSL_CIPHERS = "ssl_ciphers"
BABELFISH = "rds.babelfish_status"
BABELFISH_TLS = "babelfishpg_tds.tds_ssl_encrypt"
PARAMETER_NAMES = (
    FORCE_SSL,
    MIN_PROTOCOL,
    "ssl_max_protocol_version",
    SSL_CIPHERS,
    BABELFISH,
    BABELFISH_TLS,
)
"""All that is asked of a parameter group, in one filtered call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One parameter of a group."""

    value: str | None
    """None where the group shows no value: the server's own default holds, whatever it is."""
    source: str
    """`user`, `system` or `engine-default`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupKey:
    """Which parameter group: a DB cluster's, or a DB instance's, by name."""

    name: str
    of_cluster: bool

    @property
    def is_default(self) -> bool:
        """Whether RDS made it, so that nobody can change it."""
        return self.name.startswith("default.")

    def __str__(self) -> str:
        """As people call it."""
        return f"{'cluster parameter group' if self.of_cluster else 'parameter group'} {self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterGroup:
    """The parameters of `PARAMETER_NAMES` that a group lists."""

    key: GroupKey
    parameters: Mapping[str, Parameter]


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupUsers:
    """Other instances and clusters that use a group: a few names, since every target has them."""

    names: tuple[str, ...] = ()
    more: int = 0
    members_left_out: tuple[str, ...] = ()
    """Members of the same cluster that are out of the audit's scope."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """What the RDS API says of one database."""

    group: Observed[ParameterGroup]
    sharing: GroupUsers | None = None
    """Who else the group decides for; None where that is not known."""
    authority: Observed[CertificateAuthority]
    """The CA that `CACertificateIdentifier` names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A database with its configuration: what a batch carries from discover to publish."""

    database: Database
    configuration: Configuration
    dial: Endpoint | None = None
    """Where to connect in place of the endpoint (a tunnel)."""


def babelfish_note(group: ParameterGroup) -> str:
    """Say what stays unsaid where Babelfish listens too: nothing of ours looks at its port."""
    status = group.parameters.get(BABELFISH)
    if status is None or status.value != "on":
        return ""
    tls = group.parameters.get(BABELFISH_TLS)
    value = tls.value if tls and tls.value else "not shown"
    return f"; nothing is said of Babelfish's own port, where {BABELFISH_TLS} is {value}"


def deciding_group(database: Database) -> GroupKey | None:
    """The group whose `rds.force_ssl` decides; None of a cluster not listed, or of Limitless.

    For every cluster member that is the cluster's group; the instance's says nothing about it
    (AWS documentation, "Working with parameter groups for DB clusters").
    """
    if database.cluster is None:
        return GroupKey(name=database.parameter_group, of_cluster=False)
    if database.cluster.parameter_group is None or database.cluster.limitless:
        return None
    return GroupKey(name=database.cluster.parameter_group, of_cluster=True)
