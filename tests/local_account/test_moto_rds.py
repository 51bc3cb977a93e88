"""The emulated RDS answers as RDS does, where moto alone would not."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError
from mypy_boto3_rds import RDSClient
from mypy_boto3_rds.type_defs import FilterTypeDef

from demo import moto_rds
from demo.account import LocalAccount

TLS_PARAMETERS = [
    "rds.force_ssl",
    "ssl_ciphers",
    "ssl_max_protocol_version",
    "ssl_min_protocol_version",
]
ARN = "arn:aws:rds:eu-central-1:123456789012"


@pytest.fixture(scope="module")
def account() -> Iterator[LocalAccount]:
    with LocalAccount() as running:
        running.create_parameter_group("pg16-clear", "postgres16", {"rds.force_ssl": "0"})
        running.create_parameter_group("aurora16", "aurora-postgresql16", {}, cluster=True)
        running.create_database("orders-prod", group="pg16-clear", tags={"Owner": "orders"})
        running.create_database("billing", engine_version="14.9", iam=True, port=5433)
        running.create_database("shop", engine="mysql", engine_version="8.0.35")
        running.create_cluster("ledger", group="aurora16", members=["ledger-1", "ledger-2"])
        yield running


@pytest.fixture(scope="module")
def rds(account: LocalAccount) -> RDSClient:
    client: RDSClient = account.client("rds")
    return client


@pytest.fixture(autouse=True)
def _nothing_denied() -> Iterator[None]:
    yield
    moto_rds.allow_all()


def instance(rds: RDSClient, identifier: str) -> dict[str, Any]:
    return dict(rds.describe_db_instances(DBInstanceIdentifier=identifier)["DBInstances"][0])


def parameters(rds: RDSClient, group: str, *names: str, cluster: bool = False) -> dict[str, Any]:
    request: dict[str, Any] = (
        {"Filters": [{"Name": "parameter-name", "Values": list(names)}]} if names else {}
    )
    found = (
        rds.describe_db_cluster_parameters(DBClusterParameterGroupName=group, **request)
        if cluster
        else rds.describe_db_parameters(DBParameterGroupName=group, **request)
    )["Parameters"]
    return {parameter["ParameterName"]: dict(parameter) for parameter in found}


def refusal(call: Callable[..., object], **request: object) -> str:
    with pytest.raises(ClientError) as refused:
        call(**request)
    return str(refused.value.response["Error"]["Code"])


@pytest.mark.parametrize(
    ("group", "cluster", "forced"),
    [
        ("default.postgres10", False, "0"),
        ("default.postgres14", False, "0"),
        ("default.postgres15", False, "1"),
        ("default.postgres18", False, "1"),
        ("default.postgres16", True, "1"),
        ("default.aurora-postgresql16", True, "0"),
        ("default.aurora-postgresql17", True, "1"),
    ],
)
def test_default_groups_force_tls_by_version(
    rds: RDSClient,
    group: str,
    cluster: bool,  # noqa: FBT001 - a column of the table
    forced: str,
) -> None:
    found = parameters(rds, group, "rds.force_ssl", cluster=cluster)["rds.force_ssl"]
    assert found == found | {
        "ParameterValue": forced,
        "Source": "system",
        "DataType": "boolean",
        "AllowedValues": "0,1",
        "ApplyType": "dynamic",
        "IsModifiable": True,
    }


def test_a_filter_by_name_gives_only_these_parameters(rds: RDSClient) -> None:
    assert sorted(parameters(rds, "default.postgres16", *TLS_PARAMETERS)) == TLS_PARAMETERS
    assert parameters(rds, "default.postgres16", "no_such_parameter") == {}


def test_a_parameter_that_somebody_set_shows_as_the_users(rds: RDSClient) -> None:
    found = parameters(rds, "pg16-clear", "rds.force_ssl")["rds.force_ssl"]
    assert (found["ParameterValue"], found["Source"]) == ("0", "user")


def test_a_parameter_set_to_its_default_need_not_show_as_the_users(
    account: LocalAccount,
    rds: RDSClient,
) -> None:
    account.create_parameter_group("pg16-forced", "postgres16", {"rds.force_ssl": "1"})
    found = parameters(rds, "pg16-forced", "rds.force_ssl")["rds.force_ssl"]
    assert (found["ParameterValue"], found["Source"]) == ("1", "system")


def test_a_change_of_a_cluster_group_shows(account: LocalAccount, rds: RDSClient) -> None:
    account.set_parameter("aurora16", "rds.force_ssl", "1", cluster=True)
    found = parameters(rds, "aurora16", "rds.force_ssl", cluster=True)
    assert found["rds.force_ssl"]["ParameterValue"] == "1"


def test_an_unset_parameter_has_no_value(rds: RDSClient) -> None:
    found = parameters(rds, "default.postgres14", "log_connections", "ssl_max_protocol_version")
    assert all("ParameterValue" not in parameter for parameter in found.values())
    assert len(found) == 2


def test_versions_before_12_have_no_protocol_settings(rds: RDSClient) -> None:
    assert sorted(parameters(rds, "default.postgres11", *TLS_PARAMETERS)) == TLS_PARAMETERS[:2]


def test_an_instance_group_of_aurora_says_nothing_about_tls(rds: RDSClient) -> None:
    assert parameters(rds, "default.aurora-postgresql16", *TLS_PARAMETERS) == {}


def test_parameters_come_in_pages(rds: RDSClient) -> None:
    pages = list(
        rds.get_paginator("describe_db_parameters").paginate(
            DBParameterGroupName="default.postgres16", PaginationConfig={"PageSize": 20}
        )
    )
    names = [parameter["ParameterName"] for page in pages for parameter in page["Parameters"]]
    assert [len(page["Parameters"]) for page in pages] == [20, len(names) - 20]
    assert len(set(names)) == len(names) == len(parameters(rds, "default.postgres16"))


@pytest.mark.parametrize("group", ["nothing-here", "default.postgres99"])
def test_an_unknown_group_is_not_found(rds: RDSClient, group: str) -> None:
    not_found = "DBParameterGroupNotFound"
    assert refusal(rds.describe_db_parameters, DBParameterGroupName=group) == not_found
    assert refusal(rds.describe_db_cluster_parameters, DBClusterParameterGroupName=group) == (
        not_found
    )


def test_a_filter_takes_a_hundred_names(rds: RDSClient) -> None:
    names = [f"parameter_{number}" for number in range(100)]
    assert parameters(rds, "default.postgres16", *names) == {}
    with pytest.raises(ClientError, match="InvalidParameterValue"):
        parameters(rds, "default.postgres16", *names, "one_more")


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


@pytest.mark.parametrize(
    ("name", "values", "expected"),
    [
        ("db-instance-id", ["orders-prod", "billing"], {"orders-prod", "billing"}),
        ("db-instance-id", [f"{ARN}:db:billing"], {"billing"}),
        ("db-instance-id", ["nothing-here"], set()),
        ("db-cluster-id", ["ledger"], {"ledger-1", "ledger-2"}),
        ("db-cluster-id", [f"{ARN}:cluster:ledger"], {"ledger-1", "ledger-2"}),
        ("dbi-resource-id", ["db-AAAAAAAAAAAAAAAAAAAAAAAAAA"], set()),
        ("engine", ["mysql", "aurora-postgresql"], {"shop", "ledger-1", "ledger-2"}),
    ],
)
def test_instances_can_be_filtered(
    rds: RDSClient,
    name: str,
    values: list[str],
    expected: set[str],
) -> None:
    found = rds.describe_db_instances(Filters=[{"Name": name, "Values": values}])["DBInstances"]
    assert {item["DBInstanceIdentifier"] for item in found} == expected


def test_filters_narrow_each_other(rds: RDSClient) -> None:
    wanted = instance(rds, "billing")["DbiResourceId"]
    by_id: FilterTypeDef = {"Name": "dbi-resource-id", "Values": [wanted]}
    other_engine: FilterTypeDef = {"Name": "engine", "Values": ["mysql"]}
    assert len(rds.describe_db_instances(Filters=[by_id])["DBInstances"]) == 1
    assert rds.describe_db_instances(Filters=[by_id, other_engine])["DBInstances"] == []


@pytest.mark.parametrize(
    ("name", "values", "count"),
    [
        ("db-cluster-id", ["ledger", "nothing-here"], 1),
        ("db-cluster-id", [f"{ARN}:cluster:ledger"], 1),
        ("engine", ["postgres"], 0),
    ],
)
def test_clusters_can_be_filtered(
    rds: RDSClient,
    name: str,
    values: list[str],
    count: int,
) -> None:
    found = rds.describe_db_clusters(Filters=[{"Name": name, "Values": values}])["DBClusters"]
    assert len(found) == count


def test_what_is_named_and_missing_is_an_error(rds: RDSClient) -> None:
    assert refusal(rds.describe_db_instances, DBInstanceIdentifier="x") == "DBInstanceNotFound"
    assert refusal(rds.describe_db_clusters, DBClusterIdentifier="x") == "DBClusterNotFoundFault"
    unknown = [{"Name": "tag", "Values": ["x"]}]
    assert refusal(rds.describe_db_instances, Filters=unknown) == "InvalidParameterValue"


@pytest.mark.parametrize("size", [19, 101])
def test_pages_hold_20_to_100(rds: RDSClient, size: int) -> None:
    assert refusal(rds.describe_db_instances, MaxRecords=size) == "InvalidParameterValue"
    assert refusal(rds.describe_db_clusters, MaxRecords=size) == "InvalidParameterValue"


def test_instances_come_in_pages() -> None:
    with LocalAccount() as account:
        for number in range(21):
            account.create_database(f"database-{number}")
        pages = list(
            account.client("rds")
            .get_paginator("describe_db_instances")
            .paginate(PaginationConfig={"PageSize": 20})
        )
    assert [len(page["DBInstances"]) for page in pages] == [20, 1]
