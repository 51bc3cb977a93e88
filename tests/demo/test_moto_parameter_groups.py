"""The emulated RDS describes parameter groups as RDS does, unlike moto alone."""

import pytest
from botocore.exceptions import ClientError
from mypy_boto3_rds import RDSClient

from emulation.account import EmulatedAccount
from tests.demo.rds_queries import describe_parameters, error_code

TLS_PARAMETERS = [
    "rds.force_ssl",
    "ssl_ciphers",
    "ssl_max_protocol_version",
    "ssl_min_protocol_version",
]


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
def test_whether_a_default_group_forces_tls_depends_on_the_version(
    rds: RDSClient,
    group: str,
    cluster: bool,  # noqa: FBT001 - a column of the table
    forced: str,
) -> None:
    found = describe_parameters(rds, group, "rds.force_ssl", cluster=cluster)["rds.force_ssl"]
    assert found == found | {
        "ParameterValue": forced,
        "Source": "system",
        "DataType": "boolean",
        "AllowedValues": "0,1",
        "ApplyType": "dynamic",
        "IsModifiable": True,
    }


def test_a_filter_by_name_returns_only_these_parameters(rds: RDSClient) -> None:
    assert sorted(describe_parameters(rds, "default.postgres16", *TLS_PARAMETERS)) == TLS_PARAMETERS
    assert describe_parameters(rds, "default.postgres16", "no_such_parameter") == {}


def test_a_modified_parameter_has_the_source_user(rds: RDSClient) -> None:
    found = describe_parameters(rds, "pg16-open", "rds.force_ssl")["rds.force_ssl"]
    assert (found["ParameterValue"], found["Source"]) == ("0", "user")


def test_a_parameter_set_to_its_default_keeps_the_source_system(
    account: EmulatedAccount,
    rds: RDSClient,
) -> None:
    account.create_parameter_group("pg16-forced", "postgres16", {"rds.force_ssl": "1"})
    found = describe_parameters(rds, "pg16-forced", "rds.force_ssl")["rds.force_ssl"]
    assert (found["ParameterValue"], found["Source"]) == ("1", "system")


def test_a_modified_cluster_parameter_group_returns_the_new_value(
    account: EmulatedAccount, rds: RDSClient
) -> None:
    account.set_parameter("aurora16", "rds.force_ssl", "1", cluster=True)
    found = describe_parameters(rds, "aurora16", "rds.force_ssl", cluster=True)
    assert found["rds.force_ssl"]["ParameterValue"] == "1"


def test_an_unset_parameter_has_no_value(rds: RDSClient) -> None:
    found = describe_parameters(
        rds, "default.postgres14", "log_connections", "ssl_max_protocol_version"
    )
    assert all("ParameterValue" not in parameter for parameter in found.values())
    assert len(found) == 2


def test_versions_before_12_have_no_protocol_version_parameters(rds: RDSClient) -> None:
    assert (
        sorted(describe_parameters(rds, "default.postgres11", *TLS_PARAMETERS))
        == TLS_PARAMETERS[:2]
    )


def test_an_aurora_instance_parameter_group_has_no_tls_parameters(rds: RDSClient) -> None:
    assert describe_parameters(rds, "default.aurora-postgresql16", *TLS_PARAMETERS) == {}


def test_parameters_are_returned_in_pages(rds: RDSClient) -> None:
    pages = list(
        rds.get_paginator("describe_db_parameters").paginate(
            DBParameterGroupName="default.postgres16", PaginationConfig={"PageSize": 20}
        )
    )
    names = [parameter["ParameterName"] for page in pages for parameter in page["Parameters"]]
    assert [len(page["Parameters"]) for page in pages] == [20, len(names) - 20]
    assert len(set(names)) == len(names) == len(describe_parameters(rds, "default.postgres16"))


@pytest.mark.parametrize("group", ["no-such-group", "default.postgres99"])
def test_an_unknown_group_is_not_found(rds: RDSClient, group: str) -> None:
    not_found = "DBParameterGroupNotFound"
    assert error_code(rds.describe_db_parameters, DBParameterGroupName=group) == not_found
    assert error_code(rds.describe_db_cluster_parameters, DBClusterParameterGroupName=group) == (
        not_found
    )


def test_a_filter_accepts_at_most_a_hundred_names(rds: RDSClient) -> None:
    names = [f"parameter_{number}" for number in range(100)]
    assert describe_parameters(rds, "default.postgres16", *names) == {}
    with pytest.raises(ClientError, match="InvalidParameterValue"):
        describe_parameters(rds, "default.postgres16", *names, "one_more")
