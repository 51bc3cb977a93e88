"""The changes that wait in the state table to be told, and how far each topic has come."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import boto3

from rds_tls_audit.adapters.state_table.items import expiry, items
from rds_tls_audit.codec import MalformedError, decode, encode
from rds_tls_audit.digest.delivery import DeliveryStep
from rds_tls_audit.digest.outbox import DeliveryProgress, OutboxEntry
from rds_tls_audit.findings.change import Change
from rds_tls_audit.pipeline.run import SCHEMA_VERSION

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

_UNTOLD = "untold"
_ATTEMPTS = 5


class ConcurrentUpdateError(Exception):
    """Other runs have changed an item again and again meanwhile."""


def note_item(key: tuple[str, str], change: Change, at: datetime) -> dict[str, Any]:
    """The item that `StateTable.write` stores with a state."""
    resource_id, check_id = key
    return {
        "pk": _UNTOLD,
        "sk": f"{encode(at)}#{resource_id}#{check_id}",
        "schema_version": SCHEMA_VERSION,
        "change": encode(change),
        "expires_at": expiry(at),
    }


class OutboxTable:
    """Items of `pk = untold`, and of `pk = run`, `sk = topic#<name>`."""

    def __init__(self, table: str) -> None:
        """Work on this table."""
        self._table: Table = boto3.resource("dynamodb").Table(table)

    def read(self) -> Sequence[OutboxEntry]:
        """Read what waits, oldest first; what a newer version noted is left to it.

        Raises:
            MalformedError: an item is not a note.
        """
        return [
            OutboxEntry(
                key=item["sk"],
                change=decode(item["change"], Change, f"the item {_UNTOLD} {item['sk']}"),
            )
            for item in items(self._table, _UNTOLD)
            if item["schema_version"] <= SCHEMA_VERSION
        ]

    def remove(self, notes: Sequence[OutboxEntry]) -> None:
        """Forget notes."""
        with self._table.batch_writer() as batch:
            for note in notes:
                batch.delete_item(Key={"pk": _UNTOLD, "sk": note.key})

    def read_progress(self, topic: str) -> DeliveryProgress:
        """How far this topic has come.

        Raises:
            MalformedError: the item does not say, or a newer version has written it.
        """
        return _progress(topic, self._item(topic))

    def update_progress(
        self, topic: str, update: Callable[[DeliveryProgress], DeliveryStep]
    ) -> DeliveryStep:
        """Read it, and store what `update` makes of it; once more where another run was faster.

        Raises:
            MalformedError: the item does not say, or a newer version has written it.
            CrossedError: others were faster again and again.
        """
        for _ in range(_ATTEMPTS):
            item = self._item(topic)
            step = update(_progress(topic, item))
            if self._store(topic, step.progress, item):
                return step
        raise ConcurrentUpdateError(
            f"the progress of the topic {topic} changed {_ATTEMPTS} times while it was worked on"
        )

    def _item(self, topic: str) -> Mapping[str, Any]:
        found = self._table.get_item(Key=_key(topic), ConsistentRead=True)
        return found.get("Item", {})

    def _store(self, topic: str, progress: DeliveryProgress, read: Mapping[str, Any]) -> bool:
        version = int(read.get("version", 0))
        item = {
            **_key(topic),
            "schema_version": SCHEMA_VERSION,
            "version": version + 1,
            "progress": encode(progress),
        }
        unchanged: dict[str, Any] = {"ConditionExpression": "attribute_not_exists(pk)"}
        if read:
            unchanged = {
                "ConditionExpression": "version = :read",
                "ExpressionAttributeValues": {":read": version},
            }
        try:
            self._table.put_item(Item=item, **unchanged)  # type: ignore[arg-type]  # plain JSON
        except self._table.meta.client.exceptions.ConditionalCheckFailedException:
            return False
        return True


def _progress(topic: str, item: Mapping[str, Any]) -> DeliveryProgress:
    if not item:
        return DeliveryProgress()
    if item["schema_version"] > SCHEMA_VERSION:
        raise MalformedError(f"the item of the topic {topic} was written by a newer version")
    return decode(item["progress"], DeliveryProgress, f"the item of the topic {topic}")


def _key(topic: str) -> dict[str, str]:
    return {"pk": "run", "sk": f"topic#{topic}"}
