"""DB instances, DB clusters, and fleets as the RDS API describes them, with all fields."""

from collections.abc import Iterable
from datetime import UTC, datetime

from tests.integration.rds_api.rds_server import ACCOUNT, CA, REGION, Described, Fleet

ARN = f"arn:aws:rds:{REGION}:{ACCOUNT}"
VPC = "vpc-0a1b2c3d4e5f60718"
DOMAIN = f"c9akciq32rgw.{REGION}.rds.amazonaws.com"
BORN = datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)
CERTIFICATE_ENDS = datetime(2035, 1, 31, 12, tzinfo=UTC)
ABSENT = object()
"""The value of a field that RDS does not return."""

FORCED = {"rds.force_ssl": "1", "ssl_min_protocol_version": "TLSv1.2"}
NOT_FORCED = FORCED | {"rds.force_ssl": "0"}


def instance(
    name: str, *, group: str = "pg16", apply_status: str = "in-sync", **changes: object
) -> Described:
    """Describe an instance like DescribeDBInstances; keyword arguments change its fields."""
    described = {
        "DBInstanceIdentifier": name,
        "DBInstanceClass": "db.m7g.large",
        "Engine": "postgres",
        "DBInstanceStatus": "available",
        "MasterUsername": "dba",
        "DBName": "orders",
        "Endpoint": {
            "Address": f"{name}.{DOMAIN}",
            "Port": 5432,
            "HostedZoneId": "Z1RLNUO7B9Q6NB",
        },
        "AllocatedStorage": 100,
        "InstanceCreateTime": BORN,
        "PreferredBackupWindow": "01:00-01:30",
        "BackupRetentionPeriod": 7,
        "DBSecurityGroups": [],
        "VpcSecurityGroups": [{"VpcSecurityGroupId": "sg-0123456789", "Status": "active"}],
        "DBParameterGroups": [
            {"DBParameterGroupName": group, "ParameterApplyStatus": apply_status}
        ],
        "AvailabilityZone": f"{REGION}a",
        "DBSubnetGroup": {
            "DBSubnetGroupName": "private",
            "DBSubnetGroupDescription": "private subnets",
            "VpcId": VPC,
            "SubnetGroupStatus": "Complete",
            "Subnets": [
                {
                    "SubnetIdentifier": f"subnet-0123456789{zone}",
                    "SubnetAvailabilityZone": {"Name": f"{REGION}{zone}"},
                    "SubnetOutpost": {},
                    "SubnetStatus": "Active",
                }
                for zone in "abc"
            ],
        },
        "PreferredMaintenanceWindow": "sun:03:00-sun:03:30",
        "PendingModifiedValues": {},
        "LatestRestorableTime": BORN,
        "MultiAZ": False,
        "EngineVersion": "16.4",
        "AutoMinorVersionUpgrade": True,
        "ReadReplicaDBInstanceIdentifiers": [],
        "LicenseModel": "postgresql-license",
        "OptionGroupMemberships": [{"OptionGroupName": "default:postgres-16", "Status": "in-sync"}],
        "PubliclyAccessible": False,
        "StorageType": "gp3",
        "DbInstancePort": 0,
        "StorageEncrypted": True,
        "KmsKeyId": f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1234abcd",
        "DbiResourceId": f"db-{name.upper()}",
        "CACertificateIdentifier": CA,
        "DomainMemberships": [],
        "CopyTagsToSnapshot": True,
        "MonitoringInterval": 0,
        "DBInstanceArn": f"{ARN}:db:{name}",
        "IAMDatabaseAuthenticationEnabled": True,
        "PerformanceInsightsEnabled": False,
        "DeletionProtection": True,
        "AssociatedRoles": [],
        "TagList": [{"Key": "Owner", "Value": "shop"}, {"Key": "Environment", "Value": "prod"}],
        "CustomerOwnedIpEnabled": False,
        "NetworkType": "IPV4",
        "ActivityStreamStatus": "stopped",
        "BackupTarget": "region",
        "CertificateDetails": {"CAIdentifier": CA, "ValidTill": CERTIFICATE_ENDS},
        "DedicatedLogVolume": False,
        "IsStorageConfigUpgradeAvailable": False,
        "EngineLifecycleSupport": "open-source-rds-extended-support-disabled",
    }
    return _changed(described, changes)


def member(name: str, of: str, **changes: object) -> Described:
    """Describe a member of an Aurora cluster; its instance group does not decide."""
    aurora: dict[str, object] = {
        "Engine": "aurora-postgresql",
        "StorageType": "aurora",
        "AllocatedStorage": 1,
        "PromotionTier": 1,
        "DBClusterIdentifier": of,
        "DBParameterGroups": [
            {
                "DBParameterGroupName": "default.aurora-postgresql16",
                "ParameterApplyStatus": "in-sync",
            }
        ],
    }
    return _changed(instance(name), aurora | changes)


def cluster(
    name: str,
    members: Iterable[str | tuple[str, str]] = (),
    *,
    group: str = "aurora16",
    **changes: object,
) -> Described:
    """Describe a cluster like DescribeDBClusters; a member may be given with its apply status."""
    with_status = [name if isinstance(name, tuple) else (name, "in-sync") for name in members]
    described = {
        "AllocatedStorage": 1,
        "AvailabilityZones": [f"{REGION}{zone}" for zone in "abc"],
        "BackupRetentionPeriod": 7,
        "DatabaseName": "ledger",
        "DBClusterIdentifier": name,
        "DBClusterParameterGroup": group,
        "DBSubnetGroup": "private",
        "Status": "available",
        "EarliestRestorableTime": BORN,
        "Endpoint": f"{name}.cluster-{DOMAIN}",
        "ReaderEndpoint": f"{name}.cluster-ro-{DOMAIN}",
        "MultiAZ": False,
        "Engine": "aurora-postgresql",
        "EngineVersion": "16.4",
        "LatestRestorableTime": BORN,
        "Port": 5432,
        "MasterUsername": "dba",
        "PreferredBackupWindow": "01:00-01:30",
        "PreferredMaintenanceWindow": "sun:03:00-sun:03:30",
        "ReadReplicaIdentifiers": [],
        "DBClusterMembers": [
            {
                "DBInstanceIdentifier": id_,
                "IsClusterWriter": number == 0,
                "DBClusterParameterGroupStatus": status,
                "PromotionTier": 1,
            }
            for number, (id_, status) in enumerate(with_status)
        ],
        "VpcSecurityGroups": [{"VpcSecurityGroupId": "sg-0123456789", "Status": "active"}],
        "HostedZoneId": "Z1RLNUO7B9Q6NB",
        "StorageEncrypted": True,
        "DbClusterResourceId": f"cluster-{name.upper()}",
        "DBClusterArn": f"{ARN}:cluster:{name}",
        "AssociatedRoles": [],
        "IAMDatabaseAuthenticationEnabled": True,
        "ClusterCreateTime": BORN,
        "EngineMode": "provisioned",
        "DeletionProtection": True,
        "HttpEndpointEnabled": False,
        "CopyTagsToSnapshot": True,
        "CrossAccountClone": False,
        "DomainMemberships": [],
        "TagList": [{"Key": "Owner", "Value": "shop"}],
        "NetworkType": "IPV4",
    }
    return _changed(described, changes)


def plain_fleet(instances: int, groups: int) -> Fleet:
    """Return this many instances, distributed over this many parameter groups."""
    names = [f"pg-{number:03}" for number in range(groups)]
    return Fleet(
        instances=[
            instance(f"orders-{number:05}", group=names[number % groups])
            for number in range(instances)
        ],
        groups={name: FORCED if number % 2 else NOT_FORCED for number, name in enumerate(names)},
    )


def cluster_fleet(clusters: int, groups: int) -> Fleet:
    """Return this many clusters of two members, distributed over this many cluster groups."""
    names = [f"aurora-{number:03}" for number in range(groups)]
    return Fleet(
        instances=[
            member(f"ledger-{number:05}-{which}", of=f"ledger-{number:05}")
            for number in range(clusters)
            for which in (1, 2)
        ],
        clusters=[
            cluster(
                f"ledger-{number:05}",
                [f"ledger-{number:05}-1", f"ledger-{number:05}-2"],
                group=names[number % groups],
            )
            for number in range(clusters)
        ],
        cluster_groups=dict.fromkeys(names, FORCED),
    )


def combined(first: Fleet, second: Fleet) -> Fleet:
    """Combine two fleets."""
    return Fleet(
        instances=[*first.instances, *second.instances],
        clusters=[*first.clusters, *second.clusters],
        groups={**first.groups, **second.groups},
        cluster_groups={**first.cluster_groups, **second.cluster_groups},
    )


def _changed(described: Described, changes: Described) -> Described:
    return {key: value for key, value in {**described, **changes}.items() if value is not ABSENT}
