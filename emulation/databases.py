"""Makes databases, clusters and parameter groups in an account's emulated RDS."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from emulation import moto_rds
from emulation.rds_resources import DEFAULT_CA, VPC, subnet_group

_MASTER = {"MasterUsername": "postgres", "MasterUserPassword": "used-by-nobody"}


class Databases(ABC):
    """The part of an account that is about RDS."""

    @abstractmethod
    def client(self, service: str) -> Any:  # noqa: ANN401 - boto3 types a client by its name
        """Give a boto3 client for the account."""

    def create_parameter_group(
        self, name: str, family: str, parameters: Mapping[str, str], *, cluster: bool = False
    ) -> None:
        """Make a parameter group, of instances or of clusters, and set these parameters in it."""
        described = {"DBParameterGroupFamily": family, "Description": name}
        if cluster:
            self.client("rds").create_db_cluster_parameter_group(
                DBClusterParameterGroupName=name, **described
            )
        else:
            self.client("rds").create_db_parameter_group(DBParameterGroupName=name, **described)
        for parameter, value in parameters.items():
            self.set_parameter(name, parameter, value, cluster=cluster)

    def set_parameter(self, group: str, name: str, value: str, *, cluster: bool = False) -> None:
        """Set one parameter in a group that was made here."""
        change = [{"ParameterName": name, "ParameterValue": value, "ApplyMethod": "immediate"}]
        if cluster:
            self.client("rds").modify_db_cluster_parameter_group(
                DBClusterParameterGroupName=group, Parameters=change
            )
        else:
            self.client("rds").modify_db_parameter_group(
                DBParameterGroupName=group, Parameters=change
            )

    def create_database(  # noqa: PLR0913 - what can differ between databases
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
        """Make an instance, and return it as DescribeDBInstances shows it.

        Without `group` it uses the default group of its family. The member of a cluster takes
        engine, version and IAM authentication from it, and `apply_status` is then the status of
        the cluster's parameter group on this member. Without `host` the name is of RDS's form.
        More can be set with `emulation.moto_rds.show_instance`.
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
            of_cluster = rds.describe_db_clusters(DBClusterIdentifier=cluster)["DBClusters"][0]
            request |= {"DBClusterIdentifier": cluster, "Engine": of_cluster["Engine"]}
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
        made = rds.create_db_instance(**request)["DBInstance"]
        own: dict[str, Any] = {"DBSubnetGroup": subnet_group(vpc)}
        if status != made["DBInstanceStatus"]:
            own["DBInstanceStatus"] = status
        own["DBClusterParameterGroupStatus" if cluster else "ParameterApplyStatus"] = apply_status
        if host:
            own["Endpoint"] = made["Endpoint"] | {"Address": host}
        if certificate_valid_till:
            own["CertificateDetails"] = {"CAIdentifier": ca, "ValidTill": certificate_valid_till}
        moto_rds.show_instance(identifier, **own)
        return self._described_instance(identifier)

    def create_cluster(  # noqa: PLR0913 - what can differ between clusters
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
        """Make a cluster and its members, and return it as DescribeDBClusters shows it.

        The first member is the writer. Members that differ from the usual are made afterwards,
        with `create_database(…, cluster=identifier)`. With `serverless_min_capacity` the members
        made here are of the class db.serverless.
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
            kind = "db.serverless" if serverless else "db.r6g.large"
            self.create_database(member, cluster=identifier, port=port, instance_class=kind)
        described = rds.describe_db_clusters(DBClusterIdentifier=identifier)
        return cast("dict[str, Any]", described["DBClusters"][0])

    def _described_instance(self, identifier: str) -> dict[str, Any]:
        described = self.client("rds").describe_db_instances(DBInstanceIdentifier=identifier)
        return cast("dict[str, Any]", described["DBInstances"][0])


def _tags(tags: Mapping[str, str] | None) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in (tags or {}).items()]
