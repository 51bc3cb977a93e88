"""Throttled, denied or talked nonsense to: slower, or UNKNOWN with the reason; never a verdict."""

import socket
from collections.abc import Mapping
from dataclasses import dataclass

import pytest

from rds_tls_audit.adapters.rds.api import RdsUnavailableError
from rds_tls_audit.checks.verdict import Status
from rds_tls_audit.evidence.observed import Seen, Unseen
from tests.integration.rds_api.conftest import HASTE, Serve
from tests.integration.rds_api.discovery_helpers import CONFIGURED, find, groups, values, verdicts
from tests.integration.rds_api.rds_fleets import both, cluster_fleet, plain_fleet
from tests.integration.rds_api.rds_server import (
    Answer,
    Bucket,
    Fault,
    Fleet,
    RefusedError,
    answers,
    denied,
    environment,
)

INSTANCES, CLUSTERS = "DescribeDBInstances", "DescribeDBClusters"
GROUPS, CLUSTER_GROUPS = "DescribeDBParameters", "DescribeDBClusterParameters"
AUTHORITIES = "DescribeCertificates"

SMALL = both(plain_fleet(4, 2), cluster_fleet(1, 1))
RIGHT = {
    "orders-00000": "0",
    "orders-00001": "1",
    "orders-00002": "0",
    "orders-00003": "1",
    "ledger-00000-1": "1",
    "ledger-00000-2": "1",
}


def throttled(*, per_second: float, burst: int) -> Bucket:
    """Make a bucket on the clock of these tests."""
    return Bucket(per_second=per_second * HASTE, burst=burst)


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize(
    "fleet",
    [
        pytest.param(plain_fleet(1_000, 20), id="1,000 instances in 20 groups"),
        pytest.param(
            both(plain_fleet(400, 40), cluster_fleet(50, 40)), id="500 instances in 80 groups"
        ),
    ],
)
def test_at_3_requests_a_second_all_is_there_and_right(serve: Serve, fleet: Fleet) -> None:
    with serve(fleet) as undisturbed:
        expected = find()
    bucket = throttled(per_second=3, burst=10)
    with serve(fleet, bucket) as server:
        found = find()

    assert found == expected
    assert found.complete
    assert len(server.calls) == len(undisturbed.calls) + bucket.turned_away


@pytest.mark.usefixtures("hasty")
def test_where_others_leave_1_request_a_second_120_groups_are_still_all_read(
    serve: Serve,
) -> None:
    with serve(plain_fleet(120, 120), throttled(per_second=1, burst=10)):
        found = find()

    assert [it for it in values(found).values() if it not in {"0", "1"}] == []


@dataclass(frozen=True, kw_only=True)
class Denied:
    """What is refused, and what then is not known."""

    fault: Fault
    unseen: Mapping[str, str]
    """Reasons by database."""
    complete: bool = True
    authority: str | None = None
    """Why the end of the CA is not known."""


UNLISTED = "its cluster could not be listed, whose parameter group decides"
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
        fault=answers(
            AUTHORITIES,
            RefusedError("InvalidAction", "no such action").answer,
        ),
        unseen={},
        authority=f"the CAs could not be read: InvalidAction on {AUTHORITIES}",
    ),
}


@pytest.mark.parametrize("case", DENIED.values(), ids=DENIED)
def test_what_is_denied_is_unknown_and_all_else_is_right(serve: Serve, case: Denied) -> None:
    with serve(SMALL, case.fault):
        found = find()

    assert found.complete is case.complete
    assert values(found) == RIGHT | dict(case.unseen)
    for target in found.targets:
        judged = verdicts(target)
        if target.database.id in case.unseen:
            assert {judged[check].status for check in CONFIGURED} == {Status.UNKNOWN}
            assert judged["force-ssl"].because == case.unseen[target.database.id]
        end = target.configuration.authority
        assert (end.reason if isinstance(end, Unseen) else None) == case.authority


def test_a_listing_that_fails_on_its_second_page_keeps_the_first(serve: Serve) -> None:
    with serve(plain_fleet(250, 2), denied(INSTANCES, from_page=2)):
        found = find()

    assert not found.complete
    assert len(found.targets) == 100
    assert all(isinstance(group, Seen) for group in groups(found).values())


def test_clusters_that_fail_on_their_second_page_leave_the_others_members_unseen(
    serve: Serve,
) -> None:
    with serve(cluster_fleet(101, 2), denied(CLUSTERS, from_page=2)):
        found = find()

    unseen = {id_: why for id_, why in values(found).items() if why != "1"}
    assert not found.complete
    assert len(found.targets) == 202
    assert unseen == dict.fromkeys(["ledger-00100-1", "ledger-00100-2"], UNLISTED)


def test_instances_that_may_not_be_listed_are_an_error_that_says_so(serve: Serve) -> None:
    with (
        serve(SMALL, denied(INSTANCES)),
        pytest.raises(RdsUnavailableError, match=f"AccessDenied on {INSTANCES}"),
    ):
        find()


def test_named_databases_that_may_not_be_listed_are_an_error_and_not_missing(
    serve: Serve,
) -> None:
    with serve(SMALL, denied(INSTANCES)), pytest.raises(RdsUnavailableError):
        find("orders-00000", ignore_missing=True)


HTML = "<html><head><meta charset=utf-8><title>Sign in</title></head><body>Hello<br></body></html>"
XHTML = "<html><head><title>Sign in</title></head><body><p>Hello</p></body></html>"
NONSENSE = [
    pytest.param(Answer(status=200, body=HTML), id="HTML"),
    pytest.param(Answer(status=403, body=HTML), id="HTML that refuses"),
    pytest.param(Answer(status=502, body=HTML), id="HTML of a bad gateway"),
    pytest.param(Answer(status=200, body=""), id="nothing"),
    pytest.param(Answer(status=403, body=""), id="a refusal without a word"),
    pytest.param(Answer(status=200, body="{}"), id="JSON"),
    pytest.param(Answer(status=200, body=XHTML), id="XHTML"),
    pytest.param(Answer(status=403, body=XHTML), id="XHTML that refuses"),
    pytest.param(Answer(status=302, body=XHTML), id="XHTML that leads on"),
    pytest.param(Answer(status=200, body="<Response/>"), id="an answer without a result"),
]


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("answer", NONSENSE)
def test_a_page_in_place_of_the_databases_is_an_error_of_ours(serve: Serve, answer: Answer) -> None:
    with serve(SMALL, answers(INSTANCES, answer)), pytest.raises(RdsUnavailableError):
        find()


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("answer", NONSENSE)
def test_a_page_in_place_of_a_group_or_the_cas_is_no_verdict(serve: Serve, answer: Answer) -> None:
    with serve(SMALL, answers(GROUPS, answer), answers(AUTHORITIES, answer)):
        found = find()

    shown = values(found)
    assert found.complete
    assert {id_: shown[id_] for id_ in shown if id_.startswith("ledger")} == {
        "ledger-00000-1": "1",
        "ledger-00000-2": "1",
    }
    for target in found.targets:
        assert isinstance(target.configuration.authority, Unseen)
        if target.database.cluster is None:
            assert verdicts(target)["force-ssl"].status is Status.UNKNOWN


@pytest.mark.usefixtures("hasty")
def test_a_refused_connection_is_an_error_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as nobody_listens:
        nobody_listens.bind(("127.0.0.1", 0))
        port: int = nobody_listens.getsockname()[1]
        for name, value in environment(f"http://127.0.0.1:{port}").items():
            monkeypatch.setenv(name, value)

        with pytest.raises(RdsUnavailableError, match="EndpointConnectionError"):
            find()


@pytest.mark.usefixtures("hasty")
def test_a_group_that_is_throttled_for_good_is_unknown_after_eight_attempts(serve: Serve) -> None:
    turned_away = RefusedError("Throttling", "Rate exceeded").answer
    with serve(SMALL, answers(CLUSTER_GROUPS, turned_away)) as server:
        found = find()

    assert values(found)["ledger-00000-1"] == (
        f"cluster parameter group aurora-000 could not be read: Throttling on {CLUSTER_GROUPS}"
    )
    assert server.counted[CLUSTER_GROUPS] == 8
