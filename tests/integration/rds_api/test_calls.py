"""Discover needs the smallest possible number of calls, and little memory and CPU time."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pytest

from rds_tls_audit.adapters.rds.api import RdsApi, UnknownDatabasesError
from rds_tls_audit.pipeline.manifest import Batch
from rds_tls_audit.pipeline.requests import DiscoverRequest
from rds_tls_audit.pipeline.run import Run, RunKind
from rds_tls_audit.results.batch_result import BatchResult
from rds_tls_audit.stages import discover
from rds_tls_audit.stages.discover import DiscoverPorts, DiscoveryResult
from rds_tls_audit.stages.steps.find_targets import GROUPS_AT_A_TIME
from tests.integration.rds_api.conftest import Serve
from tests.integration.rds_api.cost import cost
from tests.integration.rds_api.discovery_helpers import find, values
from tests.integration.rds_api.rds_fleets import (
    ARN,
    FORCED,
    cluster_fleet,
    combined,
    instance,
    plain_fleet,
)
from tests.integration.rds_api.rds_server import Call, Fleet, in_pairs, serving
from tests.support.builders import run, settings

MEMORY_MIB = 110
"""The limit for 1,000 instances in 20 groups; Cloud Custodian needs 86 MiB for less."""


def smallest_number(instances: int, clusters: int, groups: int) -> int:
    """Return the calls for the pages of both listings, the groups, and the CAs."""
    pages = max(1, math.ceil(instances / 100)) + max(1, math.ceil(clusters / 100))
    return pages + groups + (1 if instances or clusters else 0)


@pytest.mark.parametrize(
    ("fleet", "calls"),
    [
        pytest.param(Fleet(), 2, id="nothing"),
        pytest.param(plain_fleet(1, 1), 4, id="1 instance"),
        pytest.param(plain_fleet(100, 1), 4, id="a full page"),
        pytest.param(plain_fleet(101, 1), 5, id="a full page and one"),
        pytest.param(cluster_fleet(50, 1), 4, id="a full page of members"),
        pytest.param(cluster_fleet(101, 3), 3 + 2 + 3 + 1, id="202 members of 101 clusters"),
        pytest.param(
            combined(plain_fleet(100, 20), cluster_fleet(50, 10)),
            2 + 1 + 30 + 1,
            id="instances and members",
        ),
        pytest.param(plain_fleet(1_000, 20), 32, id="1,000 instances in 20 groups"),
        pytest.param(cluster_fleet(250, 20), 5 + 3 + 20 + 1, id="250 clusters in 20 groups"),
    ],
)
def test_a_full_run_makes_the_smallest_number_of_calls(
    serve: Serve, fleet: Fleet, calls: int
) -> None:
    used = len(fleet.groups) + len(fleet.cluster_groups)
    assert calls == smallest_number(len(fleet.instances), len(fleet.clusters), used)

    with serve(fleet) as server:
        found = find()

    assert found.complete
    assert len(found.targets) == len(fleet.instances)
    assert len(server.calls) == calls, server.call_counts


def test_each_group_is_read_once_and_a_few_in_parallel(serve: Serve) -> None:
    with serve(combined(plain_fleet(300, 40), cluster_fleet(40, 10)), in_pairs()) as server:
        find()

    read = [(call.operation, call.group) for call in server.calls if call.group]
    assert len(read) == len(set(read)) == 50
    assert 1 < server.max_concurrent <= GROUPS_AT_A_TIME


def test_a_group_is_read_completely_if_the_filter_is_ignored(serve: Serve) -> None:
    fleet = plain_fleet(4, 2)
    with serve(fleet, applies_filters=False) as server:
        found = find()

    assert values(found) == {
        "orders-00000": "0",
        "orders-00001": "1",
        "orders-00002": "0",
        "orders-00003": "1",
    }
    assert server.call_counts["DescribeDBParameters"] == 2 * 4


@dataclass(frozen=True, kw_only=True)
class Named:
    """Names in an account with 500 instances and 100 clusters, and the calls they need."""

    names: Sequence[str]
    found: Sequence[str]
    calls: int


NAMED = {
    # The instance, its group, and the CAs.
    "an instance": Named(names=["orders-00007"], found=["orders-00007"], calls=3),
    "an instance by ARN": Named(names=[f"{ARN}:db:orders-00007"], found=["orders-00007"], calls=3),
    "two instances of two groups": Named(
        names=["orders-00007", "orders-00008"], found=["orders-00007", "orders-00008"], calls=4
    ),
    # Also the cluster, whose group decides.
    "a member": Named(names=["ledger-00007-1"], found=["ledger-00007-1"], calls=4),
    # First an instance of this name, then the members of the cluster.
    "a cluster": Named(names=["ledger-00007"], found=["ledger-00007-1", "ledger-00007-2"], calls=5),
    "a cluster by ARN": Named(
        names=[f"{ARN}:cluster:ledger-00007"],
        found=["ledger-00007-1", "ledger-00007-2"],
        calls=5,
    ),
    "120 instances": Named(
        names=[f"orders-{number:05}" for number in range(120)],
        found=[f"orders-{number:05}" for number in range(120)],
        calls=2 + 10 + 1,
    ),
}


@pytest.fixture(scope="module")
def account() -> Fleet:
    return combined(plain_fleet(500, 10), cluster_fleet(100, 10))


@pytest.mark.parametrize("named", NAMED.values(), ids=NAMED)
def test_a_named_run_reads_only_the_named_databases(
    serve: Serve, account: Fleet, named: Named
) -> None:
    with serve(account) as server:
        found = find(*named.names)

    assert sorted(target.database.id for target in found.targets) == sorted(named.found)
    assert len(server.calls) <= named.calls, server.call_counts
    assert all(call.filters or call.operation == "DescribeCertificates" for call in server.calls)


def test_unknown_names_are_refused_after_three_calls(serve: Serve, account: Fleet) -> None:
    with serve(account) as server, pytest.raises(UnknownDatabasesError, match="nobody, nowhere"):
        find("nobody", "orders-00007", "nowhere")

    assert len(server.calls) <= 3, server.call_counts


def test_names_from_events_that_no_longer_exist_are_omitted(serve: Serve, account: Fleet) -> None:
    with serve(account):
        found = find("nobody", "orders-00007", ignore_missing=True)

    assert [target.database.id for target in found.targets] == ["orders-00007"]


@dataclass
class LastManifest:
    """A run store with the manifest of a full run, and nothing else."""

    batches: Sequence[Batch] = ()

    def write_manifest(self, run: Run, batches: Sequence[Batch]) -> str:
        self.batches = batches
        return f"runs/{run.id}/batches.json"

    def write_left_out(self, run: Run, resource_ids: Sequence[str]) -> None:
        """Nothing is out of scope."""

    def latest_full_run_id(self) -> str:
        return run().id

    def read_manifest(self, run_id: str) -> Sequence[Batch]:
        del run_id
        return self.batches

    def read_results(self, run_id: str) -> Iterator[BatchResult]:
        del run_id
        yield from ()


def test_a_sample_run_makes_no_calls(serve: Serve, account: Fleet) -> None:
    manifests = LastManifest()
    with serve(account) as server:
        ports = DiscoverPorts(rds=RdsApi(), manifests=manifests, lock=None)
        discover.discover_databases(run(), DiscoverRequest(kind=RunKind.FULL), settings(), ports)
        before = len(server.calls)
        sampled = discover.discover_databases(
            run(RunKind.SAMPLE), DiscoverRequest(kind=RunKind.SAMPLE), settings(), ports
        )

    assert before > 0
    assert isinstance(sampled, DiscoveryResult)
    assert len(server.calls) == before


@pytest.fixture(scope="module")
def thousand() -> dict[str, float]:
    return cost(plain_fleet(1_000, 20))


@pytest.fixture(scope="module")
def ten_thousand() -> dict[str, float]:
    return cost(plain_fleet(10_000, 100))


def test_1000_instances_in_20_groups_need_33_calls_and_little_memory(
    thousand: dict[str, float],
) -> None:
    assert thousand["calls"] <= 33
    assert thousand["peak_mib"] <= MEMORY_MIB, thousand


def test_10000_instances_in_100_groups_need_205_calls_and_proportional_work(
    thousand: dict[str, float], ten_thousand: dict[str, float]
) -> None:
    nothing = cost(Fleet())

    assert ten_thousand["calls"] <= 205
    for name in ("python_calls", "peak_mib", "manifest_bytes"):
        tenth = thousand[name] - nothing[name]
        assert ten_thousand[name] - nothing[name] <= 20 * tenth, (name, thousand, ten_thousand)
    assert ten_thousand["peak_mib"] <= 400, ten_thousand


def test_1000_instances_with_one_group_need_no_more_memory_or_bytes(
    thousand: dict[str, float],
) -> None:
    shared = cost(plain_fleet(1_000, 1))

    assert shared["calls"] == 13
    assert shared["peak_mib"] <= MEMORY_MIB, shared
    assert shared["manifest_bytes"] <= 2 * thousand["manifest_bytes"], shared


STRICT = {
    "a page that is too large": {"MaxRecords": "101"},
    "a page that is too small": {"MaxRecords": "19"},
    "a filter that RDS does not have": {
        "Filters.Filter.1.Name": "tag",
        "Filters.Filter.1.Values.Value.1": "prod",
    },
}


@pytest.mark.parametrize("parameters", STRICT.values(), ids=STRICT)
def test_the_server_refuses_what_rds_refuses(parameters: dict[str, str]) -> None:
    with serving(Fleet()) as server:
        response = server.respond(Call(operation="DescribeDBInstances", parameters=parameters))

    assert response.status == 400
    assert "InvalidParameterValue" in response.body


def test_the_server_refuses_to_describe_a_field_that_rds_does_not_have() -> None:
    invalid = Fleet(instances=[instance("orders", ForceSsl=True)], groups={"pg16": FORCED})

    with serving(invalid) as server, pytest.raises(ValueError, match="ForceSsl"):
        server.respond(Call(operation="DescribeDBInstances", parameters={}))
