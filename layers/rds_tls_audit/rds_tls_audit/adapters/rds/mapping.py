"""Map responses of the RDS API to values of the fleet; raw dicts end here."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from rds_tls_audit.fleet.database import ENGINES, NO_MEMBERS_STATUS, Cluster, Database, Endpoint
from rds_tls_audit.fleet.listing import Listing

if TYPE_CHECKING:
    from mypy_boto3_rds.type_defs import (
        DBClusterTypeDef,
        DBInstanceTypeDef,
        DBParameterGroupStatusTypeDef,
        TagTypeDef,
    )

MAX_ENDPOINTS = 10
"""The number of endpoints of a cluster that are kept."""


def listing(
    instances: "Iterable[DBInstanceTypeDef]",
    clusters: "Iterable[DBClusterTypeDef]",
    *,
    complete: bool,
) -> Listing:
    """Map PostgreSQL instances, each with its cluster, and clusters without members."""
    by_id = {cluster["DBClusterIdentifier"]: cluster for cluster in clusters}
    listed = [instance for instance in instances if instance["Engine"] in ENGINES]
    with_members = {instance.get("DBClusterIdentifier") for instance in listed}
    empty = (by_id[name] for name in by_id.keys() - with_members if _is_empty(by_id[name]))
    return Listing(
        databases=(
            *(_database(instance, by_id) for instance in listed),
            *map(_empty_cluster, sorted(empty, key=lambda cluster: cluster["DBClusterArn"])),
        ),
        complete=complete,
    )


def names_of(instance: "DBInstanceTypeDef") -> set[str]:
    """Return the names of an instance: its identifier and its ARN."""
    return {instance["DBInstanceIdentifier"], instance["DBInstanceArn"]}


def names_of_empty_cluster(cluster: "DBClusterTypeDef") -> set[str]:
    """Return the names of a cluster without members; an empty set if it has members."""
    return (
        {cluster["DBClusterIdentifier"], cluster["DBClusterArn"]} if _is_empty(cluster) else set()
    )


def names_of_cluster(instance: "DBInstanceTypeDef") -> set[str]:
    """Return the names of the cluster of an instance: its identifier and its ARN."""
    cluster_id = instance.get("DBClusterIdentifier")
    return {cluster_id, _cluster_arn(instance, cluster_id)} if cluster_id else set()


def _cluster_arn(instance: "DBInstanceTypeDef", cluster_id: str) -> str:
    prefix = instance["DBInstanceArn"].rpartition(":db:")[0]
    return f"{prefix}:cluster:{cluster_id}"


def _database(
    instance: "DBInstanceTypeDef", clusters: "Mapping[str, DBClusterTypeDef]"
) -> Database:
    cluster_id = instance.get("DBClusterIdentifier")
    groups = instance.get("DBParameterGroups", [])
    group: DBParameterGroupStatusTypeDef = groups[0] if groups else {}
    endpoint = instance.get("Endpoint", {})
    certificate = instance.get("CertificateDetails", {})
    return Database(
        id=instance["DBInstanceIdentifier"],
        arn=instance["DBInstanceArn"],
        resource_id=instance["DbiResourceId"],
        engine=instance["Engine"],
        engine_version=instance.get("EngineVersion", ""),
        status=instance.get("DBInstanceStatus", "unknown"),
        instance_class=instance.get("DBInstanceClass", ""),
        parameter_group=group.get("DBParameterGroupName", ""),
        apply_status=(
            _member_status(instance, clusters.get(cluster_id))
            if cluster_id
            else group.get("ParameterApplyStatus")
        ),
        endpoint=(
            Endpoint(address=endpoint["Address"], port=endpoint["Port"])
            if endpoint.get("Address") and endpoint.get("Port")
            else None
        ),
        cluster=_cluster(instance, cluster_id, clusters.get(cluster_id)) if cluster_id else None,
        vpc_id=instance.get("DBSubnetGroup", {}).get("VpcId"),
        publicly_accessible=instance.get("PubliclyAccessible", False),
        iam_authentication=instance.get("IAMDatabaseAuthenticationEnabled", False),
        db_name=instance.get("DBName"),
        master_role=instance.get("MasterUsername"),
        master_secret=instance.get("MasterUserSecret", {}).get("SecretArn"),
        ca_id=certificate.get("CAIdentifier") or instance.get("CACertificateIdentifier"),
        certificate_valid_till=certificate.get("ValidTill"),
        tags=_tags(instance.get("TagList", ())),
    )


def _is_empty(cluster: "DBClusterTypeDef") -> bool:
    return cluster["Engine"] in ENGINES and not cluster.get("DBClusterMembers")


def _empty_cluster(cluster: "DBClusterTypeDef") -> Database:
    return Database(
        id=cluster["DBClusterIdentifier"],
        arn=cluster["DBClusterArn"],
        resource_id=cluster["DbClusterResourceId"],
        engine=cluster["Engine"],
        engine_version=cluster.get("EngineVersion", ""),
        status=NO_MEMBERS_STATUS,
        instance_class="",
        parameter_group="",
        apply_status=None,
        cluster=_listed_cluster(cluster),
        tags=_tags(cluster.get("TagList", ())),
    )


def _cluster(
    instance: "DBInstanceTypeDef", cluster_id: str, cluster: "DBClusterTypeDef | None"
) -> Cluster:
    if cluster is None:
        return Cluster(id=cluster_id, arn=_cluster_arn(instance, cluster_id))
    return _listed_cluster(cluster)


def _listed_cluster(cluster: "DBClusterTypeDef") -> Cluster:
    scaling = cluster.get("ServerlessV2ScalingConfiguration", {})
    return Cluster(
        id=cluster["DBClusterIdentifier"],
        arn=cluster["DBClusterArn"],
        resource_id=cluster["DbClusterResourceId"],
        parameter_group=cluster["DBClusterParameterGroup"],
        min_capacity=scaling.get("MinCapacity"),
        master_secret=cluster.get("MasterUserSecret", {}).get("SecretArn"),
        endpoints=_endpoints(cluster),
        limitless=cluster.get("ClusterScalabilityType") == "limitless",
    )


def _endpoints(cluster: "DBClusterTypeDef") -> tuple[str, ...]:
    standard = (cluster.get("Endpoint"), cluster.get("ReaderEndpoint"))
    return tuple(filter(None, (*standard, *cluster.get("CustomEndpoints", ()))))[:MAX_ENDPOINTS]


def _member_status(instance: "DBInstanceTypeDef", cluster: "DBClusterTypeDef | None") -> str | None:
    for member in (cluster or {}).get("DBClusterMembers", ()):
        if member.get("DBInstanceIdentifier") == instance["DBInstanceIdentifier"]:
            return member.get("DBClusterParameterGroupStatus")
    return None


def _tags(tags: "Iterable[TagTypeDef]") -> dict[str, str]:
    return {tag["Key"]: tag.get("Value", "") for tag in tags if "Key" in tag}
