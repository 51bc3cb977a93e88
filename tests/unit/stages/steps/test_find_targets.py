"""Each parameter group is read once, from the cluster where there is one."""

from collections.abc import Mapping, Sequence

import pytest

from rds_tls_audit.evidence.observed import Observed, Seen, Unseen
from rds_tls_audit.fleet.certificate_authority import CertificateAuthority
from rds_tls_audit.fleet.configuration import GroupUsers, ParameterGroup, Target
from rds_tls_audit.fleet.database import Database
from rds_tls_audit.fleet.scope import Scope
from rds_tls_audit.stages.steps.find_targets import find_targets
from tests.support.builders import cluster, database, parameter_group, unlisted_cluster
from tests.support.in_memory_stores import AUTHORITY, Rds
from tests.unit.stages.discover_helpers import BILLING, MEMBERS, ORDERS


def found_in(rds: Rds, *names: str) -> Sequence[Target]:
    return find_targets(names, rds, Scope()).targets


def groups_of(databases: Sequence[Database], rds: Rds) -> dict[str, Observed[ParameterGroup]]:
    rds.databases = databases
    return {target.database.id: target.configuration.group for target in found_in(rds)}


def test_each_group_is_read_once() -> None:
    rds = Rds([ORDERS, database("shop"), BILLING, *MEMBERS])

    found_in(rds)

    first, *groups, last = rds.asked
    assert (first, last) == ("all", "authorities")
    assert sorted(groups) == [
        "cluster parameter group aurora16",
        "parameter group pg14",
        "parameter group pg16",
    ]


def test_groups_of_one_name_are_two_groups() -> None:
    same_name = database("ledger-1", cluster=cluster(parameter_group="pg16"))

    found = groups_of([ORDERS, same_name], Rds())

    assert found["orders-prod"] == Seen(value=parameter_group(name="pg16"))
    assert found["ledger-1"] == Seen(value=parameter_group(name="pg16", of_cluster=True))


def test_the_clusters_group_decides_for_its_members() -> None:
    found = groups_of(MEMBERS, Rds())

    assert set(found) == {"ledger-1", "ledger-2"}
    assert all(
        it == Seen(value=parameter_group(name="aurora16", of_cluster=True)) for it in found.values()
    )


def test_a_cluster_that_was_not_listed_leaves_its_group_unseen() -> None:
    rds = Rds()

    found = groups_of([database("ledger-1", cluster=unlisted_cluster())], rds)

    assert found["ledger-1"] == Unseen(
        reason="its cluster could not be listed, whose parameter group decides"
    )
    assert rds.asked == ["all", "authorities"]


def test_a_group_that_cannot_be_read_hides_no_other() -> None:
    found = groups_of([ORDERS, BILLING], Rds(denied=frozenset({"pg16"})))

    assert found["orders-prod"] == Unseen(
        reason="parameter group pg16 could not be read: AccessDenied"
    )
    assert found["billing"] == Seen(value=parameter_group(name="pg14"))


@pytest.mark.parametrize(
    ("ca_id", "authorities", "end"),
    [
        pytest.param(
            "rds-ca-rsa2048-g1",
            Seen(value={"rds-ca-rsa2048-g1": AUTHORITY}),
            Seen(value=AUTHORITY),
            id="listed",
        ),
        pytest.param(
            "rds-ca-2019",
            Seen(value={"rds-ca-rsa2048-g1": AUTHORITY}),
            Unseen(reason="RDS does not list the CA rds-ca-2019"),
            id="not-listed",
        ),
        pytest.param(
            None,
            Seen(value={"rds-ca-rsa2048-g1": AUTHORITY}),
            Unseen(reason="RDS does not list the CA of the instance"),
            id="not-named",
        ),
        pytest.param("rds-ca-2019", Unseen(reason="denied"), Unseen(reason="denied"), id="denied"),
    ],
)
def test_the_end_of_the_ca_is_the_one_rds_lists(
    ca_id: str | None,
    authorities: Observed[Mapping[str, CertificateAuthority]],
    end: Observed[CertificateAuthority],
) -> None:
    rds = Rds([database(ca_id=ca_id)], authorities=authorities)

    (found,) = found_in(rds)

    assert found.configuration.authority == end


def test_nothing_more_is_asked_where_there_is_no_database() -> None:
    rds = Rds()

    assert found_in(rds) == ()
    assert rds.asked == ["all"]


def test_named_databases_are_listed_by_name() -> None:
    rds = Rds([ORDERS, BILLING])

    (billing,) = found_in(rds, "billing")

    assert billing.database.id == "billing"
    assert rds.asked[0] == "named billing"


@pytest.mark.parametrize(
    ("scope", "sharing"),
    [
        pytest.param(
            Scope(exclude_names=("ledger-2",)),
            {"ledger-1": GroupUsers(members_left_out=("ledger-2",)), "other-1": GroupUsers()},
            id="a-member",
        ),
        pytest.param(
            Scope(exclude_names=("ledger",)),
            {"other-1": GroupUsers()},
            id="a-cluster-as-a-whole",
        ),
        pytest.param(
            Scope(exclude_names=("orders-prod",)),
            dict.fromkeys(("ledger-1", "ledger-2", "other-1"), GroupUsers()),
            id="an-instance-of-no-cluster",
        ),
    ],
)
def test_members_out_of_scope_are_named_to_those_in_scope(
    scope: Scope, sharing: dict[str, GroupUsers]
) -> None:
    other = database("other-1", cluster=cluster("other", parameter_group="aurora15"))

    targets = find_targets((), Rds([ORDERS, *MEMBERS, other]), scope).targets

    clusters = [it for it in targets if it.database.cluster]
    assert {it.database.id: it.configuration.sharing for it in clusters} == sharing


def test_a_named_run_does_not_know_who_is_out_of_scope() -> None:
    (found,) = find_targets(("ledger-1",), Rds(MEMBERS), Scope()).targets

    assert found.configuration.sharing is None
