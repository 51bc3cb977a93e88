"""The outbox of changes to report, and the delivery progress of each topic."""

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

_OUTBOX = "untold"
_ATTEMPTS = 5


class ConcurrentUpdateError(Exception):
    """Other runs changed an item during each of several attempts to update it."""


def outbox_item(key: tuple[str, str], change: Change, at: datetime) -> dict[str, Any]:
    """Return the item of an outbox entry, which is stored together with a finding state."""
    resource_id, check_id = key
    return {
        "pk": _OUTBOX,
        "sk": f"{encode(at)}#{resource_id}#{check_id}",
        "schema_version": SCHEMA_VERSION,
        "change": encode(change),
        "expires_at": expiry(at),
    }


class OutboxTable:
    """Items with `pk = untold`, and with `pk = run`, `sk = topic#<name>`."""

    def __init__(self, table: str) -> None:
        """Use this table."""
        self._table: Table = boto3.resource("dynamodb").Table(table)

    def read(self) -> Sequence[OutboxEntry]:
        """Read the entries; those of a newer schema version are omitted.

        Raises:
            MalformedError: An item is malformed.
        """
        return [
            OutboxEntry(
                key=item["sk"],
                change=decode(item["change"], Change, f"the item {_OUTBOX} {item['sk']}"),
            )
            for item in items(self._table, _OUTBOX)
            if item["schema_version"] <= SCHEMA_VERSION
        ]

    def remove(self, entries: Sequence[OutboxEntry]) -> None:
        """Delete the items of entries."""
        with self._table.batch_writer() as batch:
            for entry in entries:
                batch.delete_item(Key={"pk": _OUTBOX, "sk": entry.key})

    def read_progress(self, topic: str) -> DeliveryProgress:
        """Read the delivery progress of a topic.

        Raises:
            MalformedError: The item is malformed, or a newer version of the audit wrote it.
        """
        return _progress(topic, self._item(topic))

    def update_progress(
        self, topic: str, update: Callable[[DeliveryProgress], DeliveryStep]
    ) -> DeliveryStep:
        """Update the delivery progress of a topic with optimistic locking.

        Raises:
            MalformedError: The item is malformed, or a newer version of the audit wrote it.
            ConcurrentUpdateError: Other runs were faster in every attempt.
        """
        for _ in range(_ATTEMPTS):
            item = self._item(topic)
            step = update(_progress(topic, item))
            if self._store(topic, step.progress, item):
                return step
        raise ConcurrentUpdateError(
            f"Other runs changed the delivery progress of topic {topic} during each of "
            f"{_ATTEMPTS} attempts to update it"
        )

    def _item(self, topic: str) -> Mapping[str, Any]:
        found = self._table.get_item(Key=_key(topic), ConsistentRead=True)
        return found.get("Item", {})

    def _store(self, topic: str, progress: DeliveryProgress, stored: Mapping[str, Any]) -> bool:
        version = int(stored.get("version", 0))
        item = {
            **_key(topic),
            "schema_version": SCHEMA_VERSION,
            "version": version + 1,
            "progress": encode(progress),
        }
        unchanged: dict[str, Any] = {"ConditionExpression": "attribute_not_exists(pk)"}
        if stored:
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
        raise MalformedError(f"a newer version of the audit wrote the item of topic {topic}")
    return decode(item["progress"], DeliveryProgress, f"the item of topic {topic}")


def _key(topic: str) -> dict[str, str]:
    return {"pk": "run", "sk": f"topic#{topic}"}
