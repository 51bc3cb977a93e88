"""Find targets: each parameter group that decides is read once."""

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


def groups_by_database(
    databases: Sequence[Database], rds: Rds
) -> dict[str, Observed[ParameterGroup]]:
    rds.databases = databases
    return {target.database.id: target.configuration.group for target in found_in(rds)}


def test_each_group_is_read_once() -> None:
    rds = Rds([ORDERS, database("shop"), BILLING, *MEMBERS])

    found_in(rds)

    first, *groups, last = rds.calls
    assert (first, last) == ("all", "authorities")
    assert sorted(groups) == [
        "cluster parameter group aurora16",
        "parameter group pg14",
        "parameter group pg16",
    ]


def test_a_cluster_group_and_an_instance_group_may_have_the_same_name() -> None:
    same_name = database("ledger-1", cluster=cluster(parameter_group="pg16"))

    found = groups_by_database([ORDERS, same_name], Rds())

    assert found["orders-prod"] == Seen(value=parameter_group(name="pg16"))
    assert found["ledger-1"] == Seen(value=parameter_group(name="pg16", of_cluster=True))


def test_the_cluster_group_decides_for_the_members() -> None:
    found = groups_by_database(MEMBERS, Rds())

    assert set(found) == {"ledger-1", "ledger-2"}
    group = Seen(value=parameter_group(name="aurora16", of_cluster=True))
    assert list(found.values()) == [group, group]


def test_the_group_of_a_cluster_that_was_not_listed_is_unknown() -> None:
    rds = Rds()

    found = groups_by_database([database("ledger-1", cluster=unlisted_cluster())], rds)

    assert isinstance(found["ledger-1"], Unseen)
    assert rds.calls == ["all", "authorities"]


def test_a_group_that_cannot_be_read_does_not_affect_others() -> None:
    found = groups_by_database([ORDERS, BILLING], Rds(denied=frozenset({"pg16"})))

    assert found["orders-prod"] == Unseen(
        reason="parameter group pg16 could not be read: AccessDenied"
    )
    assert found["billing"] == Seen(value=parameter_group(name="pg14"))


@pytest.mark.parametrize(
    ("ca_id", "authorities", "authority"),
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
def test_the_ca_of_a_database_is_the_one_that_rds_lists(
    ca_id: str | None,
    authorities: Observed[Mapping[str, CertificateAuthority]],
    authority: Observed[CertificateAuthority],
) -> None:
    rds = Rds([database(ca_id=ca_id)], authorities=authorities)

    (found,) = found_in(rds)

    assert found.configuration.authority == authority


def test_without_databases_nothing_else_is_read() -> None:
    rds = Rds()

    assert found_in(rds) == ()
    assert rds.calls == ["all"]


def test_named_databases_are_listed_by_name() -> None:
    rds = Rds([ORDERS, BILLING])

    (billing,) = found_in(rds, "billing")

    assert billing.database.id == "billing"
    assert rds.calls[0] == "named billing"


@pytest.mark.parametrize(
    ("scope", "users"),
    [
        pytest.param(
            Scope(exclude_names=("ledger-2",)),
            {"ledger-1": GroupUsers(members_left_out=("ledger-2",)), "other-1": GroupUsers()},
            id="a-member",
        ),
        pytest.param(
            Scope(exclude_names=("ledger",)),
            {"other-1": GroupUsers()},
            id="a-whole-cluster",
        ),
        pytest.param(
            Scope(exclude_names=("orders-prod",)),
            dict.fromkeys(("ledger-1", "ledger-2", "other-1"), GroupUsers()),
            id="an-instance-outside-clusters",
        ),
    ],
)
def test_members_out_of_scope_are_named_in_the_targets_in_scope(
    scope: Scope, users: dict[str, GroupUsers]
) -> None:
    other = database("other-1", cluster=cluster("other", parameter_group="aurora15"))

    targets = find_targets((), Rds([ORDERS, *MEMBERS, other]), scope).targets

    members = [target for target in targets if target.database.cluster]
    assert {target.database.id: target.configuration.sharing for target in members} == users


def test_a_named_run_does_not_know_the_other_users_of_a_group() -> None:
    (found,) = find_targets(("ledger-1",), Rds(MEMBERS), Scope()).targets

    assert found.configuration.sharing is None
