"""Reconciling the inventory: present, absent, and retired resources."""

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
PRESENT = KnownResource(database=ORDERS)
ABSENT = replace(PRESENT, absences=1, absent_in="full-24")
CLOSED = replace(PRESENT, absences=2, absent_in="full-48", closed=True)
RUN = run(hours=72)


def reconcile(
    known: KnownResource | None, *present: Database, left_out: str = "", complete: bool = True
) -> InventoryChanges:
    inventory: Mapping[str, KnownResource] = {ORDERS.resource_id: known} if known else {}
    return reconcile_inventory(inventory, present, frozenset({left_out}), RUN, complete=complete)


def reasons(changes: InventoryChanges) -> dict[str, str]:
    return {retired.resource_id: retired.reason for retired in changes.retired}


@pytest.mark.parametrize("known", [None, ABSENT, CLOSED], ids=["new", "absent", "closed"])
def test_a_present_database_is_known_and_its_absences_are_reset(
    known: KnownResource | None,
) -> None:
    assert reconcile(known, ORDERS) == InventoryChanges(
        changed={ORDERS.resource_id: PRESENT}, retired=()
    )


def test_an_unchanged_database_is_not_written() -> None:
    assert reconcile(PRESENT, ORDERS) == InventoryChanges(changed={}, retired=())


def test_a_changed_database_is_written() -> None:
    tagged = replace(ORDERS, tags={"Owner": "orders team"})

    assert reconcile(PRESENT, tagged).changed == {
        ORDERS.resource_id: KnownResource(database=tagged)
    }


@pytest.mark.parametrize(
    ("known", "absences", "is_retired"),
    [(PRESENT, 1, False), (ABSENT, 2, True), (replace(ABSENT, absences=2), 3, True)],
    ids=["once", "twice", "twice-and-not-closed"],
)
def test_a_database_is_retired_after_two_absences(
    known: KnownResource, absences: int, *, is_retired: bool
) -> None:
    changes = reconcile(known)

    assert changes.changed[ORDERS.resource_id].absences == absences
    assert changes.changed[ORDERS.resource_id].absent_in == RUN.id
    assert reasons(changes) == ({ORDERS.resource_id: DELETED_REASON} if is_retired else {})


def test_a_repeated_run_counts_an_absence_once() -> None:
    assert reconcile(replace(ABSENT, absent_in=RUN.id)).retired == ()


@pytest.mark.parametrize("known", [PRESENT, ABSENT])
def test_an_incomplete_list_counts_no_absences(known: KnownResource) -> None:
    assert reconcile(known, complete=False) == InventoryChanges(changed={}, retired=())


@pytest.mark.parametrize("complete", [True, False], ids=["complete", "not-complete"])
def test_a_database_out_of_scope_is_retired_at_once(complete: bool) -> None:  # noqa: FBT001 - a parameter of the table
    changes = reconcile(PRESENT, left_out=ORDERS.resource_id, complete=complete)

    assert reasons(changes) == {ORDERS.resource_id: OUT_OF_SCOPE_REASON}
    assert changes.changed == {}


def test_a_closed_database_is_not_retired_again() -> None:
    assert reconcile(CLOSED) == InventoryChanges(changed={}, retired=())


def test_a_cluster_is_a_resource_of_its_own() -> None:
    assert reconcile(None, *MEMBERS).changed.keys() == {
        "db-LEDGER-1",
        "db-LEDGER-2",
        "cluster-LEDGER",
    }


def test_a_cluster_that_was_not_listed_is_not_a_resource() -> None:
    member = database("ledger-1", cluster=unlisted_cluster())

    assert reconcile(None, member).changed.keys() == {"db-LEDGER-1"}


def test_a_cluster_that_could_not_be_listed_is_not_absent() -> None:
    member = database("ledger-1", cluster=unlisted_cluster())
    known = {"cluster-LEDGER": KnownResource(database=MEMBERS[0])}

    changes = reconcile_inventory(known, [member], frozenset(), RUN, complete=True)

    assert "cluster-LEDGER" not in changes.changed


def test_a_cluster_is_retired_only_with_its_last_member() -> None:
    both = reconcile(None, *MEMBERS).changed

    changes = reconcile_inventory(
        both, [MEMBERS[1]], frozenset({MEMBERS[0].resource_id}), RUN, complete=True
    )

    assert reasons(changes) == {"db-LEDGER-1": OUT_OF_SCOPE_REASON}
