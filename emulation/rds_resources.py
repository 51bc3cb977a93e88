"""How the emulated instances and clusters look in replies: moto's fields, and ours over them."""

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

from emulation.rds_parameters import family_of

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

# Keyed by moto's own objects: a database that is deleted and made again is another one.
_own_fields: WeakKeyDictionary[object, dict[str, Any]] = WeakKeyDictionary()


class Shown:
    """One instance or cluster as moto has it, with fields of ours over moto's."""

    def __init__(self, resource: object, kind: str, fields: dict[str, Any]) -> None:
        self._resource = resource
        known = members(kind)
        # moto's serializer looks for the name of a field's type, then for the field's name in
        # the API, then for moto's own spelling; it leaves out what is None.
        for name in fields.keys() & known.keys():
            setattr(self, name, fields[name])
            type_name = xform_name(known[name].name)
            if hasattr(resource, type_name):
                setattr(self, type_name, fields[name])

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever moto holds
        return getattr(self._resource, name)


def members(kind: str) -> Mapping[str, Shape]:
    """Give the fields that the RDS API has for a DBInstance or a DBCluster."""
    shape = cast("StructureShape", get_service_model("rds").shape_for(kind))
    return shape.members


def own_fields(resource: object) -> dict[str, Any]:
    """Give the fields set on this resource, to be changed in place."""
    return _own_fields.setdefault(resource, {})


def shown_instance(instance: DBInstance) -> Shown:
    """Give an instance as AWS shows it.

    The apply status of its parameter group is settable as `ParameterApplyStatus`; the cluster's
    group has a status per member, settable on the member as `DBClusterParameterGroupStatus`.
    """
    own = own_fields(instance)
    own.setdefault("DbiResourceId", _new_resource_id())
    group = instance.db_parameter_group_name or _default_group(instance)
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
                "ParameterApplyStatus": own.get("ParameterApplyStatus", "in-sync"),
            }
        ],
        "CACertificateIdentifier": authority,
        "CertificateDetails": {"CAIdentifier": authority, "ValidTill": _CERTIFICATE_VALID_TILL},
        "IAMDatabaseAuthenticationEnabled": iam,
        "PubliclyAccessible": bool(instance.publicly_accessible),
        "DBSubnetGroup": getattr(instance, "db_subnet_group", subnet_group(VPC)),
    }
    return Shown(instance, "DBInstance", fields | own)


def shown_cluster(cluster: DBCluster) -> Shown:
    """Give a cluster as AWS shows it, with the status of its parameter group per member."""
    own = own_fields(cluster)
    group = cluster.parameter_group
    if group == "default.aurora8.0":  # what moto gives to every cluster made without a group
        group = _default_group(cluster)
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
                "DBClusterParameterGroupStatus": own_fields(member).get(
                    "DBClusterParameterGroupStatus", "in-sync"
                ),
                "PromotionTier": member.promotion_tier,
            }
            for member in cluster.members
        ],
    }
    return Shown(cluster, "DBCluster", fields | own)


def subnet_group(vpc: str) -> dict[str, Any]:
    """Give a `DBSubnetGroup` in this VPC."""
    return {
        "DBSubnetGroupName": "default",
        "DBSubnetGroupDescription": "default",
        "VpcId": vpc,
        "SubnetGroupStatus": "Complete",
        "Subnets": [],
    }


def matching(
    resources: Iterable[Shown], filters: Iterable[Any], fields: Mapping[str, str]
) -> list[Shown]:
    """Keep what passes every filter of the request; identifiers may be given as ARNs.

    Raises:
        KeyError: a filter that is not in `fields`, which names the field for each.

    """
    kept = list(resources)
    for wanted in filters:
        field = fields[wanted["Name"]]
        values = {value.rpartition(":")[2].lower() for value in wanted["Values"]}
        kept = [resource for resource in kept if str(getattr(resource, field)).lower() in values]
    return kept


def _default_group(resource: DBInstance | DBCluster) -> str:
    return f"default.{family_of(resource.engine, resource.engine_version)}"


def _new_resource_id() -> str:
    return "db-" + "".join(secrets.choice(_RESOURCE_ID_ALPHABET) for _ in range(26))
