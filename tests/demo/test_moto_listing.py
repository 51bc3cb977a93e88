"""The emulated RDS filters and paginates its lists as RDS does."""

import pytest
from mypy_boto3_rds import RDSClient
from mypy_boto3_rds.type_defs import FilterTypeDef

from tests.demo.rds_queries import describe_instance, error_code

ARN = "arn:aws:rds:eu-central-1:123456789012"


@pytest.mark.parametrize(
    ("name", "values", "expected"),
    [
        ("db-instance-id", ["orders-prod", "billing"], {"orders-prod", "billing"}),
        ("db-instance-id", [f"{ARN}:db:billing"], {"billing"}),
        ("db-instance-id", ["no-such-name"], set()),
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
    assert {found_instance["DBInstanceIdentifier"] for found_instance in found} == expected


def test_a_resource_must_match_all_filters(rds: RDSClient) -> None:
    resource_id = describe_instance(rds, "billing")["DbiResourceId"]
    by_id: FilterTypeDef = {"Name": "dbi-resource-id", "Values": [resource_id]}
    other_engine: FilterTypeDef = {"Name": "engine", "Values": ["mysql"]}
    assert len(rds.describe_db_instances(Filters=[by_id])["DBInstances"]) == 1
    assert rds.describe_db_instances(Filters=[by_id, other_engine])["DBInstances"] == []


@pytest.mark.parametrize(
    ("name", "values", "count"),
    [
        ("db-cluster-id", ["ledger", "no-such-name"], 1),
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


def test_an_unknown_name_or_filter_is_an_error(rds: RDSClient) -> None:
    assert error_code(rds.describe_db_instances, DBInstanceIdentifier="x") == "DBInstanceNotFound"
    assert error_code(rds.describe_db_clusters, DBClusterIdentifier="x") == "DBClusterNotFoundFault"
    unknown = [{"Name": "tag", "Values": ["x"]}]
    assert error_code(rds.describe_db_instances, Filters=unknown) == "InvalidParameterValue"


@pytest.mark.parametrize("size", [19, 101])
def test_a_page_size_below_20_or_above_100_is_refused(rds: RDSClient, size: int) -> None:
    assert error_code(rds.describe_db_instances, MaxRecords=size) == "InvalidParameterValue"
    assert error_code(rds.describe_db_clusters, MaxRecords=size) == "InvalidParameterValue"
