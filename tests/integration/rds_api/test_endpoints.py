"""A member of a cluster knows the endpoints of its cluster."""

from collections.abc import Mapping

import boto3
import pytest
from botocore.stub import Stubber

from tests.integration.rds_api.conftest import Serve
from tests.integration.rds_api.discovery_helpers import find
from tests.integration.rds_api.rds_fleets import ABSENT, DOMAIN, cluster, instance, member
from tests.integration.rds_api.rds_server import REGION, Described, Fleet

WRITER = f"ledger.cluster-{DOMAIN}"
READER = f"ledger.cluster-ro-{DOMAIN}"
CUSTOM = tuple(f"custom-{number}.cluster-custom-{DOMAIN}" for number in range(12))
MEMBERS = ("ledger-1",)
CASES: Mapping[str, tuple[Described, tuple[str, ...]]] = {
    "writer and reader": (cluster("ledger", MEMBERS), (WRITER, READER)),
    "custom endpoints": (
        cluster("ledger", MEMBERS, CustomEndpoints=list(CUSTOM[:2])),
        (WRITER, READER, *CUSTOM[:2]),
    ),
    "as many endpoints as are kept": (
        cluster("ledger", MEMBERS, CustomEndpoints=list(CUSTOM[:8])),
        (WRITER, READER, *CUSTOM[:8]),
    ),
    "more endpoints than are kept": (
        cluster("ledger", MEMBERS, CustomEndpoints=list(CUSTOM)),
        (WRITER, READER, *CUSTOM[:8]),
    ),
    "no reader": (cluster("ledger", MEMBERS, ReaderEndpoint=ABSENT), (WRITER,)),
    "no custom endpoints": (cluster("ledger", MEMBERS, CustomEndpoints=[]), (WRITER, READER)),
    "empty": (cluster("ledger", MEMBERS, Endpoint=""), (READER,)),
    "none": (cluster("ledger", MEMBERS, Endpoint=ABSENT, ReaderEndpoint=ABSENT), ()),
}


@pytest.mark.parametrize(("described", "endpoints"), CASES.values(), ids=CASES)
def test_a_member_knows_the_endpoints_of_its_cluster(
    serve: Serve, described: Described, endpoints: tuple[str, ...]
) -> None:
    fleet = Fleet(instances=[member("ledger-1", "ledger")], clusters=[described])
    with serve(fleet):
        (target,) = find().targets

    assert target.database.cluster is not None
    assert target.database.cluster.endpoints == endpoints
    assert target.database.endpoint is not None
    assert target.database.endpoint.address not in endpoints


@pytest.mark.parametrize("described", [shape for shape, _ in CASES.values()], ids=CASES)
def test_botocore_finds_the_endpoints_in_the_service_model(described: Described) -> None:
    client = boto3.client("rds", REGION)
    with Stubber(client) as stubber:
        stubber.add_response("describe_db_clusters", {"DBClusters": [described]})
    client.close()


def test_a_member_of_an_unlisted_cluster_knows_only_its_own_endpoint(serve: Serve) -> None:
    with serve(Fleet(instances=[member("ledger-1", "ledger")])):
        (target,) = find().targets

    assert target.database.cluster is not None
    assert target.database.cluster.endpoints == ()


def test_an_instance_has_no_other_endpoints(serve: Serve) -> None:
    with serve(Fleet(instances=[instance("orders")])):
        (target,) = find().targets

    assert target.database.cluster is None
