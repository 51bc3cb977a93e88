"""The emulated RDS reads parameter groups as RDS does, where moto alone would not."""

import pytest
from botocore.exceptions import ClientError
from mypy_boto3_rds import RDSClient

from emulation.account import LocalAccount
from tests.demo.rds_queries import parameters, refusal

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
