"""A state and the note of its change are stored together or not at all; so with the fake."""

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
from rds_tls_audit.ports.state_store import Outbox, States
from tests.integration.aws.state_items import items
from tests.support import in_memory_stores
from tests.support.builders import NOW, TOLD, change

KEY: StateKey = ("db-ORDERS-PROD", "force-ssl")
SECOND = timedelta(seconds=1)
CHANGE = change(database="größe")


@dataclass(frozen=True)
class Stored:
    """A table, seen from its two sides."""

    states: States
    outbox: Outbox

    @property
    def changes(self) -> list[Change]:
        return [note.change for note in self.outbox.read()]


@pytest.fixture(params=["real", "fake"])
def stored(request: pytest.FixtureRequest) -> Stored:
    if request.param == "fake":
        states = in_memory_stores.States()
        return Stored(states, states.outbox)
    request.getfixturevalue("table")
    return Stored(FindingStatesTable(STATE_TABLE), OutboxTable(STATE_TABLE))


def later(seconds: int, because: str = "later") -> FindingState:
    return replace(TOLD, observed_at=NOW + seconds * SECOND, because=because)


def test_a_change_is_noted_with_its_state(stored: Stored) -> None:
    stored.states.write(KEY, TOLD, None, CHANGE)

    assert stored.states.read([KEY[0]]) == {KEY: TOLD}
    assert stored.changes == [CHANGE]


def test_a_state_without_a_change_leaves_no_note(stored: Stored) -> None:
    stored.states.write(KEY, TOLD, None)
    stored.states.write(KEY, later(1), TOLD, None)

    assert stored.changes == []


@pytest.mark.parametrize(
    "previous",
    [
        pytest.param(None, id="somebody-was-first"),
        pytest.param(later(-9), id="somebody-was-newer"),
    ],
)
def test_a_write_that_comes_too_late_stores_neither(
    stored: Stored, previous: FindingState | None
) -> None:
    stored.states.write(KEY, TOLD, None)

    stored.states.write(KEY, later(5), previous, CHANGE)

    assert stored.states.read([KEY[0]]) == {KEY: TOLD}
    assert stored.changes == []


def test_a_write_over_what_is_gone_stores_neither(stored: Stored) -> None:
    stored.states.write(KEY, later(5), TOLD, CHANGE)

    assert stored.states.read([KEY[0]]) == {}
    assert stored.changes == []


def test_the_same_write_again_notes_nothing_more(stored: Stored) -> None:
    for _ in range(2):
        stored.states.write(KEY, TOLD, None, CHANGE)

    assert stored.changes == [CHANGE]


def test_changes_are_read_in_the_order_of_their_runs(stored: Stored) -> None:
    changes = [replace(CHANGE, because=str(number)) for number in range(4)]
    moments = [timedelta(0), timedelta(microseconds=1), SECOND, timedelta(days=40)]
    for number in (2, 0, 3, 1):
        state = replace(TOLD, observed_at=NOW + moments[number])
        stored.states.write((f"db-{number}", "force-ssl"), state, None, changes[number])

    assert stored.changes == changes


def test_the_changes_of_one_finding_at_two_moments_are_two(stored: Stored) -> None:
    stored.states.write(KEY, TOLD, None, CHANGE)
    stored.states.write(KEY, later(1), TOLD, replace(CHANGE, kind=ChangeKind.RESOLVED))

    assert [it.kind for it in stored.changes] == [ChangeKind.NEW, ChangeKind.RESOLVED]


def test_what_is_removed_is_gone_and_nothing_else(stored: Stored) -> None:
    for number in range(30):
        stored.states.write((f"db-{number}", "force-ssl"), TOLD, None, CHANGE)
    notes = stored.outbox.read()

    stored.outbox.remove(notes[:27])
    stored.outbox.remove(notes[:2])
    stored.outbox.remove([])

    assert stored.outbox.read() == notes[27:]
    assert len(stored.states.read([f"db-{number}" for number in range(30)])) == 30


def test_a_note_lies_under_the_keys_that_roles_are_narrowed_to(table: Any) -> None:  # noqa: ANN401 - a client of boto3
    FindingStatesTable(STATE_TABLE).write(KEY, TOLD, None, CHANGE)

    note = next(it for it in items(table) if it["pk"] == "untold")
    assert note["sk"] == f"{TOLD.observed_at.isoformat()}#db-ORDERS-PROD#force-ssl"
    assert note["schema_version"] == SCHEMA_VERSION
    assert note["expires_at"] == int((TOLD.observed_at + KEPT).timestamp())


def test_a_state_never_expires(table: Any) -> None:  # noqa: ANN401 - a client of boto3
    FindingStatesTable(STATE_TABLE).write(KEY, TOLD, None, CHANGE)

    (state,) = [it for it in items(table) if it["pk"].startswith("db#")]
    assert "expires_at" not in state
