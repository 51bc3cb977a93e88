"""The emulated RDS filters and pages its lists as RDS does."""

import pytest
from mypy_boto3_rds import RDSClient
from mypy_boto3_rds.type_defs import FilterTypeDef

from emulation.account import LocalAccount
from tests.demo.rds_queries import instance, refusal

ARN = "arn:aws:rds:eu-central-1:123456789012"


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
