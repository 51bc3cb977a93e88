"""Clients and counts come back as they went in; what came later, or is newer, stands."""

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
from tests.support.builders import NOW, TOLD

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
TALLY = SamplingState(
    run_id="sample-1",
    at=NOW + timedelta(microseconds=1),
    opened=SessionsOpened(count=900, since=NOW - SECOND),
    day=DAY,
    overflow=7,
)
AFTER = replace(TALLY, run_id="sample-2", at=TALLY.at + SECOND, day=replace(DAY, samples=5))


@pytest.fixture(params=["real", "fake"])
def either(request: pytest.FixtureRequest) -> ClientHistoryWriter:
    if request.param == "fake":
        return in_memory_stores.ClientHistory()
    request.getfixturevalue("table")
    return ClientHistoryTable(STATE_TABLE)


@pytest.fixture
def sightings(table: Any) -> ClientHistoryTable:  # noqa: ANN401 - a client of boto3
    del table  # emptied afterwards
    return ClientHistoryTable(STATE_TABLE)


def test_a_client_comes_back_the_same(either: ClientHistoryWriter) -> None:
    either.write(ID, {KEY: CLIENT}, {})

    assert either.read(ID) == {KEY: CLIENT}
    assert either.read("db-ORDERS") == {}


def test_clients_replace_their_own_and_others_are_forgotten(either: ClientHistoryWriter) -> None:
    either.write(ID, {KEY: CLIENT, "b": CLIENT, "c": CLIENT}, {})

    either.write(ID, {KEY: LATER}, {"b": CLIENT})

    assert either.read(ID) == {KEY: LATER, "c": CLIENT}


def test_whoever_is_gone_already_is_forgotten_all_the_same(either: ClientHistoryWriter) -> None:
    either.write(ID, {}, {KEY: CLIENT})

    assert either.read(ID) == {}


def test_a_count_comes_back_the_same(either: ClientHistoryWriter) -> None:
    assert either.read_tally(ID) is None

    either.write_tally(ID, TALLY)

    assert either.read_tally(ID) == TALLY


def test_the_days_stay_when_a_new_one_begins(sightings: ClientHistoryTable) -> None:
    tomorrow = replace(
        AFTER, at=AFTER.at + SECOND, day=replace(DAY, day=date(2026, 3, 2), opened=None)
    )
    for one in (TALLY, AFTER, tomorrow):
        sightings.write_tally(ID, one)

    assert sightings.read_days(ID) == (AFTER.day, tomorrow.day)
    assert sightings.read_days("db-ORDERS") == ()


@pytest.mark.parametrize(
    "late",
    [pytest.param(CLIENT, id="earlier"), pytest.param(replace(LATER, samples=5), id="the-same")],
)
def test_only_a_client_seen_earlier_comes_too_late(
    sightings: ClientHistoryTable, late: ObservedClient
) -> None:
    sightings.write(ID, {KEY: LATER}, {})

    sightings.write(ID, {KEY: late, "b": CLIENT}, {})

    kept = late if late.last_seen == LATER.last_seen else LATER
    assert sightings.read(ID) == {KEY: kept, "b": CLIENT}


def test_whom_somebody_has_seen_meanwhile_is_not_forgotten(sightings: ClientHistoryTable) -> None:
    sightings.write(ID, {KEY: LATER, "b": CLIENT}, {})

    sightings.write(ID, {}, {KEY: CLIENT, "b": CLIENT})

    assert sightings.read(ID) == {KEY: LATER}


@pytest.mark.parametrize("late", [TALLY, replace(AFTER, run_id="another")], ids=["late", "tied"])
def test_a_count_that_comes_late_changes_neither_count_nor_day(
    sightings: ClientHistoryTable, late: SamplingState
) -> None:
    sightings.write_tally(ID, AFTER)

    sightings.write_tally(ID, late)

    assert sightings.read_tally(ID) == AFTER
    assert sightings.read_days(ID) == (AFTER.day,)


def test_everything_lies_under_the_keys_of_the_contract_for_400_days(
    sightings: ClientHistoryTable,
    table: Any,  # noqa: ANN401 - a client of boto3
) -> None:
    sightings.write(ID, {KEY: CLIENT}, {})
    sightings.write_tally(ID, TALLY)

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


def test_a_client_of_a_newer_version_is_left_alone(
    sightings: ClientHistoryTable,
    table: Any,  # noqa: ANN401 - a client of boto3
) -> None:
    before = newer(table, f"client#{KEY}")

    assert sightings.read(ID) == {}
    sightings.write(ID, {KEY: LATER}, {})
    sightings.write(ID, {}, {KEY: LATER})

    assert items(table) == before


@pytest.mark.parametrize("sk", ["tally", "sampling#2026-03-01"])
def test_a_count_of_a_newer_version_is_left_alone_and_nothing_is_counted_beside_it(
    sightings: ClientHistoryTable,
    table: Any,  # noqa: ANN401 - a client of boto3
    sk: str,
) -> None:
    before = newer(table, sk)

    assert sightings.read_tally(ID) is None
    assert sightings.read_days(ID) == ()
    sightings.write_tally(ID, TALLY)

    assert items(table) == before


def test_findings_and_clients_lie_side_by_side(sightings: ClientHistoryTable) -> None:
    states = FindingStatesTable(STATE_TABLE)
    states.write((ID, "force-ssl"), TOLD, None)
    sightings.write(ID, {KEY: CLIENT}, {})
    sightings.write_tally(ID, TALLY)

    assert states.read([ID]) == {(ID, "force-ssl"): TOLD}
    assert sightings.read(ID) == {KEY: CLIENT}


@pytest.mark.parametrize(
    ("sk", "field"),
    [("client#0123", "client"), ("tally", "tally"), ("sampling#2026-03-01", "day"), ("tally", "x")],
)
def test_what_is_malformed_is_an_error_by_its_name(
    sightings: ClientHistoryTable,
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
        (sightings.read(ID), sightings.read_tally(ID), sightings.read_days(ID))

    assert "hunter2" not in str(caught.value)


@pytest.mark.usefixtures("account")
def test_a_table_that_is_away_is_an_error() -> None:
    away = ClientHistoryTable("no-such-table")

    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        away.write(ID, {KEY: CLIENT}, {})
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        away.write(ID, {}, {KEY: CLIENT})
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        away.write_tally(ID, TALLY)
