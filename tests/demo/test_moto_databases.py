"""The emulated RDS describes instances, clusters, and certificate authorities as RDS does."""

import re
from datetime import UTC, datetime

import pytest
from mypy_boto3_rds import RDSClient

from emulation import moto_rds
from emulation.account import EmulatedAccount
from tests.demo.rds_queries import describe_instance, describe_parameters, error_code


def test_certificate_authorities_can_be_read_and_changed(rds: RDSClient) -> None:
    listed = {
        authority["CertificateIdentifier"]
        for authority in rds.describe_certificates()["Certificates"]
    }
    assert listed == {"rds-ca-rsa2048-g1", "rds-ca-rsa4096-g1", "rds-ca-ecc384-g1"}
    valid_till = datetime(2027, 3, 1, 12, tzinfo=UTC)
    moto_rds.set_certificate_fields("rds-ca-ecc384-g1", ValidTill=valid_till)
    found = rds.describe_certificates(CertificateIdentifier="rds-ca-ecc384-g1")["Certificates"]
    assert [authority["ValidTill"] for authority in found] == [valid_till]
    assert error_code(rds.describe_certificates, CertificateIdentifier="x") == "CertificateNotFound"


def test_every_instance_has_a_distinct_and_stable_resource_id(rds: RDSClient) -> None:
    ids = [found["DbiResourceId"] for found in rds.describe_db_instances()["DBInstances"]]
    assert len(set(ids)) == len(ids) == 5
    assert all(re.fullmatch(r"db-[A-Z0-9]{26}", resource_id) for resource_id in ids)
    assert (
        describe_instance(rds, "billing")["DbiResourceId"]
        == describe_instance(rds, "billing")["DbiResourceId"]
    )


def test_a_database_that_is_created_again_has_another_resource_id(
    account: EmulatedAccount,
    rds: RDSClient,
) -> None:
    first = account.create_database("short-lived")
    rds.delete_db_instance(DBInstanceIdentifier="short-lived", SkipFinalSnapshot=True)
    second = account.create_database("short-lived")
    rds.delete_db_instance(DBInstanceIdentifier="short-lived", SkipFinalSnapshot=True)
    assert first["DbiResourceId"] != second["DbiResourceId"]


def test_an_instance_is_described_as_rds_does(rds: RDSClient) -> None:
    found = describe_instance(rds, "orders-prod")
    host = "orders-prod.c9akciq32rgw.eu-central-1.rds.amazonaws.com"
    assert found["Endpoint"] == found["Endpoint"] | {"Address": host, "Port": 5432}
    assert found["DBParameterGroups"] == [
        {"DBParameterGroupName": "pg16-open", "ParameterApplyStatus": "in-sync"}
    ]
    assert found["TagList"] == [{"Key": "Owner", "Value": "orders"}]
    assert found["DBSubnetGroup"]["VpcId"].startswith("vpc-")
    assert found["CertificateDetails"]["CAIdentifier"] == "rds-ca-rsa2048-g1"
    assert found["CertificateDetails"]["ValidTill"].tzinfo is not None
    assert found["IAMDatabaseAuthenticationEnabled"] is False
    assert "MasterUserSecret" not in found
    assert describe_instance(rds, "billing")["IAMDatabaseAuthenticationEnabled"] is True
    assert describe_instance(rds, "billing")["Endpoint"]["Port"] == 5433


def test_an_instance_without_a_group_uses_the_default_group_of_its_family(rds: RDSClient) -> None:
    group = describe_instance(rds, "billing")["DBParameterGroups"][0]["DBParameterGroupName"]
    assert group == "default.postgres14"
    assert (
        describe_parameters(rds, group, "rds.force_ssl")["rds.force_ssl"]["ParameterValue"] == "0"
    )


def test_the_fields_of_an_instance_can_be_set(account: EmulatedAccount, rds: RDSClient) -> None:
    valid_till = datetime(2027, 1, 1, tzinfo=UTC)
    created = account.create_database(
        "special",
        host="localhost",
        port=15432,
        status="stopped",
        apply_status="pending-reboot",
        ca="rds-ca-ecc384-g1",
        certificate_valid_till=valid_till,
        db_name="shop",
        publicly_accessible=True,
        vpc="vpc-1",
    )
    moto_rds.set_instance_fields(
        "special", MasterUserSecret={"SecretArn": "arn:x", "SecretStatus": "active"}, TagList=None
    )
    found = describe_instance(rds, "special")
    rds.delete_db_instance(DBInstanceIdentifier="special", SkipFinalSnapshot=True)
    assert (created["Endpoint"]["Address"], created["Endpoint"]["Port"]) == ("localhost", 15432)
    assert found["DBInstanceStatus"] == "stopped"
    assert found["DBParameterGroups"][0]["ParameterApplyStatus"] == "pending-reboot"
    assert found["CertificateDetails"] == {
        "CAIdentifier": "rds-ca-ecc384-g1",
        "ValidTill": valid_till,
    }
    assert (found["DBName"], found["PubliclyAccessible"]) == ("shop", True)
    assert found["DBSubnetGroup"]["VpcId"] == "vpc-1"
    assert found["MasterUserSecret"]["SecretArn"] == "arn:x"
    assert "TagList" not in found


def test_a_field_that_the_rds_api_does_not_have_is_refused() -> None:
    with pytest.raises(ValueError, match="EndPoint"):
        moto_rds.set_instance_fields("orders-prod", EndPoint=None)


def test_an_instance_that_is_being_created_has_no_endpoint(
    account: EmulatedAccount, rds: RDSClient
) -> None:
    account.create_database("new-prod", status="creating")
    moto_rds.set_instance_fields("new-prod", Endpoint=None)
    found = describe_instance(rds, "new-prod")
    rds.delete_db_instance(DBInstanceIdentifier="new-prod", SkipFinalSnapshot=True)
    assert "Endpoint" not in found


def test_a_cluster_is_described_as_rds_does(rds: RDSClient) -> None:
    found = rds.describe_db_clusters(DBClusterIdentifier="ledger")["DBClusters"][0]
    assert found["Endpoint"] == "ledger.cluster-c9akciq32rgw.eu-central-1.rds.amazonaws.com"
    assert found["ReaderEndpoint"].startswith("ledger.cluster-ro-c9akciq32rgw.")
    assert (found["Status"], found["DBClusterParameterGroup"]) == ("available", "aurora16")
    assert re.fullmatch(r"cluster-[A-Z0-9]{26}", found["DbClusterResourceId"])
    members = found["DBClusterMembers"]
    assert [member["DBInstanceIdentifier"] for member in members] == ["ledger-1", "ledger-2"]
    assert [member["IsClusterWriter"] for member in members] == [True, False]
    assert describe_instance(rds, "ledger-1")["DBClusterIdentifier"] == "ledger"


def test_each_member_has_its_own_status_of_the_cluster_parameter_group(
    account: EmulatedAccount,
    rds: RDSClient,
) -> None:
    account.create_cluster("replicas", engine="postgres", members=["replicas-1"], tags={"a": "b"})
    account.create_database("replicas-2", cluster="replicas", apply_status="pending-reboot")
    found = rds.describe_db_clusters(DBClusterIdentifier="replicas")["DBClusters"][0]
    for member in ("replicas-1", "replicas-2"):
        rds.delete_db_instance(DBInstanceIdentifier=member, SkipFinalSnapshot=True)
    rds.delete_db_cluster(DBClusterIdentifier="replicas", SkipFinalSnapshot=True)
    assert found["DBClusterParameterGroup"] == "default.postgres16"
    assert found["TagList"] == [{"Key": "a", "Value": "b"}]
    statuses = [member["DBClusterParameterGroupStatus"] for member in found["DBClusterMembers"]]
    assert statuses == ["in-sync", "pending-reboot"]


def test_a_serverless_cluster_is_described_with_its_capacity(
    account: EmulatedAccount, rds: RDSClient
) -> None:
    created = account.create_cluster(
        "paused", members=["paused-1"], serverless_min_capacity=0, iam=True
    )
    member = describe_instance(rds, "paused-1")
    rds.delete_db_instance(DBInstanceIdentifier="paused-1", SkipFinalSnapshot=True)
    rds.delete_db_cluster(DBClusterIdentifier="paused", SkipFinalSnapshot=True)
    assert created["ServerlessV2ScalingConfiguration"]["MinCapacity"] == 0
    assert created["IAMDatabaseAuthenticationEnabled"] is True
    assert member["DBInstanceClass"] == "db.serverless"
