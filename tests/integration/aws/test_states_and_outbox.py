"""A state and its change are stored together or not at all, in the adapter and in its fake."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from emulation.account import STATE_TABLE
from rds_tls_audit.adapters.state_table.finding_states import FindingStatesTable
from rds_tls_audit.adapters.state_table.items import KEPT
from rds_tls_audit.adapters.state_table.outbox import OutboxTable
from rds_tls_audit.findings.change import Change
from rds_tls_audit.findings.state import ChangeKind, FindingState, StateKey
from rds_tls_audit.pipeline.run import SCHEMA_VERSION
from rds_tls_audit.ports.state_store import FindingStates, Outbox
from tests.integration.aws.state_items import items
from tests.support import in_memory_stores
from tests.support.builders import NOW, SENT_STATE, change

KEY: StateKey = ("db-ORDERS-PROD", "force-ssl")
SECOND = timedelta(seconds=1)
CHANGE = change(database="größe")


@dataclass(frozen=True)
class Stored:
    """A table with finding states and an outbox."""

    states: FindingStates
    outbox: Outbox

    @property
    def changes(self) -> list[Change]:
        return [entry.change for entry in self.outbox.read()]


@pytest.fixture(params=["real", "fake"])
def stored(request: pytest.FixtureRequest) -> Stored:
    if request.param == "fake":
        states = in_memory_stores.FindingStates()
        return Stored(states, states.outbox)
    request.getfixturevalue("table")
    return Stored(FindingStatesTable(STATE_TABLE), OutboxTable(STATE_TABLE))


def later(seconds: int, because: str = "later") -> FindingState:
    return replace(SENT_STATE, observed_at=NOW + seconds * SECOND, because=because)


def test_a_change_is_stored_with_its_state(stored: Stored) -> None:
    stored.states.write(KEY, SENT_STATE, None, CHANGE)

    assert stored.states.read([KEY[0]]) == {KEY: SENT_STATE}
    assert stored.changes == [CHANGE]


def test_a_state_without_a_change_adds_no_entry(stored: Stored) -> None:
    stored.states.write(KEY, SENT_STATE, None)
    stored.states.write(KEY, later(1), SENT_STATE, None)

    assert stored.changes == []


@pytest.mark.parametrize(
    "previous",
    [
        pytest.param(None, id="another-run-was-first"),
        pytest.param(later(-9), id="another-run-was-newer"),
    ],
)
def test_an_overtaken_write_stores_neither(stored: Stored, previous: FindingState | None) -> None:
    stored.states.write(KEY, SENT_STATE, None)

    stored.states.write(KEY, later(5), previous, CHANGE)

    assert stored.states.read([KEY[0]]) == {KEY: SENT_STATE}
    assert stored.changes == []


def test_a_write_over_a_deleted_state_stores_neither(stored: Stored) -> None:
    stored.states.write(KEY, later(5), SENT_STATE, CHANGE)

    assert stored.states.read([KEY[0]]) == {}
    assert stored.changes == []


def test_the_same_write_again_adds_no_entry(stored: Stored) -> None:
    for _ in range(2):
        stored.states.write(KEY, SENT_STATE, None, CHANGE)

    assert stored.changes == [CHANGE]


def test_changes_are_read_in_the_order_of_their_runs(stored: Stored) -> None:
    changes = [replace(CHANGE, because=str(number)) for number in range(4)]
    moments = [timedelta(0), timedelta(microseconds=1), SECOND, timedelta(days=40)]
    for number in (2, 0, 3, 1):
        state = replace(SENT_STATE, observed_at=NOW + moments[number])
        stored.states.write((f"db-{number}", "force-ssl"), state, None, changes[number])

    assert stored.changes == changes


def test_the_changes_of_one_finding_at_two_moments_are_two(stored: Stored) -> None:
    stored.states.write(KEY, SENT_STATE, None, CHANGE)
    stored.states.write(KEY, later(1), SENT_STATE, replace(CHANGE, kind=ChangeKind.RESOLVED))

    assert [stored_change.kind for stored_change in stored.changes] == [
        ChangeKind.NEW,
        ChangeKind.RESOLVED,
    ]


def test_only_removed_entries_are_deleted(stored: Stored) -> None:
    for number in range(30):
        stored.states.write((f"db-{number}", "force-ssl"), SENT_STATE, None, CHANGE)
    entries = stored.outbox.read()

    stored.outbox.remove(entries[:27])
    stored.outbox.remove(entries[:2])
    stored.outbox.remove([])

    assert stored.outbox.read() == entries[27:]
    assert len(stored.states.read([f"db-{number}" for number in range(30)])) == 30


def test_an_entry_is_stored_under_the_keys_that_the_roles_allow(table: Any) -> None:  # noqa: ANN401 - a client of boto3
    FindingStatesTable(STATE_TABLE).write(KEY, SENT_STATE, None, CHANGE)

    entry = next(item for item in items(table) if item["pk"] == "untold")
    assert entry["sk"] == f"{SENT_STATE.observed_at.isoformat()}#db-ORDERS-PROD#force-ssl"
    assert entry["schema_version"] == SCHEMA_VERSION
    assert entry["expires_at"] == int((SENT_STATE.observed_at + KEPT).timestamp())


def test_a_state_never_expires(table: Any) -> None:  # noqa: ANN401 - a client of boto3
    FindingStatesTable(STATE_TABLE).write(KEY, SENT_STATE, None, CHANGE)

    (state,) = [item for item in items(table) if item["pk"].startswith("db#")]
    assert "expires_at" not in state
