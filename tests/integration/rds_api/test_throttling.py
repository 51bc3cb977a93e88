"""If RDS throttles, refuses, or sends garbage, the audit is slower or knows less, never wrong."""

import socket
from collections.abc import Mapping
from dataclasses import dataclass

import pytest

from rds_tls_audit.adapters.rds.api import RdsUnavailableError
from rds_tls_audit.checks.verdict import Status
from rds_tls_audit.evidence.observed import Seen, Unseen
from tests.integration.rds_api.conftest import SPEEDUP, Serve
from tests.integration.rds_api.discovery_helpers import (
    CONFIGURED,
    deciding_groups,
    find,
    values,
    verdicts,
)
from tests.integration.rds_api.rds_fleets import cluster_fleet, combined, plain_fleet
from tests.integration.rds_api.rds_server import (
    Fault,
    Fleet,
    RefusedError,
    Response,
    Throttle,
    denied,
    environment,
    responds,
)

INSTANCES, CLUSTERS = "DescribeDBInstances", "DescribeDBClusters"
GROUPS, CLUSTER_GROUPS = "DescribeDBParameters", "DescribeDBClusterParameters"
AUTHORITIES = "DescribeCertificates"

SMALL = combined(plain_fleet(4, 2), cluster_fleet(1, 1))
RIGHT = {
    "orders-00000": "0",
    "orders-00001": "1",
    "orders-00002": "0",
    "orders-00003": "1",
    "ledger-00000-1": "1",
    "ledger-00000-2": "1",
}


def throttle(*, per_second: float, burst: int) -> Throttle:
    """Return a throttle on the faster clock of these tests."""
    return Throttle(per_second=per_second * SPEEDUP, burst=burst)


@pytest.mark.usefixtures("short_waits")
@pytest.mark.parametrize(
    "fleet",
    [
        pytest.param(plain_fleet(1_000, 20), id="1,000 instances in 20 groups"),
        pytest.param(
            combined(plain_fleet(400, 40), cluster_fleet(50, 40)), id="500 instances in 80 groups"
        ),
    ],
)
def test_at_3_requests_per_second_everything_is_found(serve: Serve, fleet: Fleet) -> None:
    with serve(fleet) as unthrottled:
        expected = find()
    limit = throttle(per_second=3, burst=10)
    with serve(fleet, limit) as server:
        found = find()

    assert found == expected
    assert found.complete
    assert len(server.calls) == len(unthrottled.calls) + limit.refused


@pytest.mark.usefixtures("short_waits")
def test_at_1_request_per_second_120_groups_are_still_read(
    serve: Serve,
) -> None:
    with serve(plain_fleet(120, 120), throttle(per_second=1, burst=10)):
        found = find()

    assert set(values(found).values()) == {"0", "1"}


@dataclass(frozen=True, kw_only=True)
class Denied:
    """A refused call, and what is not known then."""

    fault: Fault
    unseen: Mapping[str, str]
    """The reasons, by database."""
    complete: bool = True
    authority: str | None = None
    """The reason why the CA is not known."""


UNLISTED = "the cluster, whose parameter group decides, could not be listed"
DENIED = {
    "one group": Denied(
        fault=denied(GROUPS, group="pg-000"),
        unseen=dict.fromkeys(
            ["orders-00000", "orders-00002"],
            f"parameter group pg-000 could not be read: AccessDenied on {GROUPS}",
        ),
    ),
    "the groups of clusters": Denied(
        fault=denied(CLUSTER_GROUPS),
        unseen=dict.fromkeys(
            ["ledger-00000-1", "ledger-00000-2"],
            "cluster parameter group aurora-000 could not be read: "
            f"AccessDenied on {CLUSTER_GROUPS}",
        ),
    ),
    "the clusters": Denied(
        fault=denied(CLUSTERS),
        unseen=dict.fromkeys(["ledger-00000-1", "ledger-00000-2"], UNLISTED),
        complete=False,
    ),
    "the CAs": Denied(
        fault=denied(AUTHORITIES),
        unseen={},
        authority=f"the CAs could not be read: AccessDenied on {AUTHORITIES}",
    ),
    "the CAs, which an emulator does not know": Denied(
        fault=responds(
            AUTHORITIES,
            RefusedError("InvalidAction", "no such action").response,
        ),
        unseen={},
        authority=f"the CAs could not be read: InvalidAction on {AUTHORITIES}",
    ),
}


@pytest.mark.parametrize("case", DENIED.values(), ids=DENIED)
def test_a_denied_call_makes_only_what_depends_on_it_unknown(serve: Serve, case: Denied) -> None:
    with serve(SMALL, case.fault):
        found = find()

    assert found.complete is case.complete
    assert values(found) == RIGHT | dict(case.unseen)
    for target in found.targets:
        by_check = verdicts(target)
        if target.database.id in case.unseen:
            assert {by_check[check].status for check in CONFIGURED} == {Status.UNKNOWN}
            assert by_check["force-ssl"].because == case.unseen[target.database.id]
        authority = target.configuration.authority
        assert (authority.reason if isinstance(authority, Unseen) else None) == case.authority


def test_a_listing_that_fails_on_the_second_page_keeps_the_first_page(serve: Serve) -> None:
    with serve(plain_fleet(250, 2), denied(INSTANCES, from_page=2)):
        found = find()

    assert not found.complete
    assert len(found.targets) == 100
    assert all(isinstance(group, Seen) for group in deciding_groups(found).values())


def test_groups_of_clusters_on_a_failed_second_page_are_unknown(
    serve: Serve,
) -> None:
    with serve(cluster_fleet(101, 2), denied(CLUSTERS, from_page=2)):
        found = find()

    unseen = {name: reason for name, reason in values(found).items() if reason != "1"}
    assert not found.complete
    assert len(found.targets) == 202
    assert unseen == dict.fromkeys(["ledger-00100-1", "ledger-00100-2"], UNLISTED)


def test_a_denied_listing_of_instances_is_an_error_that_names_the_call(serve: Serve) -> None:
    with (
        serve(SMALL, denied(INSTANCES)),
        pytest.raises(RdsUnavailableError, match=f"AccessDenied on {INSTANCES}"),
    ):
        find()


def test_a_denied_listing_of_named_databases_is_an_error_and_not_missing_databases(
    serve: Serve,
) -> None:
    with serve(SMALL, denied(INSTANCES)), pytest.raises(RdsUnavailableError):
        find("orders-00000", ignore_missing=True)


HTML = "<html><head><meta charset=utf-8><title>Sign in</title></head><body>Hello<br></body></html>"
XHTML = "<html><head><title>Sign in</title></head><body><p>Hello</p></body></html>"
GARBAGE = [
    pytest.param(Response(status=200, body=HTML), id="HTML"),
    pytest.param(Response(status=403, body=HTML), id="HTML with status 403"),
    pytest.param(Response(status=502, body=HTML), id="HTML with status 502"),
    pytest.param(Response(status=200, body=""), id="empty"),
    pytest.param(Response(status=403, body=""), id="empty with status 403"),
    pytest.param(Response(status=200, body="{}"), id="JSON"),
    pytest.param(Response(status=200, body=XHTML), id="XHTML"),
    pytest.param(Response(status=403, body=XHTML), id="XHTML with status 403"),
    pytest.param(Response(status=302, body=XHTML), id="XHTML with status 302"),
    pytest.param(Response(status=200, body="<Response/>"), id="without a result"),
]


@pytest.mark.usefixtures("short_waits")
@pytest.mark.parametrize("response", GARBAGE)
def test_garbage_instead_of_the_databases_is_an_error(serve: Serve, response: Response) -> None:
    with serve(SMALL, responds(INSTANCES, response)), pytest.raises(RdsUnavailableError):
        find()


@pytest.mark.usefixtures("short_waits")
@pytest.mark.parametrize("response", GARBAGE)
def test_garbage_instead_of_a_group_or_the_cas_is_unknown(serve: Serve, response: Response) -> None:
    with serve(SMALL, responds(GROUPS, response), responds(AUTHORITIES, response)):
        found = find()

    shown = values(found)
    assert found.complete
    assert {name: shown[name] for name in shown if name.startswith("ledger")} == {
        "ledger-00000-1": "1",
        "ledger-00000-2": "1",
    }
    for target in found.targets:
        assert isinstance(target.configuration.authority, Unseen)
        if target.database.cluster is None:
            assert verdicts(target)["force-ssl"].status is Status.UNKNOWN


@pytest.mark.usefixtures("short_waits")
def test_a_refused_connection_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as not_listening:
        not_listening.bind(("127.0.0.1", 0))
        port: int = not_listening.getsockname()[1]
        for name, value in environment(f"http://127.0.0.1:{port}").items():
            monkeypatch.setenv(name, value)

        with pytest.raises(RdsUnavailableError, match="EndpointConnectionError"):
            find()


@pytest.mark.usefixtures("short_waits")
def test_a_group_that_is_always_throttled_is_unknown_after_eight_attempts(serve: Serve) -> None:
    throttled = RefusedError("Throttling", "Rate exceeded").response
    with serve(SMALL, responds(CLUSTER_GROUPS, throttled)) as server:
        found = find()

    assert values(found)["ledger-00000-1"] == (
        f"cluster parameter group aurora-000 could not be read: Throttling on {CLUSTER_GROUPS}"
    )
    assert server.call_counts[CLUSTER_GROUPS] == 8
