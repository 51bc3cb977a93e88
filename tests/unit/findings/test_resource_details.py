"""The resource details of a finding: the typed ASFF fields, and what else a reviewer needs."""

from dataclasses import replace
from typing import Any

import pytest

from rds_tls_audit.checks.registry import all_checks
from rds_tls_audit.findings.resource import resource_for
from rds_tls_audit.fleet.database import Database
from tests.support.builders import cluster, database, unlisted_cluster

FORCE_SSL, *_ = all_checks()
ENDPOINTS = ("ledger.cluster-c9.example", "ledger.cluster-ro-c9.example")
MEMBER = database("ledger-1", cluster=replace(cluster(), endpoints=ENDPOINTS))


def details(of: Database, *, as_cluster: bool = False) -> dict[str, Any]:
    check = FORCE_SSL if as_cluster else all_checks()[1]
    return dict(resource_for(check, of).details)


@pytest.mark.parametrize(
    ("place", "host"),
    [
        ("aws:rds:eu-central-1", "eu-central-1.console.aws.amazon.com"),
        ("aws-us-gov:rds:us-gov-west-1", "us-gov-west-1.console.amazonaws-us-gov.com"),
        ("aws-cn:rds:cn-north-1", "cn-north-1.console.amazonaws.cn"),
    ],
)
def test_the_details_link_to_the_console_of_the_partition(place: str, host: str) -> None:
    resource_details = details(database(arn=f"arn:{place}:123456789012:db:orders-prod"))

    region = place.rpartition(":")[2]
    assert resource_details["Other"]["Console"] == (
        f"https://{host}/rds/home?region={region}#database:id=orders-prod;is-cluster=false"
    )


def test_the_link_is_omitted_if_the_console_of_the_partition_is_not_known() -> None:
    resource_details = details(
        database(arn="arn:aws-iso:rds:us-iso-east-1:123456789012:db:orders-prod")
    )

    assert "Console" not in resource_details["Other"]


def test_the_console_link_of_a_cluster_shows_the_cluster() -> None:
    console = details(MEMBER, as_cluster=True)["Other"]["Console"]

    assert console.endswith("#database:id=ledger;is-cluster=true")


def test_a_cluster_has_its_own_parameter_group_and_its_writer_endpoint() -> None:
    resource_details = details(MEMBER, as_cluster=True)["AwsRdsDbCluster"]

    assert resource_details["DbClusterParameterGroup"] == "aurora16"
    assert resource_details["Endpoint"] == ENDPOINTS[0]
    assert resource_details["DbClusterResourceId"] == "cluster-LEDGER"


@pytest.mark.parametrize(
    ("of", "group"),
    [
        (database(), "parameter group pg16"),
        (MEMBER, "cluster parameter group aurora16"),
        (database("ledger-1", cluster=unlisted_cluster()), None),
    ],
    ids=["instance", "member", "cluster-not-listed"],
)
def test_the_deciding_parameter_group_is_named(of: Database, group: str | None) -> None:
    assert details(of)["Other"].get("DecidingParameterGroup") == group


def test_a_cluster_member_names_its_cluster() -> None:
    assert details(MEMBER)["AwsRdsDbInstance"]["DBClusterIdentifier"] == "ledger"


def test_fields_that_rds_does_not_return_are_omitted_but_false_is_kept() -> None:
    bare = database(endpoint=None, ca_id=None, apply_status=None, instance_class="")

    resource_details = details(bare)

    assert resource_details["AwsRdsDbInstance"]["PubliclyAccessible"] is False
    absent = {"Endpoint", "CACertificateIdentifier", "DBInstanceClass", "DBClusterIdentifier"}
    assert not absent & resource_details["AwsRdsDbInstance"].keys()
    assert "ApplyStatus" not in resource_details["Other"]
