"""The resource of a finding: a DB instance, for some checks its DB cluster, or the account."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from rds_tls_audit.checks.check import Check
from rds_tls_audit.findings.resource_details import cluster_details, instance_details
from rds_tls_audit.fleet.arn import Arn
from rds_tls_audit.fleet.database import Cluster, Database


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingResource:
    """The resource of a finding."""

    id: str
    """The name that people use."""
    arn: str
    resource_id: str | None
    """None if RDS did not list the DB cluster; there is no finding then."""
    type: str
    """The ASFF resource type."""
    location: Arn
    """The partition, Region, and account."""
    public: bool = False
    """Whether it is publicly accessible."""
    tags: Mapping[str, str] = field(default_factory=dict)
    database: Database | None = None
    """The DB instance, or a member of the DB cluster; None for an account."""

    @property
    def details(self) -> Mapping[str, Any]:
        """The ASFF resource details."""
        if self.database is None:
            return {}
        describe = cluster_details if self.is_cluster else instance_details
        return describe(self.database)

    @property
    def is_cluster(self) -> bool:
        """Whether it is a DB cluster."""
        return self.type == "AwsRdsDbCluster"


def resource_for(check: Check, database: Database) -> FindingResource:
    """Return the DB cluster if the check is evaluated per cluster, otherwise the DB instance."""
    source: Database | Cluster = database
    if check.per_cluster and database.cluster is not None:
        source = database.cluster
    return FindingResource(
        id=source.id,
        arn=source.arn,
        resource_id=source.resource_id,
        type="AwsRdsDbCluster" if isinstance(source, Cluster) else "AwsRdsDbInstance",
        location=database.location,
        public=database.publicly_accessible,
        tags=database.tags,
        database=database,
    )


def account_resource(location: Arn) -> FindingResource:
    """Return the account, for findings about all of its databases."""
    return FindingResource(
        id=f"account {location.account} in {location.region}",
        arn=f"AWS::::Account:{location.account}",
        resource_id=location.account,
        type="AwsAccount",
        location=location,
    )
