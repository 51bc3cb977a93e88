"""The outbox keeps entries and the progress of each topic, in the adapter and in its fake."""

from dataclasses import replace
from typing import Any

import pytest
from boto3.dynamodb.types import TypeSerializer
from moto.dynamodb.models import dynamodb_backends

from emulation.account import STATE_TABLE
from emulation.rds_resources import ACCOUNT, REGION
from rds_tls_audit.adapters.state_table.outbox import (
    ConcurrentUpdateError,
    OutboxTable,
    outbox_item,
)
from rds_tls_audit.codec import MalformedError
from rds_tls_audit.digest.delivery import DeliveryStep
from rds_tls_audit.digest.outbox import DeliveryProgress, OutboxEntry
from rds_tls_audit.pipeline.run import SCHEMA_VERSION
from rds_tls_audit.ports.state_store import Outbox
from tests.integration.aws.test_states_and_outbox import CHANGE
from tests.support import in_memory_stores
from tests.support.builders import NOW

PROGRESS = DeliveryProgress(told=("0123456789abcdef",), summary_at=NOW, troubles="fedcba9876543210")


@pytest.fixture(params=["real", "fake"])
def outbox(request: pytest.FixtureRequest) -> Outbox:
    if request.param == "fake":
        return in_memory_stores.Outbox()
    request.getfixturevalue("table")
    return OutboxTable(STATE_TABLE)


def store(outbox: Outbox, progress: DeliveryProgress, topic: str = "digest") -> None:
    outbox.update_progress(topic, lambda _: DeliveryStep(progress=progress))


def test_a_new_topic_has_no_progress(outbox: Outbox) -> None:
    assert outbox.read_progress("digest") == DeliveryProgress()
    assert outbox.read() == []


def test_the_stored_progress_of_a_topic_is_read_unchanged(outbox: Outbox) -> None:
    store(outbox, PROGRESS)
    store(outbox, DeliveryProgress(), topic="chat")

    assert outbox.read_progress("digest") == PROGRESS
    assert outbox.read_progress("chat") == DeliveryProgress()


def test_the_latest_progress_replaces_the_earlier(outbox: Outbox) -> None:
    store(outbox, PROGRESS)
    store(outbox, DeliveryProgress(summary_at=NOW))

    assert outbox.read_progress("digest") == DeliveryProgress(summary_at=NOW)


def test_an_overtaken_update_is_repeated_with_the_newer_progress(outbox: Outbox) -> None:
    faster = [lambda: store(outbox, DeliveryProgress(told=("other",)))]

    def update(progress: DeliveryProgress) -> DeliveryStep:
        while faster:
            faster.pop()()
        return DeliveryStep(progress=replace(progress, told=(*progress.told, "own")))

    assert outbox.update_progress("digest", update).progress.told == ("other", "own")
    assert outbox.read_progress("digest").told == ("other", "own")


@pytest.mark.usefixtures("table")
def test_an_update_that_is_overtaken_five_times_is_an_error() -> None:
    outbox = OutboxTable(STATE_TABLE)

    def update(progress: DeliveryProgress) -> DeliveryStep:
        store(outbox, replace(progress, told=(*progress.told, "other")))
        return DeliveryStep(progress=PROGRESS)

    with pytest.raises(ConcurrentUpdateError, match=r"topic digest .* 5 attempts"):
        outbox.update_progress("digest", update)


def test_the_keys_of_thousands_of_entries_fit_into_the_progress(outbox: Outbox) -> None:
    keys = tuple(OutboxEntry(key=str(number), change=CHANGE).entry_key for number in range(10_000))

    store(outbox, DeliveryProgress(told=keys))

    assert outbox.read_progress("digest").told == keys


@pytest.mark.parametrize("size", [100, 2500], ids=["a-page", "pages"])
@pytest.mark.usefixtures("table")
def test_every_entry_is_read_however_many_there_are(size: int) -> None:
    # Directly into the emulator, because thousands of requests take seconds.
    stored = dynamodb_backends[ACCOUNT][REGION].tables[STATE_TABLE]
    for number in range(size):
        item = outbox_item((f"db-{number:05}", "force-ssl"), CHANGE, NOW)
        stored.put_item(typed(item | {"padding": "x" * 500}))

    entries = OutboxTable(STATE_TABLE).read()

    assert len({entry.key for entry in entries}) == size


def typed(item: dict[str, Any]) -> dict[str, Any]:
    return {name: TypeSerializer().serialize(value) for name, value in item.items()}


@pytest.mark.parametrize("newer", [True, False], ids=["newer", "same"])
def test_an_entry_of_a_newer_version_is_omitted(table: Any, *, newer: bool) -> None:  # noqa: ANN401 - a client of boto3
    item = outbox_item(("db-A", "force-ssl"), CHANGE, NOW)
    version = SCHEMA_VERSION + newer
    table.put_item(TableName=STATE_TABLE, Item=typed(item | {"schema_version": version}))

    assert len(OutboxTable(STATE_TABLE).read()) == (0 if newer else 1)


def test_the_progress_of_a_newer_version_is_an_error_and_stays_as_it_is(table: Any) -> None:  # noqa: ANN401 - a client of boto3
    item = {"pk": "run", "sk": "topic#digest", "schema_version": SCHEMA_VERSION + 1, "how": "far"}
    table.put_item(TableName=STATE_TABLE, Item=typed(item))
    outbox = OutboxTable(STATE_TABLE)

    with pytest.raises(MalformedError, match="newer version"):
        outbox.read_progress("digest")
    with pytest.raises(MalformedError, match="newer version"):
        store(outbox, PROGRESS)

    kept = table.get_item(TableName=STATE_TABLE, Key=typed({"pk": "run", "sk": "topic#digest"}))
    assert "how" in kept["Item"]


def test_a_malformed_entry_is_an_error_that_names_the_item(table: Any) -> None:  # noqa: ANN401 - a client of boto3
    item = outbox_item(("db-A", "force-ssl"), CHANGE, NOW) | {"change": "hunter2"}
    table.put_item(TableName=STATE_TABLE, Item=typed(item))

    with pytest.raises(MalformedError, match="untold") as caught:
        OutboxTable(STATE_TABLE).read()

    assert "hunter2" not in str(caught.value)
