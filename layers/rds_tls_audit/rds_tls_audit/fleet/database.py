"""The database that is audited: a PostgreSQL DB instance as RDS describes it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from rds_tls_audit.fleet.arn import Arn

ENGINES = ("postgres", "aurora-postgresql")

TAG_SECRET = "rds-tls-audit:secret"  # noqa: S105 - the name of a tag, not a secret
TAG_DATABASE = "rds-tls-audit:database"
TAG_WIRE = "rds-tls-audit:wire"
TAG_SKIP = "rds-tls-audit:skip"
TAG_ACCEPT = "rds-tls-audit:accept"

LIMITLESS_UNSUPPORTED = "the audit does not support Aurora PostgreSQL Limitless Database"

NO_MEMBERS_STATUS = "without members"
"""The status of a cluster that is audited as a database because it has no members."""

# A connection to a template database keeps CREATE DATABASE from using it.
TEMPLATES = ("template0", "template1")

_NOT_CONNECTED = "the probe did not connect: "

# The API has no enumeration of DBInstanceStatus. These are the documented values in which a server
# does not accept connections. With any other value, the probe tries to connect, and reports a
# failure as unseen.
_NOT_CONNECTABLE = frozenset(
    {
        "creating",
        "deleting",
        "stopped",
        "stopping",
        "starting",
        "rebooting",
        "failed",
        "upgrading",
        "restore-error",
        "incompatible-network",
        "incompatible-restore",
        "incompatible-parameters",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """The address and port on which a server listens."""

    address: str
    port: int

    def __str__(self) -> str:
        """`host:port`, with an IPv6 address in brackets."""
        host = f"[{self.address}]" if ":" in self.address else self.address
        return f"{host}:{self.port}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """The Aurora or Multi-AZ DB cluster that a database is a member of.

    Field names are the stored format.
    """

    id: str
    arn: str
    resource_id: str | None = None
    """None if RDS did not list the cluster; then the fields below are not known either."""
    parameter_group: str | None = None
    min_capacity: float | None = None
    """The `ServerlessV2ScalingConfiguration.MinCapacity`, in ACUs."""
    master_secret: str | None = None
    """The ARN of the master user's secret if RDS manages it."""
    endpoints: tuple[str, ...] = ()
    """The cluster, reader, and custom endpoints, which clients use besides those of the members."""
    limitless: bool = False
    """Whether `ClusterScalabilityType` is `limitless`; the audit knows nothing about its shards."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Database:
    """A DB instance, with its cluster if it is a member of one.

    A cluster without members is audited as a database itself, because its configuration applies to
    future members. Field names are the stored format.
    """

    id: str
    arn: str
    resource_id: str
    engine: str
    engine_version: str
    status: str
    instance_class: str
    parameter_group: str
    """The DB parameter group of the instance; it decides only for an instance outside clusters."""
    apply_status: str | None
    """The apply status of the deciding group on this instance: `in-sync`, `pending-reboot`, …"""
    endpoint: Endpoint | None = None
    cluster: Cluster | None = None
    vpc_id: str | None = None
    publicly_accessible: bool = False
    iam_authentication: bool = False
    db_name: str | None = None
    master_role: str | None = None
    master_secret: str | None = None
    ca_id: str | None = None
    certificate_valid_till: datetime | None = None
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def location(self) -> Arn:
        """The partition, Region, and account, from the ARN."""
        return Arn.parse(self.arn)

    @property
    def parameter_group_owner(self) -> str:
        """The id of the cluster or instance that uses the deciding parameter group."""
        return self.id if self.cluster is None else self.cluster.id

    @property
    def major_version(self) -> int:
        """The PostgreSQL major version: 16 for `16.4`; 0 if the version cannot be parsed."""
        major = self.engine_version.split(".", 1)[0]
        return int(major) if major.isdecimal() else 0

    @property
    def database_names(self) -> tuple[str, ...]:
        """The databases to log in to, first choice first; never a template database."""
        tagged = self.tags.get(TAG_DATABASE)
        names = (tagged,) if tagged else ("postgres", self.db_name or "postgres")
        return tuple(dict.fromkeys(name for name in names if name not in TEMPLATES))

    @property
    def wire_off(self) -> bool:
        """Whether the tag of the database turns off the plaintext probe and the TLS offers."""
        return self.tags.get(TAG_WIRE, "").strip().lower() == "off"

    def reason_not_connectable(self, *, wake_paused: bool = False) -> str | None:
        """Return why the probe must not connect to this database, or None if it may."""
        if self.cluster is not None and self.cluster.limitless:
            return LIMITLESS_UNSUPPORTED
        if TAG_SKIP in self.tags:
            return f"{_NOT_CONNECTED}the tag {TAG_SKIP} is set"
        if self._may_be_paused and not wake_paused:
            return (
                f"{_NOT_CONNECTED}the database may be paused, and connecting would resume and bill "
                "it; set WAKE_PAUSED_DATABASES to true to connect anyway"
            )
        if self.status == NO_MEMBERS_STATUS:
            return f"{_NOT_CONNECTED}the cluster has no members"
        if self.status in _NOT_CONNECTABLE or self.status.startswith("inaccessible-"):
            return f"{_NOT_CONNECTED}the database's status is {self.status}"
        if self.endpoint is None:
            return f"{_NOT_CONNECTED}RDS lists no endpoint for it (status {self.status})"
        return None

    @property
    def _may_be_paused(self) -> bool:
        # RDS shows a paused member as `available`, and any connection attempt, even a failed one,
        # resumes it and bills at least five minutes.
        return (
            self.instance_class == "db.serverless"
            and self.cluster is not None
            and (self.cluster.min_capacity == 0 or self.cluster.resource_id is None)
        )
