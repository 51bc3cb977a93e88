"""Finding states are stored with optimistic locking, in the adapter and in its fake."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from emulation.account import STATE_TABLE
from rds_tls_audit.adapters.state_table.finding_states import FindingStatesTable
from rds_tls_audit.adapters.state_table.run_lock import RunLock
from rds_tls_audit.codec import MalformedError
from rds_tls_audit.findings.state import FindingState, StateKey, with_attempt
from rds_tls_audit.pipeline.run import SCHEMA_VERSION
from rds_tls_audit.ports.state_store import FindingStates
from tests.integration.aws.state_items import items
from tests.support import in_memory_stores
from tests.support.builders import NOW, SENT_STATE, run

KEY: StateKey = ("db-ORDERS-PROD", "force-ssl")
SECOND = timedelta(seconds=1)


class TestStates:
    @pytest.fixture(params=["real", "fake"])
    def states(self, request: pytest.FixtureRequest) -> FindingStates:
        if request.param == "fake":
            return in_memory_stores.FindingStates()
        request.getfixturevalue("table")
        return FindingStatesTable(STATE_TABLE)

    def test_a_stored_state_is_read_unchanged(self, states: FindingStates) -> None:
        states.write(KEY, SENT_STATE, None)

        assert states.read([KEY[0]]) == {KEY: SENT_STATE}

    def test_states_are_read_by_resource_and_check(self, states: FindingStates) -> None:
        keys = [KEY, (KEY[0], "plaintext-refused"), ("db-BILLING", "force-ssl")]
        for key in [*keys, ("db-ORDERS", "force-ssl")]:
            states.write(key, SENT_STATE, None)

        assert states.read(["db-BILLING", KEY[0], "db-NONE"]).keys() == set(keys)
        assert states.read([]) == {}

    def test_a_state_replaces_the_previous_one(self, states: FindingStates) -> None:
        later = replace(SENT_STATE, observed_at=NOW + SECOND, because="later")
        states.write(KEY, SENT_STATE, None)

        states.write(KEY, later, SENT_STATE)

        assert states.read([KEY[0]]) == {KEY: later}

    def test_a_newer_state_from_another_run_is_not_overwritten(self, states: FindingStates) -> None:
        newer = replace(SENT_STATE, observed_at=NOW + 2 * SECOND, because="newer")
        states.write(KEY, SENT_STATE, None)
        states.write(KEY, newer, SENT_STATE)

        states.write(KEY, replace(SENT_STATE, observed_at=NOW + SECOND, because="late"), SENT_STATE)

        assert states.read([KEY[0]]) == {KEY: newer}

    def test_a_first_state_is_not_written_twice(self, states: FindingStates) -> None:
        states.write(KEY, SENT_STATE, None)

        states.write(KEY, replace(SENT_STATE, observed_at=NOW + SECOND), None)

        assert states.read([KEY[0]]) == {KEY: SENT_STATE}

    def test_a_write_returns_whether_the_state_was_stored(self, states: FindingStates) -> None:
        in_flight = with_attempt(SENT_STATE, SENT_STATE, "full-1")
        assert states.write(KEY, SENT_STATE, None)

        assert states.write(KEY, in_flight, SENT_STATE)

        assert not states.write(KEY, replace(SENT_STATE, observed_at=NOW + SECOND), SENT_STATE)
        assert states.read([KEY[0]]) == {KEY: in_flight}

    @pytest.mark.parametrize("previous", [None, SENT_STATE], ids=["nothing", "a-state"])
    def test_rolling_back_an_attempt_restores_the_previous_state(
        self, states: FindingStates, previous: FindingState | None
    ) -> None:
        in_flight = with_attempt(previous, SENT_STATE, "full-1")
        if previous:
            states.write(KEY, previous, None)
        states.write(KEY, in_flight, previous)

        states.roll_back(KEY, in_flight, previous)

        assert states.read([KEY[0]]) == ({KEY: previous} if previous else {})

    @pytest.mark.parametrize("previous", [None, SENT_STATE], ids=["nothing", "a-state"])
    def test_an_attempt_that_another_run_has_continued_is_not_rolled_back(
        self, states: FindingStates, previous: FindingState | None
    ) -> None:
        first = with_attempt(previous, SENT_STATE, "full-1")
        second = with_attempt(first, replace(SENT_STATE, updated_at=NOW + SECOND), "full-2")
        if previous:
            states.write(KEY, previous, None)
        states.write(KEY, first, previous)
        states.write(KEY, second, first)

        states.roll_back(KEY, first, previous)

        assert states.read([KEY[0]]) == {KEY: second}

    def test_a_state_that_was_deleted_meanwhile_is_not_restored(
        self, states: FindingStates
    ) -> None:
        states.write(KEY, replace(SENT_STATE, observed_at=NOW + SECOND), SENT_STATE)

        assert states.read([KEY[0]]) == {}


def newer_item(**more: dict[str, str]) -> dict[str, dict[str, str]]:
    return {
        "pk": {"S": f"db#{KEY[0]}"},
        "sk": {"S": f"check#{KEY[1]}"},
        "schema_version": {"N": str(SCHEMA_VERSION + 1)},
        **more,
    }


def test_a_state_is_stored_under_the_keys_of_the_contract(table: Any) -> None:  # noqa: ANN401 - a client of boto3
    FindingStatesTable(STATE_TABLE).write(KEY, SENT_STATE, None)

    (item,) = items(table)
    assert (item["pk"], item["sk"]) == ("db#db-ORDERS-PROD", "check#force-ssl")
    assert item["schema_version"] == SCHEMA_VERSION


@pytest.mark.parametrize(
    "previous", [None, SENT_STATE], ids=["never-sent", "read-before-the-newer-version-wrote"]
)
def test_a_state_of_a_newer_version_is_not_overwritten(
    table: Any,  # noqa: ANN401 - a client of boto3
    previous: FindingState | None,
) -> None:
    states = FindingStatesTable(STATE_TABLE)
    table.put_item(TableName=STATE_TABLE, Item=newer_item(colour={"S": "red"}))
    before = items(table)

    assert states.read([KEY[0]]) == {KEY: None}
    states.write(KEY, SENT_STATE, previous)

    assert items(table) == before


def test_clients_and_locks_are_not_read_as_states(table: Any) -> None:  # noqa: ANN401 - a client of boto3
    RunLock(STATE_TABLE).acquire(run())
    table.put_item(TableName=STATE_TABLE, Item=newer_item(sk={"S": "client#0123"}))

    assert FindingStatesTable(STATE_TABLE).read([KEY[0], "run"]) == {}


def test_a_malformed_state_is_an_error_that_names_the_item(table: Any) -> None:  # noqa: ANN401 - a client of boto3
    table.put_item(
        TableName=STATE_TABLE,
        Item=newer_item(
            schema_version={"N": str(SCHEMA_VERSION)},
            state={"S": "hunter2"},
        ),
    )

    with pytest.raises(MalformedError, match="check#force-ssl") as caught:
        FindingStatesTable(STATE_TABLE).read([KEY[0]])

    assert "hunter2" not in str(caught.value)


@pytest.mark.usefixtures("account")
def test_a_missing_table_is_an_error() -> None:
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        FindingStatesTable("no-such-table").write(KEY, SENT_STATE, None)
