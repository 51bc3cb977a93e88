"""Taking stock: who is there, who is absent and how often, who has departed and why."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from rds_tls_audit.findings.inventory import (
    DELETED_REASON,
    OUT_OF_SCOPE_REASON,
    InventoryChanges,
    KnownResource,
    reconcile_inventory,
)
from rds_tls_audit.fleet.database import Database
from tests.support.builders import cluster, database, run, unlisted_cluster

ORDERS = database("orders-prod")
MEMBERS = [database(f"ledger-{number}", cluster=cluster()) for number in (1, 2)]
HERE = KnownResource(database=ORDERS)
ABSENT = replace(HERE, absences=1, absent_in="full-24")
CLOSED = replace(HERE, absences=2, absent_in="full-48", closed=True)
RUN = run(hours=72)


def taken(
    known: KnownResource | None, *present: Database, left_out: str = "", complete: bool = True
) -> InventoryChanges:
    inventory: Mapping[str, KnownResource] = {ORDERS.resource_id: known} if known else {}
    return reconcile_inventory(inventory, present, frozenset({left_out}), RUN, complete=complete)


def reasons(stock: InventoryChanges) -> dict[str, str]:
    return {it.resource_id: it.reason for it in stock.retired}


@pytest.mark.parametrize("known", [None, ABSENT, CLOSED], ids=["new", "absent", "closed"])
def test_who_is_there_is_known_and_nothing_is_held_against_it(known: KnownResource | None) -> None:
    assert taken(known, ORDERS) == InventoryChanges(changed={ORDERS.resource_id: HERE}, retired=())


def test_who_is_known_as_it_is_needs_no_write() -> None:
    assert taken(HERE, ORDERS) == InventoryChanges(changed={}, retired=())


def test_who_has_changed_is_written_as_it_is_now() -> None:
    tagged = replace(ORDERS, tags={"Owner": "orders team"})

    assert taken(HERE, tagged).changed == {ORDERS.resource_id: KnownResource(database=tagged)}


@pytest.mark.parametrize(
    ("known", "absences", "departs"),
    [(HERE, 1, False), (ABSENT, 2, True), (replace(ABSENT, absences=2), 3, True)],
    ids=["once", "twice", "twice-and-not-closed"],
)
def test_two_absences_make_a_departure(
    known: KnownResource, absences: int, *, departs: bool
) -> None:
    stock = taken(known)

    assert stock.changed[ORDERS.resource_id].absences == absences
    assert stock.changed[ORDERS.resource_id].absent_in == RUN.id
    assert reasons(stock) == ({ORDERS.resource_id: DELETED_REASON} if departs else {})


def test_the_same_run_counts_an_absence_once() -> None:
    assert taken(replace(ABSENT, absent_in=RUN.id)).retired == ()


@pytest.mark.parametrize("known", [HERE, ABSENT])
def test_nobody_is_absent_from_a_list_that_is_not_complete(known: KnownResource) -> None:
    assert taken(known, complete=False) == InventoryChanges(changed={}, retired=())


@pytest.mark.parametrize("complete", [True, False], ids=["complete", "not-complete"])
def test_who_is_left_out_departs_at_once(complete: bool) -> None:  # noqa: FBT001 - a parameter of the table
    stock = taken(HERE, left_out=ORDERS.resource_id, complete=complete)

    assert reasons(stock) == {ORDERS.resource_id: OUT_OF_SCOPE_REASON}
    assert stock.changed == {}


def test_who_is_closed_does_not_depart_again() -> None:
    assert taken(CLOSED) == InventoryChanges(changed={}, retired=())


def test_a_cluster_is_a_resource_of_its_own() -> None:
    assert taken(None, *MEMBERS).changed.keys() == {"db-LEDGER-1", "db-LEDGER-2", "cluster-LEDGER"}


def test_a_cluster_that_was_not_listed_is_none() -> None:
    member = database("ledger-1", cluster=unlisted_cluster())

    assert taken(None, member).changed.keys() == {"db-LEDGER-1"}


def test_a_cluster_that_could_not_be_listed_is_not_absent() -> None:
    member = database("ledger-1", cluster=unlisted_cluster())
    known = {"cluster-LEDGER": KnownResource(database=MEMBERS[0])}

    stock = reconcile_inventory(known, [member], frozenset(), RUN, complete=True)

    assert "cluster-LEDGER" not in stock.changed


def test_a_cluster_goes_with_its_last_member_alone() -> None:
    both = taken(None, *MEMBERS).changed

    stock = reconcile_inventory(
        both, [MEMBERS[1]], frozenset({MEMBERS[0].resource_id}), RUN, complete=True
    )

    assert reasons(stock) == {"db-LEDGER-1": OUT_OF_SCOPE_REASON}
