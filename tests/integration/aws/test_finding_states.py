"""The state table: what is written comes back, what came between stands; so with the fake."""

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
from rds_tls_audit.ports.state_store import States
from tests.integration.aws.state_items import items
from tests.support import in_memory_stores
from tests.support.builders import NOW, TOLD, run

KEY: StateKey = ("db-ORDERS-PROD", "force-ssl")
SECOND = timedelta(seconds=1)


class TestStates:
    @pytest.fixture(params=["real", "fake"])
    def states(self, request: pytest.FixtureRequest) -> States:
        if request.param == "fake":
            return in_memory_stores.States()
        request.getfixturevalue("table")
        return FindingStatesTable(STATE_TABLE)

    def test_what_is_written_comes_back_the_same(self, states: States) -> None:
        states.write(KEY, TOLD, None)

        assert states.read([KEY[0]]) == {KEY: TOLD}

    def test_states_are_read_by_resource_and_check(self, states: States) -> None:
        keys = [KEY, (KEY[0], "plaintext-refused"), ("db-BILLING", "force-ssl")]
        for key in [*keys, ("db-ORDERS", "force-ssl")]:
            states.write(key, TOLD, None)

        assert states.read(["db-BILLING", KEY[0], "db-NONE"]).keys() == set(keys)
        assert states.read([]) == {}

    def test_one_follows_the_other(self, states: States) -> None:
        later = replace(TOLD, observed_at=NOW + SECOND, because="later")
        states.write(KEY, TOLD, None)

        states.write(KEY, later, TOLD)

        assert states.read([KEY[0]]) == {KEY: later}

    def test_a_newer_one_that_came_between_stands(self, states: States) -> None:
        newer = replace(TOLD, observed_at=NOW + 2 * SECOND, because="newer")
        states.write(KEY, TOLD, None)
        states.write(KEY, newer, TOLD)

        states.write(KEY, replace(TOLD, observed_at=NOW + SECOND, because="late"), TOLD)

        assert states.read([KEY[0]]) == {KEY: newer}

    def test_the_first_word_is_not_said_twice(self, states: States) -> None:
        states.write(KEY, TOLD, None)

        states.write(KEY, replace(TOLD, observed_at=NOW + SECOND), None)

        assert states.read([KEY[0]]) == {KEY: TOLD}

    def test_who_is_overtaken_is_told_so(self, states: States) -> None:
        on_its_way = with_attempt(TOLD, TOLD, "full-1")
        assert states.write(KEY, TOLD, None)

        assert states.write(KEY, on_its_way, TOLD)

        assert not states.write(KEY, replace(TOLD, observed_at=NOW + SECOND), TOLD)
        assert states.read([KEY[0]]) == {KEY: on_its_way}

    @pytest.mark.parametrize("previous", [None, TOLD], ids=["nothing", "a-state"])
    def test_an_attempt_that_is_taken_back_leaves_what_was_there(
        self, states: States, previous: FindingState | None
    ) -> None:
        on_its_way = with_attempt(previous, TOLD, "full-1")
        if previous:
            states.write(KEY, previous, None)
        states.write(KEY, on_its_way, previous)

        states.roll_back(KEY, on_its_way, previous)

        assert states.read([KEY[0]]) == ({KEY: previous} if previous else {})

    @pytest.mark.parametrize("previous", [None, TOLD], ids=["nothing", "a-state"])
    def test_an_attempt_that_another_run_has_gone_on_from_is_not_taken_back(
        self, states: States, previous: FindingState | None
    ) -> None:
        first = with_attempt(previous, TOLD, "full-1")
        second = with_attempt(first, replace(TOLD, updated_at=NOW + SECOND), "full-2")
        if previous:
            states.write(KEY, previous, None)
        states.write(KEY, first, previous)
        states.write(KEY, second, first)

        states.roll_back(KEY, first, previous)

        assert states.read([KEY[0]]) == {KEY: second}

    def test_what_was_removed_meanwhile_is_not_brought_back(self, states: States) -> None:
        states.write(KEY, replace(TOLD, observed_at=NOW + SECOND), TOLD)

        assert states.read([KEY[0]]) == {}


def newer_item(**more: dict[str, str]) -> dict[str, dict[str, str]]:
    return {
        "pk": {"S": f"db#{KEY[0]}"},
        "sk": {"S": f"check#{KEY[1]}"},
        "schema_version": {"N": str(SCHEMA_VERSION + 1)},
        **more,
    }


def test_a_state_lies_under_the_keys_of_the_contract(table: Any) -> None:  # noqa: ANN401 - a client of boto3
    FindingStatesTable(STATE_TABLE).write(KEY, TOLD, None)

    (item,) = items(table)
    assert (item["pk"], item["sk"]) == ("db#db-ORDERS-PROD", "check#force-ssl")
    assert item["schema_version"] == SCHEMA_VERSION


@pytest.mark.parametrize(
    "previous", [None, TOLD], ids=["never-told", "read-before-the-newer-code-wrote"]
)
def test_an_item_of_a_newer_version_is_left_alone(
    table: Any,  # noqa: ANN401 - a client of boto3
    previous: FindingState | None,
) -> None:
    states = FindingStatesTable(STATE_TABLE)
    table.put_item(TableName=STATE_TABLE, Item=newer_item(colour={"S": "red"}))
    before = items(table)

    assert states.read([KEY[0]]) == {KEY: None}
    states.write(KEY, TOLD, previous)

    assert items(table) == before


def test_clients_and_locks_are_no_states(table: Any) -> None:  # noqa: ANN401 - a client of boto3
    RunLock(STATE_TABLE).take(run())
    table.put_item(TableName=STATE_TABLE, Item=newer_item(sk={"S": "client#0123"}))

    assert FindingStatesTable(STATE_TABLE).read([KEY[0], "run"]) == {}


def test_an_item_that_is_no_state_is_an_error_by_its_name(table: Any) -> None:  # noqa: ANN401 - a client of boto3
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
def test_a_state_table_that_is_away_is_an_error() -> None:
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        FindingStatesTable("no-such-table").write(KEY, TOLD, None)
