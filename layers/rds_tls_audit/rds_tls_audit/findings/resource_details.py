"""The details of a finding's resource: the typed ASFF fields, and what else a reviewer needs.

Fields: https://docs.aws.amazon.com/securityhub/latest/userguide/asff-resources-section.html
"""

from collections.abc import Mapping
from typing import Any

from rds_tls_audit.fleet.arn import Arn
from rds_tls_audit.fleet.configuration import deciding_group
from rds_tls_audit.fleet.database import Database

_CONSOLES = {
    "aws": "console.aws.amazon.com",
    "aws-cn": "console.amazonaws.cn",
    "aws-us-gov": "console.amazonaws-us-gov.com",
}


def cluster_details(database: Database) -> Mapping[str, Any]:
    """Describe the DB cluster of a member."""
    cluster = database.cluster
    if cluster is None:
        return {}
    return {
        "AwsRdsDbCluster": omit_missing(
            DbClusterIdentifier=cluster.id,
            DbClusterResourceId=cluster.resource_id,
            DbClusterParameterGroup=cluster.parameter_group,
            Endpoint=cluster.endpoints[0] if cluster.endpoints else None,
            Engine=database.engine,
            EngineVersion=database.engine_version,
        ),
        "Other": _other(database, cluster.id, is_cluster=True),
    }


def instance_details(database: Database) -> Mapping[str, Any]:
    """Describe a DB instance."""
    cluster, endpoint = database.cluster, database.endpoint
    group = omit_missing(
        DbParameterGroupName=database.parameter_group,
        ParameterApplyStatus=None if cluster else database.apply_status,
    )
    return {
        "AwsRdsDbInstance": omit_missing(
            DBInstanceIdentifier=database.id,
            DbiResourceId=database.resource_id,
            DBInstanceClass=database.instance_class,
            DBClusterIdentifier=cluster and cluster.id,
            Engine=database.engine,
            EngineVersion=database.engine_version,
            DbInstanceStatus=database.status,
            IAMDatabaseAuthenticationEnabled=database.iam_authentication,
            PubliclyAccessible=database.publicly_accessible,
            CACertificateIdentifier=database.ca_id,
            DbParameterGroups=[group] if group else None,
            Endpoint=endpoint and {"Address": endpoint.address, "Port": endpoint.port},
        ),
        "Other": _other(database, database.id, is_cluster=False),
    }


def _other(database: Database, name: str, *, is_cluster: bool) -> Mapping[str, str]:
    return omit_missing(
        Console=_console(database.location, name, is_cluster=is_cluster),
        DecidingParameterGroup=str(deciding_group(database) or ""),
        ApplyStatus=database.apply_status,
    )


def _console(location: Arn, name: str, *, is_cluster: bool) -> str | None:
    host = _CONSOLES.get(location.partition)
    flag = str(is_cluster).lower()
    return (
        host
        and f"https://{location.region}.{host}/rds/home?region={location.region}"
        f"#database:id={name};is-cluster={flag}"
    )


def omit_missing(**fields: object) -> dict[str, Any]:
    """Return the fields without those that RDS did not return."""
    return {name: value for name, value in fields.items() if value not in (None, "")}
