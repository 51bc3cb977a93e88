"""The changes that wait in the state table to be told, and how far each topic has come."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import boto3

from rds_tls_audit.change import Change
from rds_tls_audit.codec import decode, encode
from rds_tls_audit.ports.items import expiry, items
from rds_tls_audit.run import SCHEMA_VERSION
from rds_tls_audit.untold import Note, Progress

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

_UNTOLD = "untold"


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

    def read(self) -> Sequence[Note]:
        """Read what waits, oldest first; what a newer version noted is left to it.

        Raises:
            MalformedError: an item is not a note.
        """
        return [
            Note(
                key=item["sk"],
                change=decode(item["change"], Change, f"the item {_UNTOLD} {item['sk']}"),
            )
            for item in items(self._table, _UNTOLD)
            if item["schema_version"] <= SCHEMA_VERSION
        ]

    def remove(self, notes: Sequence[Note]) -> None:
        """Forget notes."""
        with self._table.batch_writer() as batch:
            for note in notes:
                batch.delete_item(Key={"pk": _UNTOLD, "sk": note.key})

    def read_progress(self, topic: str) -> Progress:
        """How far this topic has come.

        Raises:
            MalformedError: the item does not say.
        """
        item = self._table.get_item(Key=_key(topic), ConsistentRead=True).get("Item")
        if item is None:
            return Progress()
        return decode(item["progress"], Progress, f"the item of the topic {topic}")

    def write_progress(self, topic: str, progress: Progress) -> None:
        """Store it."""
        self._table.put_item(
            Item={
                **_key(topic),
                "schema_version": SCHEMA_VERSION,
                "progress": encode(progress),  # type: ignore[dict-item]  # plain JSON
            }
        )


def _key(topic: str) -> dict[str, str]:
    return {"pk": "run", "sk": f"topic#{topic}"}
