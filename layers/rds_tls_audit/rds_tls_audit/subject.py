"""What a finding is about: the instance, or for some checks its whole cluster."""

from dataclasses import dataclass

from rds_tls_audit.check import Check
from rds_tls_audit.database import Cluster, Database


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """The resource that carries the finding."""

    id: str
    arn: str
    resource_id: str | None
    """None where RDS did not list the cluster: there is no finding then."""
    is_cluster: bool


def subject_of(check: Check, database: Database) -> Subject:
    """The cluster for a check that is per cluster, else the instance."""
    about: Database | Cluster = database
    if check.per_cluster and database.cluster is not None:
        about = database.cluster
    return Subject(
        id=about.id,
        arn=about.arn,
        resource_id=about.resource_id,
        is_cluster=isinstance(about, Cluster),
    )
