"""The configuration of a database: its deciding parameter group, as the RDS API describes it.

The deciding parameter group is the group whose `rds.force_ssl` applies to the database: the DB
cluster parameter group for cluster members, otherwise the DB parameter group.
"""

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
"""The parameters that the audit reads from a group, in one filtered call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One parameter of a group. Field names are the stored format."""

    value: str | None
    """None if the group shows no value; then the server uses its own default."""
    source: str
    """The origin of the value: `user`, `system`, or `engine-default`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupKey:
    """The identity of a DB parameter group or DB cluster parameter group.

    Field names are the stored format.
    """

    name: str
    of_cluster: bool

    @property
    def is_default(self) -> bool:
        """Whether this is a default group of RDS, which cannot be modified."""
        return self.name.startswith("default.")

    def __str__(self) -> str:
        """The name as verdicts and findings show it; findings store it, so it never changes."""
        return f"{'cluster parameter group' if self.of_cluster else 'parameter group'} {self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterGroup:
    """The parameters of `PARAMETER_NAMES` that a group lists. Field names are the stored format."""

    key: GroupKey
    parameters: Mapping[str, Parameter]


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupUsers:
    """The other instances and clusters that use a group.

    Only a few are named, because every target carries them. Field names are the stored format.
    """

    names: tuple[str, ...] = ()
    more: int = 0
    members_left_out: tuple[str, ...] = ()
    """The members of the same cluster that are out of the audit's scope."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """The configuration of one database, from the RDS API. Field names are the stored format."""

    group: Observed[ParameterGroup]
    sharing: GroupUsers | None = None
    """The other databases that the group decides for; None if they are not known."""
    authority: Observed[CertificateAuthority]
    """The CA that `CACertificateIdentifier` names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A database with its configuration, as a batch carries it from discover to publish.

    Field names are the stored format.
    """

    database: Database
    configuration: Configuration
    dial: Endpoint | None = None
    """The address to connect to instead of the endpoint, for example a tunnel."""


def describe_babelfish_limitation(group: ParameterGroup) -> str:
    """Return a note that the audit does not cover the Babelfish port, or "" if Babelfish is off."""
    status = group.parameters.get(BABELFISH)
    if status is None or status.value != "on":
        return ""
    tls = group.parameters.get(BABELFISH_TLS)
    value = tls.value if tls and tls.value else "not shown"
    return f"; this does not cover the Babelfish port, where {BABELFISH_TLS} is {value}"


def deciding_group(database: Database) -> GroupKey | None:
    """Return the group whose `rds.force_ssl` applies to a database.

    For every cluster member, that is the DB cluster parameter group: the DB parameter group of the
    instance has no effect on it (AWS documentation, "Working with parameter groups for DB
    clusters").

    Returns:
        None if RDS did not list the cluster, or if it is a Limitless Database.
    """
    if database.cluster is None:
        return GroupKey(name=database.parameter_group, of_cluster=False)
    if database.cluster.parameter_group is None or database.cluster.limitless:
        return None
    return GroupKey(name=database.cluster.parameter_group, of_cluster=True)
