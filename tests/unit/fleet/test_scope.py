"""The scope decides which databases are audited."""

import pytest

from rds_tls_audit.fleet.scope import Scope
from rds_tls_audit.pipeline.requests import DiscoverRequest
from rds_tls_audit.pipeline.run import RunKind
from rds_tls_audit.stages import discover
from tests.support.builders import cluster, database, run, settings
from tests.support.in_memory_stores import Rds, RunStore
from tests.unit.stages.discover_helpers import ORDERS, ports, request_for

PROD = database("orders-prod", tags={"Stage": "prod", "Team": "shop"})
MEMBER = database("writer-1", cluster=cluster("ledger"))


@pytest.mark.parametrize(
    ("scope", "covered"),
    [
        pytest.param(Scope(), True, id="everything"),
        pytest.param(Scope(include_names=("orders-*",)), True, id="by-name"),
        pytest.param(Scope(include_names=("billing-*",)), False, id="another-name"),
        pytest.param(Scope(include_tags=("Stage=prod",)), True, id="by-tag"),
        pytest.param(Scope(include_tags=("Stage",)), True, id="by-tag-of-any-value"),
        pytest.param(Scope(include_tags=("Stage=test",)), False, id="another-value"),
        pytest.param(Scope(include_tags=("Owner",)), False, id="another-tag"),
        pytest.param(
            Scope(include_names=("billing-*",), include_tags=("Team=shop",)), True, id="either"
        ),
        pytest.param(Scope(exclude_names=("orders-prod",)), False, id="excluded-by-name"),
        pytest.param(Scope(exclude_tags=("Stage=prod",)), False, id="excluded-by-tag"),
        pytest.param(
            Scope(include_tags=("Stage=prod",), exclude_names=("*-prod",)), False, id="both"
        ),
        pytest.param(Scope(exclude_names=("ORDERS-*",)), True, id="names-are-case-sensitive"),
    ],
)
def test_a_database_is_in_scope_if_it_matches_any_include_and_no_exclude(
    scope: Scope, *, covered: bool
) -> None:
    assert scope.covers(PROD) is covered


@pytest.mark.parametrize(
    ("pattern", "covered"), [("ledger", True), ("writer-*", True), ("x", False)]
)
def test_a_member_is_also_in_scope_by_the_name_of_its_cluster(
    pattern: str, *, covered: bool
) -> None:
    assert Scope(include_names=(pattern,)).covers(MEMBER) is covered


def test_the_settings_are_lists_separated_by_commas() -> None:
    scope = settings(INCLUDE_NAMES="orders-*, billing-* ,", EXCLUDE_TAGS="Stage=test").scope

    assert scope == Scope(include_names=("orders-*", "billing-*"), exclude_tags=("Stage=test",))


@pytest.mark.parametrize(
    ("request_", "databases", "left_out"),
    [
        pytest.param(request_for(run()), 1, 1, id="full"),
        pytest.param(
            DiscoverRequest(kind=RunKind.NAMED, databases=("orders-prod",)), 1, 0, id="by-a-person"
        ),
        pytest.param(
            DiscoverRequest(kind=RunKind.NAMED, databases=("orders-prod",), ignore_missing=True),
            0,
            1,
            id="by-an-event",
        ),
    ],
)
def test_excluded_databases_are_counted_unless_a_person_names_them(
    request_: DiscoverRequest, databases: int, left_out: int
) -> None:
    rds = Rds([ORDERS, database("billing")])

    found = discover.discover_databases(
        run(request_.kind),
        request_,
        settings(EXCLUDE_NAMES="orders-*"),
        ports(rds, runs=RunStore()),
    )

    assert isinstance(found, discover.DiscoveryResult)
    assert (found.databases, found.left_out) == (databases, left_out)
