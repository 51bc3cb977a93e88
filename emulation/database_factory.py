"""Creates databases, clusters, and parameter groups in the emulated RDS of an account."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from emulation import moto_rds
from emulation.rds_resources import DEFAULT_CA, VPC, db_subnet_group

_MASTER = {"MasterUsername": "postgres", "MasterUserPassword": "never-used"}


class DatabaseFactory(ABC):
    """The part of an emulated account that creates its RDS resources."""

    @abstractmethod
    def client(self, service: str) -> Any:  # noqa: ANN401 - boto3 types a client by its name
        """Return a boto3 client for the account."""

    def create_parameter_group(
        self, name: str, family: str, parameters: Mapping[str, str], *, cluster: bool = False
    ) -> None:
        """Create a DB parameter group, or a DB cluster parameter group, with these parameters."""
        attributes = {"DBParameterGroupFamily": family, "Description": name}
        if cluster:
            self.client("rds").create_db_cluster_parameter_group(
                DBClusterParameterGroupName=name, **attributes
            )
        else:
            self.client("rds").create_db_parameter_group(DBParameterGroupName=name, **attributes)
        for parameter, value in parameters.items():
            self.set_parameter(name, parameter, value, cluster=cluster)

    def set_parameter(self, group: str, name: str, value: str, *, cluster: bool = False) -> None:
        """Set one parameter of an existing parameter group."""
        change = [{"ParameterName": name, "ParameterValue": value, "ApplyMethod": "immediate"}]
        if cluster:
            self.client("rds").modify_db_cluster_parameter_group(
                DBClusterParameterGroupName=group, Parameters=change
            )
        else:
            self.client("rds").modify_db_parameter_group(
                DBParameterGroupName=group, Parameters=change
            )

    def create_database(  # noqa: PLR0913 - databases can differ in each of these
        self,
        identifier: str,
        *,
        engine: str = "postgres",
        engine_version: str = "16.4",
        group: str | None = None,
        apply_status: str = "in-sync",
        host: str | None = None,
        port: int = 5432,
        iam: bool = False,
        tags: Mapping[str, str] | None = None,
        db_name: str | None = None,
        status: str = "available",
        ca: str = DEFAULT_CA,
        certificate_valid_till: datetime | None = None,
        cluster: str | None = None,
        publicly_accessible: bool = False,
        vpc: str = VPC,
        instance_class: str = "db.t4g.medium",
    ) -> dict[str, Any]:
        """Create a DB instance, and return it as DescribeDBInstances does.

        Without `group`, the instance uses the default parameter group of its family. Without
        `host`, its endpoint has a name like those of RDS. A member of a cluster has the engine,
        version, and IAM authentication of the cluster, and `apply_status` is the status of the
        DB cluster parameter group on this member. `emulation.moto_rds.set_instance_fields` sets
        further fields.
        """
        rds = self.client("rds")
        request: dict[str, Any] = {
            "DBInstanceIdentifier": identifier,
            "DBInstanceClass": instance_class,
            "Port": port,
            "PubliclyAccessible": publicly_accessible,
            "CACertificateIdentifier": ca,
            "Tags": _tags(tags),
        }
        if group:
            request["DBParameterGroupName"] = group
        if cluster:
            described_cluster = rds.describe_db_clusters(DBClusterIdentifier=cluster)["DBClusters"][
                0
            ]
            request |= {"DBClusterIdentifier": cluster, "Engine": described_cluster["Engine"]}
        else:
            request |= {
                "Engine": engine,
                "EngineVersion": engine_version,
                "EnableIAMDatabaseAuthentication": iam,
                "AllocatedStorage": 20,
                **_MASTER,
            }
        if db_name:
            request["DBName"] = db_name
        created = rds.create_db_instance(**request)["DBInstance"]
        fields: dict[str, Any] = {"DBSubnetGroup": db_subnet_group(vpc)}
        if status != created["DBInstanceStatus"]:
            fields["DBInstanceStatus"] = status
        fields["DBClusterParameterGroupStatus" if cluster else "ParameterApplyStatus"] = (
            apply_status
        )
        if host:
            fields["Endpoint"] = created["Endpoint"] | {"Address": host}
        if certificate_valid_till:
            fields["CertificateDetails"] = {"CAIdentifier": ca, "ValidTill": certificate_valid_till}
        moto_rds.set_instance_fields(identifier, **fields)
        return self._describe_instance(identifier)

    def create_cluster(  # noqa: PLR0913 - clusters can differ in each of these
        self,
        identifier: str,
        *,
        engine: str = "aurora-postgresql",
        engine_version: str = "16.4",
        group: str | None = None,
        members: Sequence[str] = (),
        serverless_min_capacity: float | None = None,
        iam: bool = False,
        tags: Mapping[str, str] | None = None,
        port: int = 5432,
        db_name: str | None = None,
    ) -> dict[str, Any]:
        """Create a DB cluster and its members, and return it as DescribeDBClusters does.

        The first member is the writer. With `serverless_min_capacity`, the members have the class
        db.serverless. `create_database(…, cluster=identifier)` adds members with other attributes.
        """
        request: dict[str, Any] = {
            "DBClusterIdentifier": identifier,
            "Engine": engine,
            "EngineVersion": engine_version,
            "EnableIAMDatabaseAuthentication": iam,
            "Port": port,
            "Tags": _tags(tags),
            **_MASTER,
        }
        if group:
            request["DBClusterParameterGroupName"] = group
        if db_name:
            request["DatabaseName"] = db_name
        serverless = serverless_min_capacity is not None
        if serverless:
            request["ServerlessV2ScalingConfiguration"] = {
                "MinCapacity": serverless_min_capacity,
                "MaxCapacity": 8.0,
            }
        rds = self.client("rds")
        rds.create_db_cluster(**request)
        for member in members:
            instance_class = "db.serverless" if serverless else "db.r6g.large"
            self.create_database(
                member, cluster=identifier, port=port, instance_class=instance_class
            )
        described = rds.describe_db_clusters(DBClusterIdentifier=identifier)
        return cast("dict[str, Any]", described["DBClusters"][0])

    def _describe_instance(self, identifier: str) -> dict[str, Any]:
        described = self.client("rds").describe_db_instances(DBInstanceIdentifier=identifier)
        return cast("dict[str, Any]", described["DBInstances"][0])


def _tags(tags: Mapping[str, str] | None) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in (tags or {}).items()]
