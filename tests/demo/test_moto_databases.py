"""The emulated RDS shows instances, clusters and their CAs as RDS does."""

import re
from datetime import UTC, datetime

import pytest
from mypy_boto3_rds import RDSClient

from emulation import moto_rds
from emulation.account import LocalAccount
from tests.demo.rds_queries import instance, parameters, refusal


def test_certificate_authorities_can_be_read_and_changed(rds: RDSClient) -> None:
    listed = {item["CertificateIdentifier"] for item in rds.describe_certificates()["Certificates"]}
    assert listed == {"rds-ca-rsa2048-g1", "rds-ca-rsa4096-g1", "rds-ca-ecc384-g1"}
    end = datetime(2027, 3, 1, 12, tzinfo=UTC)
    moto_rds.show_certificate("rds-ca-ecc384-g1", ValidTill=end)
    found = rds.describe_certificates(CertificateIdentifier="rds-ca-ecc384-g1")["Certificates"]
    assert [item["ValidTill"] for item in found] == [end]
    assert refusal(rds.describe_certificates, CertificateIdentifier="x") == "CertificateNotFound"


def test_every_instance_has_a_resource_id_of_its_own(rds: RDSClient) -> None:
    ids = [item["DbiResourceId"] for item in rds.describe_db_instances()["DBInstances"]]
    assert len(set(ids)) == len(ids) == 5
    assert all(re.fullmatch(r"db-[A-Z0-9]{26}", resource_id) for resource_id in ids)
    assert instance(rds, "billing")["DbiResourceId"] == instance(rds, "billing")["DbiResourceId"]


def test_a_database_made_again_is_another_one(
    account: LocalAccount,
    rds: RDSClient,
) -> None:
    first = account.create_database("short-lived")
    rds.delete_db_instance(DBInstanceIdentifier="short-lived", SkipFinalSnapshot=True)
    second = account.create_database("short-lived")
    rds.delete_db_instance(DBInstanceIdentifier="short-lived", SkipFinalSnapshot=True)
    assert first["DbiResourceId"] != second["DbiResourceId"]


def test_an_instance_has_the_form_of_rds(rds: RDSClient) -> None:
    found = instance(rds, "orders-prod")
    host = "orders-prod.c9akciq32rgw.eu-central-1.rds.amazonaws.com"
    assert found["Endpoint"] == found["Endpoint"] | {"Address": host, "Port": 5432}
    assert found["DBParameterGroups"] == [
        {"DBParameterGroupName": "pg16-clear", "ParameterApplyStatus": "in-sync"}
    ]
    assert found["TagList"] == [{"Key": "Owner", "Value": "orders"}]
    assert found["DBSubnetGroup"]["VpcId"].startswith("vpc-")
    assert found["CertificateDetails"]["CAIdentifier"] == "rds-ca-rsa2048-g1"
    assert found["CertificateDetails"]["ValidTill"].tzinfo is not None
    assert found["IAMDatabaseAuthenticationEnabled"] is False
    assert "MasterUserSecret" not in found
    assert instance(rds, "billing")["IAMDatabaseAuthenticationEnabled"] is True
    assert instance(rds, "billing")["Endpoint"]["Port"] == 5433


def test_an_instance_without_a_group_has_the_default_of_its_family(rds: RDSClient) -> None:
    group = instance(rds, "billing")["DBParameterGroups"][0]["DBParameterGroupName"]
    assert group == "default.postgres14"
    assert parameters(rds, group, "rds.force_ssl")["rds.force_ssl"]["ParameterValue"] == "0"


def test_what_an_instance_shows_can_be_set(account: LocalAccount, rds: RDSClient) -> None:
    end = datetime(2027, 1, 1, tzinfo=UTC)
    made = account.create_database(
        "special",
        host="localhost",
        port=15432,
        status="stopped",
        apply_status="pending-reboot",
        ca="rds-ca-ecc384-g1",
        certificate_valid_till=end,
        db_name="shop",
        publicly_accessible=True,
        vpc="vpc-1",
    )
    moto_rds.show_instance(
        "special", MasterUserSecret={"SecretArn": "arn:x", "SecretStatus": "active"}, TagList=None
    )
    found = instance(rds, "special")
    rds.delete_db_instance(DBInstanceIdentifier="special", SkipFinalSnapshot=True)
    assert (made["Endpoint"]["Address"], made["Endpoint"]["Port"]) == ("localhost", 15432)
    assert found["DBInstanceStatus"] == "stopped"
    assert found["DBParameterGroups"][0]["ParameterApplyStatus"] == "pending-reboot"
    assert found["CertificateDetails"] == {"CAIdentifier": "rds-ca-ecc384-g1", "ValidTill": end}
    assert (found["DBName"], found["PubliclyAccessible"]) == ("shop", True)
    assert found["DBSubnetGroup"]["VpcId"] == "vpc-1"
    assert found["MasterUserSecret"]["SecretArn"] == "arn:x"
    assert "TagList" not in found


def test_a_field_that_rds_does_not_have_is_refused() -> None:
    with pytest.raises(ValueError, match="DBInstance has no field EndPoint"):
        moto_rds.show_instance("orders-prod", EndPoint=None)


def test_an_instance_in_the_making_has_no_endpoint(account: LocalAccount, rds: RDSClient) -> None:
    account.create_database("unborn", status="creating")
    moto_rds.show_instance("unborn", Endpoint=None)
    found = instance(rds, "unborn")
    rds.delete_db_instance(DBInstanceIdentifier="unborn", SkipFinalSnapshot=True)
    assert "Endpoint" not in found


def test_a_cluster_has_the_form_of_rds(rds: RDSClient) -> None:
    found = rds.describe_db_clusters(DBClusterIdentifier="ledger")["DBClusters"][0]
    assert found["Endpoint"] == "ledger.cluster-c9akciq32rgw.eu-central-1.rds.amazonaws.com"
    assert found["ReaderEndpoint"].startswith("ledger.cluster-ro-c9akciq32rgw.")
    assert (found["Status"], found["DBClusterParameterGroup"]) == ("available", "aurora16")
    assert re.fullmatch(r"cluster-[A-Z0-9]{26}", found["DbClusterResourceId"])
    members = found["DBClusterMembers"]
    assert [member["DBInstanceIdentifier"] for member in members] == ["ledger-1", "ledger-2"]
    assert [member["IsClusterWriter"] for member in members] == [True, False]
    assert instance(rds, "ledger-1")["DBClusterIdentifier"] == "ledger"


def test_each_member_has_its_own_status_of_the_cluster_group(
    account: LocalAccount,
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
    statuses = [item["DBClusterParameterGroupStatus"] for item in found["DBClusterMembers"]]
    assert statuses == ["in-sync", "pending-reboot"]


def test_a_serverless_cluster_shows_its_capacity(account: LocalAccount, rds: RDSClient) -> None:
    made = account.create_cluster("naps", members=["naps-1"], serverless_min_capacity=0, iam=True)
    member = instance(rds, "naps-1")
    rds.delete_db_instance(DBInstanceIdentifier="naps-1", SkipFinalSnapshot=True)
    rds.delete_db_cluster(DBClusterIdentifier="naps", SkipFinalSnapshot=True)
    assert made["ServerlessV2ScalingConfiguration"]["MinCapacity"] == 0
    assert made["IAMDatabaseAuthenticationEnabled"] is True
    assert member["DBInstanceClass"] == "db.serverless"
