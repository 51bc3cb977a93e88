"""The client history is read as it was written, and never overwrites later data."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from emulation.account import STATE_TABLE
from rds_tls_audit.adapters.state_table.client_history import ClientHistoryTable
from rds_tls_audit.adapters.state_table.finding_states import FindingStatesTable
from rds_tls_audit.codec import MalformedError
from rds_tls_audit.evidence.observation import SessionsOpened
from rds_tls_audit.pipeline.run import SCHEMA_VERSION
from rds_tls_audit.ports.state_store import ClientHistoryWriter
from rds_tls_audit.readiness.sampling.daily_samples import DailySamples
from rds_tls_audit.readiness.sampling.observed_client import Encryption, ObservedClient, client_key
from rds_tls_audit.readiness.sampling.sampling_state import SamplingState
from tests.integration.aws.state_items import items
from tests.support import in_memory_stores
from tests.support.builders import NOW, SENT_STATE

ID = "db-ORDERS-PROD"
SECOND = timedelta(seconds=1)
DAYS_400 = 400 * 86_400
CLIENT = ObservedClient(
    role="größe",
    application="\U0001f512 web",
    network=None,
    encryption=Encryption.CLEAR,
    tls_version=None,
    cipher=None,
    first_seen=NOW - SECOND,
    last_seen=NOW + timedelta(microseconds=1),
    samples=3,
)
KEY = client_key(CLIENT)
LATER = replace(CLIENT, last_seen=CLIENT.last_seen + SECOND, samples=4)
DAY = DailySamples(day=date(2026, 3, 1), samples=4, partial=1, opened=9, seen=3)
STATE = SamplingState(
    run_id="sample-1",
    at=NOW + timedelta(microseconds=1),
    opened=SessionsOpened(count=900, since=NOW - SECOND),
    day=DAY,
    overflow=7,
)
AFTER = replace(STATE, run_id="sample-2", at=STATE.at + SECOND, day=replace(DAY, samples=5))


@pytest.fixture(params=["real", "fake"])
def adapter_or_fake(request: pytest.FixtureRequest) -> ClientHistoryWriter:
    if request.param == "fake":
        return in_memory_stores.ClientHistory()
    request.getfixturevalue("table")
    return ClientHistoryTable(STATE_TABLE)


@pytest.fixture
def history(table: Any) -> ClientHistoryTable:  # noqa: ANN401 - a client of boto3
    del table  # only emptied after the test
    return ClientHistoryTable(STATE_TABLE)


def test_a_stored_client_is_read_unchanged(adapter_or_fake: ClientHistoryWriter) -> None:
    adapter_or_fake.write(ID, {KEY: CLIENT}, {})

    assert adapter_or_fake.read(ID) == {KEY: CLIENT}
    assert adapter_or_fake.read("db-ORDERS") == {}


def test_clients_are_replaced_and_removed_by_their_keys(
    adapter_or_fake: ClientHistoryWriter,
) -> None:
    adapter_or_fake.write(ID, {KEY: CLIENT, "b": CLIENT, "c": CLIENT}, {})

    adapter_or_fake.write(ID, {KEY: LATER}, {"b": CLIENT})

    assert adapter_or_fake.read(ID) == {KEY: LATER, "c": CLIENT}


def test_removing_a_client_that_does_not_exist_does_nothing(
    adapter_or_fake: ClientHistoryWriter,
) -> None:
    adapter_or_fake.write(ID, {}, {KEY: CLIENT})

    assert adapter_or_fake.read(ID) == {}


def test_a_stored_sampling_state_is_read_unchanged(adapter_or_fake: ClientHistoryWriter) -> None:
    assert adapter_or_fake.read_sampling_state(ID) is None

    adapter_or_fake.write_sampling_state(ID, STATE)

    assert adapter_or_fake.read_sampling_state(ID) == STATE


def test_earlier_days_are_kept_when_a_new_day_begins(history: ClientHistoryTable) -> None:
    tomorrow = replace(
        AFTER, at=AFTER.at + SECOND, day=replace(DAY, day=date(2026, 3, 2), opened=None)
    )
    for state in (STATE, AFTER, tomorrow):
        history.write_sampling_state(ID, state)

    assert history.read_days(ID) == (AFTER.day, tomorrow.day)
    assert history.read_days("db-ORDERS") == ()


@pytest.mark.parametrize(
    "late",
    [pytest.param(CLIENT, id="earlier"), pytest.param(replace(LATER, samples=5), id="the-same")],
)
def test_a_client_that_was_seen_later_is_not_overwritten(
    history: ClientHistoryTable, late: ObservedClient
) -> None:
    history.write(ID, {KEY: LATER}, {})

    history.write(ID, {KEY: late, "b": CLIENT}, {})

    kept = late if late.last_seen == LATER.last_seen else LATER
    assert history.read(ID) == {KEY: kept, "b": CLIENT}


def test_a_client_that_was_seen_later_is_not_removed(history: ClientHistoryTable) -> None:
    history.write(ID, {KEY: LATER, "b": CLIENT}, {})

    history.write(ID, {}, {KEY: CLIENT, "b": CLIENT})

    assert history.read(ID) == {KEY: LATER}


@pytest.mark.parametrize("late", [STATE, replace(AFTER, run_id="another")], ids=["late", "tied"])
def test_a_later_sampling_state_is_not_overwritten_and_its_day_neither(
    history: ClientHistoryTable, late: SamplingState
) -> None:
    history.write_sampling_state(ID, AFTER)

    history.write_sampling_state(ID, late)

    assert history.read_sampling_state(ID) == AFTER
    assert history.read_days(ID) == (AFTER.day,)


def test_everything_is_stored_under_the_keys_of_the_contract_for_400_days(
    history: ClientHistoryTable,
    table: Any,  # noqa: ANN401 - a client of boto3
) -> None:
    history.write(ID, {KEY: CLIENT}, {})
    history.write_sampling_state(ID, STATE)

    stored = {item["sk"]: item for item in items(table)}
    assert stored.keys() == {f"client#{KEY}", "tally", "sampling#2026-03-01"}
    for item in stored.values():
        assert item["pk"] == f"db#{ID}"
        assert item["schema_version"] == SCHEMA_VERSION
        assert item["expires_at"] == int(NOW.timestamp()) + DAYS_400


def newer(table: Any, sk: str) -> list[dict[str, Any]]:  # noqa: ANN401 - a client of boto3
    table.put_item(
        TableName=STATE_TABLE,
        Item={
            "pk": {"S": f"db#{ID}"},
            "sk": {"S": sk},
            "schema_version": {"N": str(SCHEMA_VERSION + 1)},
            "colour": {"S": "red"},
        },
    )
    return items(table)


def test_a_client_of_a_newer_version_is_not_changed(
    history: ClientHistoryTable,
    table: Any,  # noqa: ANN401 - a client of boto3
) -> None:
    before = newer(table, f"client#{KEY}")

    assert history.read(ID) == {}
    history.write(ID, {KEY: LATER}, {})
    history.write(ID, {}, {KEY: LATER})

    assert items(table) == before


@pytest.mark.parametrize("sk", ["tally", "sampling#2026-03-01"])
def test_a_sampling_state_of_a_newer_version_prevents_writing_state_and_day(
    history: ClientHistoryTable,
    table: Any,  # noqa: ANN401 - a client of boto3
    sk: str,
) -> None:
    before = newer(table, sk)

    assert history.read_sampling_state(ID) is None
    assert history.read_days(ID) == ()
    history.write_sampling_state(ID, STATE)

    assert items(table) == before


def test_finding_states_and_clients_share_a_partition(history: ClientHistoryTable) -> None:
    states = FindingStatesTable(STATE_TABLE)
    states.write((ID, "force-ssl"), SENT_STATE, None)
    history.write(ID, {KEY: CLIENT}, {})
    history.write_sampling_state(ID, STATE)

    assert states.read([ID]) == {(ID, "force-ssl"): SENT_STATE}
    assert history.read(ID) == {KEY: CLIENT}


@pytest.mark.parametrize(
    ("sk", "field"),
    [("client#0123", "client"), ("tally", "tally"), ("sampling#2026-03-01", "day"), ("tally", "x")],
)
def test_a_malformed_item_is_an_error_that_names_it(
    history: ClientHistoryTable,
    table: Any,  # noqa: ANN401 - a client of boto3
    sk: str,
    field: str,
) -> None:
    table.put_item(
        TableName=STATE_TABLE,
        Item={
            "pk": {"S": f"db#{ID}"},
            "sk": {"S": sk},
            "schema_version": {"N": str(SCHEMA_VERSION)},
            field: {"S": "hunter2"},
        },
    )

    with pytest.raises(MalformedError, match=sk) as caught:
        (history.read(ID), history.read_sampling_state(ID), history.read_days(ID))

    assert "hunter2" not in str(caught.value)


@pytest.mark.usefixtures("account")
def test_a_missing_table_is_an_error() -> None:
    missing = ClientHistoryTable("no-such-table")

    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        missing.write(ID, {KEY: CLIENT}, {})
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        missing.write(ID, {}, {KEY: CLIENT})
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        missing.write_sampling_state(ID, STATE)
