"""The inventory is read as it was written, in the adapter and in its fake."""

from dataclasses import replace
from typing import Any

import pytest

from emulation.account import STATE_TABLE
from rds_tls_audit.adapters.state_table.inventory import InventoryTable
from rds_tls_audit.codec import MalformedError
from rds_tls_audit.findings.inventory import KnownResource
from rds_tls_audit.pipeline.run import SCHEMA_VERSION
from rds_tls_audit.ports.state_store import Inventory
from tests.integration.aws.state_items import items
from tests.support import in_memory_stores
from tests.support.builders import cluster, database

PLAIN = KnownResource(database=database("größe", tags={"Owner": "東京 \U0001f512", "Empty": ""}))
FRACTION = KnownResource(
    database=database("ledger-1", cluster=cluster(min_capacity=0.5)),
    absences=1,
    absent_in="full-1",
)
CLOSED = KnownResource(
    database=database(
        "gone", endpoint=None, vpc_id=None, ca_id=None, certificate_valid_till=None, cluster=None
    ),
    absences=2,
    absent_in="full-2",
    closed=True,
)


@pytest.fixture(params=["real", "fake"])
def inventory(request: pytest.FixtureRequest) -> Inventory:
    if request.param == "fake":
        return in_memory_stores.Inventory()
    request.getfixturevalue("table")
    return InventoryTable(STATE_TABLE)


@pytest.mark.parametrize("known", [PLAIN, FRACTION, CLOSED], ids=["plain", "fraction", "closed"])
def test_a_stored_resource_is_read_unchanged(inventory: Inventory, known: KnownResource) -> None:
    inventory.write({"db-A": known})

    assert inventory.read() == {"db-A": known}


def test_the_inventory_is_empty_at_first(inventory: Inventory) -> None:
    assert inventory.read() == {}
    inventory.write({})
    assert inventory.read() == {}


def test_writing_a_resource_replaces_only_that_resource(inventory: Inventory) -> None:
    inventory.write({"db-A": PLAIN, "cluster-B": FRACTION})
    inventory.write({"db-A": replace(PLAIN, absences=1, absent_in="full-1")})

    assert inventory.read() == {
        "db-A": replace(PLAIN, absences=1, absent_in="full-1"),
        "cluster-B": FRACTION,
    }


def test_more_than_one_page_is_read(inventory: Inventory) -> None:
    large = replace(PLAIN.database, tags={f"tag-{number}": "v" * 250 for number in range(50)})
    many = {
        f"db-{number:03}": KnownResource(database=large, absences=number) for number in range(120)
    }

    inventory.write(many)

    assert inventory.read() == many


def test_resources_are_stored_in_a_separate_partition(table: Any) -> None:  # noqa: ANN401 - a client of boto3
    InventoryTable(STATE_TABLE).write({"db-A": PLAIN})

    (item,) = items(table)
    assert (item["pk"], item["sk"], item["schema_version"]) == ("resources", "db-A", SCHEMA_VERSION)


def put(table: Any, version: int, known: str) -> None:  # noqa: ANN401 - a client of boto3
    table.put_item(
        TableName=STATE_TABLE,
        Item={
            "pk": {"S": "resources"},
            "sk": {"S": "db-A"},
            "schema_version": {"N": str(version)},
            "known": {"S": known},
        },
    )


def test_a_resource_of_a_newer_version_is_not_read(table: Any) -> None:  # noqa: ANN401 - a client of boto3
    put(table, SCHEMA_VERSION + 1, '{"colour": "red"}')

    assert InventoryTable(STATE_TABLE).read() == {}


def test_a_resource_of_a_newer_version_is_not_overwritten(table: Any) -> None:  # noqa: ANN401 - a client of boto3
    put(table, SCHEMA_VERSION + 1, '{"colour": "red"}')
    before = items(table)

    InventoryTable(STATE_TABLE).write({"db-A": PLAIN})

    assert items(table) == before


@pytest.mark.parametrize(
    "known",
    [
        pytest.param('{"database": "hunter2"}', id="text"),
        pytest.param("hunter2", id="no-json"),
    ],
)
def test_a_malformed_resource_is_an_error_that_names_the_item(table: Any, known: str) -> None:  # noqa: ANN401 - a client of boto3
    put(table, SCHEMA_VERSION, known)

    with pytest.raises(MalformedError, match="resources db-A") as caught:
        InventoryTable(STATE_TABLE).read()

    assert "hunter2" not in str(caught.value)
