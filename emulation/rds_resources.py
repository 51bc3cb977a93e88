"""Describes emulated instances and clusters as RDS does, overriding fields of moto."""

import secrets
import string
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, cast
from weakref import WeakKeyDictionary

from botocore import xform_name
from botocore.model import Shape, StructureShape
from moto.core.utils import get_service_model
from moto.rds.models import DBCluster, DBInstance

from emulation.rds_parameters import parameter_group_family

ACCOUNT = "123456789012"
REGION = "eu-central-1"
VPC = "vpc-0a1b2c3d4e5f60718"
DEFAULT_CA = "rds-ca-rsa2048-g1"

_DNS_SUFFIX = f"c9akciq32rgw.{REGION}.rds.amazonaws.com"
_HOSTED_ZONE = "Z1RLNUO7B9Q6NB"
_CERTIFICATE_VALID_TILL = datetime(2035, 1, 31, 12, tzinfo=UTC)
_RESOURCE_ID_ALPHABET = string.ascii_uppercase + string.digits

# https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DescribeDBInstances.html
INSTANCE_FILTERS = {
    "db-cluster-id": "db_cluster_identifier",
    "db-instance-id": "db_instance_identifier",
    "dbi-resource-id": "DbiResourceId",
    "engine": "engine",
}
CLUSTER_FILTERS = {
    "db-cluster-id": "db_cluster_identifier",
    "db-cluster-resource-id": "DbClusterResourceId",
    "engine": "engine",
}

# The keys are moto's own objects, so a database that is deleted and created again is a new one.
_field_overrides: WeakKeyDictionary[object, dict[str, Any]] = WeakKeyDictionary()


class DescribedResource:
    """An instance or cluster of moto, some of whose fields are overridden."""

    def __init__(self, resource: object, kind: str, fields: dict[str, Any]) -> None:
        self._resource = resource
        known = api_fields(kind)
        # moto's serializer looks for an attribute named like the field's type, then like the field
        # in the API, then as moto spells it. It omits attributes that are None.
        for name in fields.keys() & known.keys():
            setattr(self, name, fields[name])
            type_name = xform_name(known[name].name)
            if hasattr(resource, type_name):
                setattr(self, type_name, fields[name])

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - any field of moto
        return getattr(self._resource, name)


def api_fields(kind: str) -> Mapping[str, Shape]:
    """Return the fields of a DBInstance or a DBCluster in the RDS API, by name."""
    shape = cast("StructureShape", get_service_model("rds").shape_for(kind))
    return shape.members


def field_overrides(resource: object) -> dict[str, Any]:
    """Return the fields that override this resource's own; change them in place."""
    return _field_overrides.setdefault(resource, {})


def describe_instance(instance: DBInstance) -> DescribedResource:
    """Describe an instance as RDS does.

    The override `ParameterApplyStatus` is the apply status of its parameter group. A DB cluster
    parameter group has a status per member: the member's override `DBClusterParameterGroupStatus`.
    """
    overrides = field_overrides(instance)
    overrides.setdefault("DbiResourceId", _new_resource_id())
    group = instance.db_parameter_group_name or _default_parameter_group(instance)
    cluster = getattr(instance, "cluster", None)
    iam = cluster.iam_auth if cluster else instance.enable_iam_database_authentication
    authority = instance.ca_certificate_identifier
    if authority == "rds-ca-default":  # moto's placeholder
        authority = DEFAULT_CA
    fields = {
        "Endpoint": {
            "Address": f"{instance.db_instance_identifier}.{_DNS_SUFFIX}",
            "Port": instance.port,
            "HostedZoneId": _HOSTED_ZONE,
        },
        "DBParameterGroups": [
            {
                "DBParameterGroupName": group,
                "ParameterApplyStatus": overrides.get("ParameterApplyStatus", "in-sync"),
            }
        ],
        "CACertificateIdentifier": authority,
        "CertificateDetails": {"CAIdentifier": authority, "ValidTill": _CERTIFICATE_VALID_TILL},
        "IAMDatabaseAuthenticationEnabled": iam,
        "PubliclyAccessible": bool(instance.publicly_accessible),
        "DBSubnetGroup": getattr(instance, "db_subnet_group", db_subnet_group(VPC)),
    }
    return DescribedResource(instance, "DBInstance", fields | overrides)


def describe_cluster(cluster: DBCluster) -> DescribedResource:
    """Describe a cluster as RDS does, with the status of its parameter group on each member."""
    overrides = field_overrides(cluster)
    group = cluster.parameter_group
    if group == "default.aurora8.0":  # moto's group of each cluster that is created without one
        group = _default_parameter_group(cluster)
    identifier = cluster.db_cluster_identifier
    fields = {
        "DbClusterResourceId": cluster.db_cluster_resource_id,
        "DBClusterParameterGroup": group,
        "Endpoint": f"{identifier}.cluster-{_DNS_SUFFIX}",
        "ReaderEndpoint": f"{identifier}.cluster-ro-{_DNS_SUFFIX}",
        "HostedZoneId": _HOSTED_ZONE,
        "DBClusterMembers": [
            {
                "DBInstanceIdentifier": member.db_instance_identifier,
                "IsClusterWriter": member.is_cluster_writer,
                "DBClusterParameterGroupStatus": field_overrides(member).get(
                    "DBClusterParameterGroupStatus", "in-sync"
                ),
                "PromotionTier": member.promotion_tier,
            }
            for member in cluster.members
        ],
    }
    return DescribedResource(cluster, "DBCluster", fields | overrides)


def db_subnet_group(vpc: str) -> dict[str, Any]:
    """Return a `DBSubnetGroup` in this VPC."""
    return {
        "DBSubnetGroupName": "default",
        "DBSubnetGroupDescription": "default",
        "VpcId": vpc,
        "SubnetGroupStatus": "Complete",
        "Subnets": [],
    }


def filter_resources(
    resources: Iterable[DescribedResource], filters: Iterable[Any], fields: Mapping[str, str]
) -> list[DescribedResource]:
    """Return the resources that match every filter; an identifier in a filter can be an ARN.

    Args:
        resources: The resources to choose from.
        filters: The request's filters.
        fields: The field that each supported filter compares, by the filter's name.

    Raises:
        KeyError: a filter is not supported.

    """
    found = list(resources)
    for requested in filters:
        field = fields[requested["Name"]]
        values = {value.rpartition(":")[2].lower() for value in requested["Values"]}
        found = [resource for resource in found if str(getattr(resource, field)).lower() in values]
    return found


def _default_parameter_group(resource: DBInstance | DBCluster) -> str:
    return f"default.{parameter_group_family(resource.engine, resource.engine_version)}"


def _new_resource_id() -> str:
    return "db-" + "".join(secrets.choice(_RESOURCE_ID_ALPHABET) for _ in range(26))
