"""The resource of a finding: ASFF's own fields where there are any, the rest for people."""

from dataclasses import replace
from typing import Any

import pytest

from rds_tls_audit.checks.registry import all_checks
from rds_tls_audit.findings.resource import resource_for
from rds_tls_audit.fleet.database import Database
from tests.support.builders import cluster, database, unlisted_cluster

FORCE_SSL, *_ = all_checks()
REACHED_BY = ("ledger.cluster-c9.example", "ledger.cluster-ro-c9.example")
MEMBER = database("ledger-1", cluster=replace(cluster(), endpoints=REACHED_BY))


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
def test_the_console_is_a_click_away(place: str, host: str) -> None:
    told = details(database(arn=f"arn:{place}:123456789012:db:orders-prod"))

    region = place.rpartition(":")[2]
    assert told["Other"]["Console"] == (
        f"https://{host}/rds/home?region={region}#database:id=orders-prod;is-cluster=false"
    )


def test_a_console_whose_address_is_not_known_is_left_out() -> None:
    told = details(database(arn="arn:aws-iso:rds:us-iso-east-1:123456789012:db:orders-prod"))

    assert "Console" not in told["Other"]


def test_the_console_of_a_cluster_shows_the_cluster() -> None:
    console = details(MEMBER, as_cluster=True)["Other"]["Console"]

    assert console.endswith("#database:id=ledger;is-cluster=true")


def test_a_cluster_has_its_own_group_and_its_writers_endpoint() -> None:
    told = details(MEMBER, as_cluster=True)["AwsRdsDbCluster"]

    assert told["DbClusterParameterGroup"] == "aurora16"
    assert told["Endpoint"] == REACHED_BY[0]
    assert told["DbClusterResourceId"] == "cluster-LEDGER"


@pytest.mark.parametrize(
    ("of", "group"),
    [
        (database(), "parameter group pg16"),
        (MEMBER, "cluster parameter group aurora16"),
        (database("ledger-1", cluster=unlisted_cluster()), None),
    ],
    ids=["instance", "member", "cluster-not-listed"],
)
def test_the_group_that_decides_is_named(of: Database, group: str | None) -> None:
    assert details(of)["Other"].get("DecidingParameterGroup") == group


def test_a_member_of_a_cluster_names_it() -> None:
    assert details(MEMBER)["AwsRdsDbInstance"]["DBClusterIdentifier"] == "ledger"


def test_what_rds_does_not_give_is_left_out_and_false_is_not_nothing() -> None:
    bare = database(endpoint=None, ca_id=None, apply_status=None, instance_class="")

    told = details(bare)

    assert told["AwsRdsDbInstance"]["PubliclyAccessible"] is False
    absent = {"Endpoint", "CACertificateIdentifier", "DBInstanceClass", "DBClusterIdentifier"}
    assert not absent & told["AwsRdsDbInstance"].keys()
    assert "ApplyStatus" not in told["Other"]
