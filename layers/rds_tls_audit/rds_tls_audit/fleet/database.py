"""What is audited: a PostgreSQL database instance as RDS describes it."""

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

LIMITLESS_UNSUPPORTED = "Aurora Limitless is not supported"

NO_MEMBERS_STATUS = "without members"
"""The status of a cluster that stands for itself."""

# Connecting to a template keeps CREATE DATABASE from using it.
TEMPLATES = ("template0", "template1")

# DBInstanceStatus has no enumeration; these are the documented ones in which nobody answers.
# Any other status is tried: a failure is then reported as not seen.
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
    """Where a server listens."""

    address: str
    port: int

    def __str__(self) -> str:
        """`host:port`, with an IPv6 address in brackets."""
        host = f"[{self.address}]" if ":" in self.address else self.address
        return f"{host}:{self.port}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """The Aurora or Multi-AZ DB cluster that a database is a member of."""

    id: str
    arn: str
    resource_id: str | None = None
    """None, like what follows, where RDS did not list the cluster."""
    parameter_group: str | None = None
    min_capacity: float | None = None
    """`ServerlessV2ScalingConfiguration.MinCapacity`, in ACUs."""
    master_secret: str | None = None
    """ARN of the master user's secret, where RDS manages it."""
    endpoints: tuple[str, ...] = ()
    """What clients connect by beside the members' own: the cluster's, the reader's, custom ones."""
    limitless: bool = False
    """Aurora Limitless, by `ClusterScalabilityType`: its shards are not what we know."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Database:
    """A database instance; a member of a cluster names its cluster.

    A cluster without members stands for itself: its configuration holds for the members to come.
    """

    id: str
    arn: str
    resource_id: str
    engine: str
    engine_version: str
    status: str
    instance_class: str
    parameter_group: str
    """Of the instance; it decides only where there is no cluster."""
    apply_status: str | None
    """Of the group that decides, on this instance: `in-sync`, `pending-reboot`, …"""
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
        """Partition, Region and account, by the ARN."""
        return Arn.parse(self.arn)

    @property
    def parameter_group_owner(self) -> str:
        """Who uses its parameter group, by id: the cluster, else the instance."""
        return self.id if self.cluster is None else self.cluster.id

    @property
    def major_version(self) -> int:
        """The PostgreSQL major version: 16 of `16.4`; 0 where the version cannot be read."""
        major = self.engine_version.split(".", 1)[0]
        return int(major) if major.isdecimal() else 0

    @property
    def database_names(self) -> tuple[str, ...]:
        """The databases to try to log in to, first choice first; templates never."""
        tagged = self.tags.get(TAG_DATABASE)
        names = (tagged,) if tagged else ("postgres", self.db_name or "postgres")
        return tuple(dict.fromkeys(name for name in names if name not in TEMPLATES))

    @property
    def wire_off(self) -> bool:
        """Whether its tag forbids the plaintext probe and the protocol offers."""
        return self.tags.get(TAG_WIRE, "").strip().lower() == "off"

    def reason_not_connectable(self, *, wake_paused: bool = False) -> str | None:
        """Say why this database must not be connected to, or None where it may."""
        if self.cluster is not None and self.cluster.limitless:
            return LIMITLESS_UNSUPPORTED
        if TAG_SKIP in self.tags:
            return f"not connected to: the tag {TAG_SKIP} is set"
        if self._may_be_paused and not wake_paused:
            return "not connected to: it may be paused; connecting would resume and bill it"
        if self.status == NO_MEMBERS_STATUS:
            return "not connected to: the cluster has no member"
        if self.status in _NOT_CONNECTABLE or self.status.startswith("inaccessible-"):
            return f"not connected to: its status is {self.status}"
        if self.endpoint is None:
            return f"not connected to: RDS gives no endpoint for it (status {self.status})"
        return None

    @property
    def _may_be_paused(self) -> bool:
        # A paused member still reads `available`, and any connection attempt, even one that
        # fails, resumes it and bills at least five minutes.
        return (
            self.instance_class == "db.serverless"
            and self.cluster is not None
            and (self.cluster.min_capacity == 0 or self.cluster.resource_id is None)
        )
