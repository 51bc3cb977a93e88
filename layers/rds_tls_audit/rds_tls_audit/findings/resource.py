"""What a finding is about: the instance, for some checks its whole cluster, or the account."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from rds_tls_audit.checks.check import Check
from rds_tls_audit.findings.resource_details import cluster_details, instance_details
from rds_tls_audit.fleet.arn import Arn
from rds_tls_audit.fleet.database import Cluster, Database


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingResource:
    """The resource that carries the finding."""

    id: str
    """As people call it."""
    arn: str
    resource_id: str | None
    """None where RDS did not list the cluster: there is no finding then."""
    type: str
    """As ASFF calls it."""
    location: Arn
    """Partition, Region and account."""
    public: bool = False
    """Whether it may be reached over open networks."""
    tags: Mapping[str, str] = field(default_factory=dict)
    database: Database | None = None
    """The instance, or a member of the cluster; None of an account."""

    @property
    def details(self) -> Mapping[str, Any]:
        """As ASFF has them."""
        if self.database is None:
            return {}
        of = cluster_details if self.is_cluster else instance_details
        return of(self.database)

    @property
    def is_cluster(self) -> bool:
        """Whether it is a cluster as a whole."""
        return self.type == "AwsRdsDbCluster"


def resource_for(check: Check, database: Database) -> FindingResource:
    """The cluster for a check that is per cluster, else the instance."""
    about: Database | Cluster = database
    if check.per_cluster and database.cluster is not None:
        about = database.cluster
    return FindingResource(
        id=about.id,
        arn=about.arn,
        resource_id=about.resource_id,
        type="AwsRdsDbCluster" if isinstance(about, Cluster) else "AwsRdsDbInstance",
        location=database.location,
        public=database.publicly_accessible,
        tags=database.tags,
        database=database,
    )


def account_resource(place: Arn) -> FindingResource:
    """The account, for what is about all of its databases."""
    return FindingResource(
        id=f"account {place.account} in {place.region}",
        arn=f"AWS::::Account:{place.account}",
        resource_id=place.account,
        type="AwsAccount",
        location=place,
    )
