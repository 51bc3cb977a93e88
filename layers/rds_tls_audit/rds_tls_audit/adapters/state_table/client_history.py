"""The clients of a database and the samples taken of it, in the state table."""

import json
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import boto3
from botocore.exceptions import ClientError

from rds_tls_audit.adapters.state_table.items import NOT_NEWER, expiry, items, overtaken
from rds_tls_audit.codec import decode, encode
from rds_tls_audit.pipeline.run import SCHEMA_VERSION
from rds_tls_audit.readiness.sampling.daily_samples import DailySamples
from rds_tls_audit.readiness.sampling.observed_client import ObservedClient
from rds_tls_audit.readiness.sampling.sampling_state import SamplingState

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

_CLIENT, _DAY, _TALLY = "client#", "sampling#", "tally"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# What a later run has seen or counted stands.
_SEEN_NO_LATER = f"({NOT_NEWER}) AND (attribute_not_exists(last_seen) OR last_seen <= :seen)"
_COUNTED_EARLIER = f"({NOT_NEWER}) AND (attribute_not_exists(counted_at) OR counted_at < :at)"


class ClientHistoryTable:
    """Items of `pk = db#<resource id>`: `client#<hash>`, `sampling#<day>` and `tally`."""

    def __init__(self, table: str) -> None:
        """Work on this table."""
        self._table: Table = boto3.resource("dynamodb").Table(table)

    def read(self, resource_id: str) -> Mapping[str, ObservedClient]:
        """Read the clients, by their identities; those of a newer schema are left out.

        Raises:
            MalformedError: an item is not a client.
        """
        return {
            item["sk"].removeprefix(_CLIENT): decode(
                item.get("client"), ObservedClient, f"the item {item['pk']} {item['sk']}"
            )
            for item in items(self._table, f"db#{resource_id}", _CLIENT)
            if item["schema_version"] <= SCHEMA_VERSION
        }

    def write(
        self,
        resource_id: str,
        changed: Mapping[str, ObservedClient],
        forgotten: Mapping[str, ObservedClient],
    ) -> None:
        """Store clients for 400 days from their last sighting, and forget others.

        Whom a later run has seen meanwhile, or a newer version stored, stays as it is.
        """
        for key, sighting in changed.items():
            self._put_client(resource_id, key, sighting)
        for key, sighting in forgotten.items():
            self._forget(resource_id, key, sighting)

    def _put_client(self, resource_id: str, key: str, sighting: ObservedClient) -> None:
        with suppress(self._table.meta.client.exceptions.ConditionalCheckFailedException):
            self._table.put_item(
                Item={
                    "pk": f"db#{resource_id}",
                    "sk": f"{_CLIENT}{key}",
                    "schema_version": SCHEMA_VERSION,
                    "client": encode(sighting),  # type: ignore[dict-item]  # plain JSON
                    "last_seen": _microseconds(sighting.last_seen),
                    "expires_at": expiry(sighting.last_seen),
                },
                **_not_later(sighting),
            )

    def _forget(self, resource_id: str, key: str, sighting: ObservedClient) -> None:
        with suppress(self._table.meta.client.exceptions.ConditionalCheckFailedException):
            self._table.delete_item(
                Key={"pk": f"db#{resource_id}", "sk": f"{_CLIENT}{key}"}, **_not_later(sighting)
            )

    def read_tally(self, resource_id: str) -> SamplingState | None:
        """Read the last count; None before the first.

        Raises:
            MalformedError: the item is not a count.
        """
        key = {"pk": f"db#{resource_id}", "sk": _TALLY}
        item = self._table.get_item(Key=key, ConsistentRead=True).get("Item")
        if item is None or int(str(item["schema_version"])) > SCHEMA_VERSION:
            return None
        return decode(_parsed(item.get("tally")), SamplingState, f"the item {key['pk']} {_TALLY}")

    def write_tally(self, resource_id: str, tally: SamplingState) -> None:
        """Store the count, and its day beside those before: both, or neither.

        Nothing is stored where a later run, or a newer version of us, was counted already.
        """
        at = _microseconds(tally.at)
        count = {"sk": _TALLY, "counted_at": at, "tally": json.dumps(encode(tally))}
        day = {
            "sk": f"{_DAY}{tally.day.day.isoformat()}",
            "day": json.dumps(encode(tally.day)),
        }
        common = {
            "pk": f"db#{resource_id}",
            "schema_version": SCHEMA_VERSION,
            "expires_at": expiry(tally.at),
        }
        try:
            self._table.meta.client.transact_write_items(
                TransactItems=[
                    self._put({**common, **count}, _COUNTED_EARLIER, {":at": at}),
                    self._put({**common, **day}, NOT_NEWER, {}),
                ]
            )
        except ClientError as error:
            if not overtaken(error):
                raise

    def _put(self, item: dict[str, Any], condition: str, values: dict[str, int]) -> Any:  # noqa: ANN401 - the stubs know no plain items
        return {
            "Put": {
                "TableName": self._table.name,
                "Item": item,
                "ConditionExpression": condition,
                "ExpressionAttributeValues": {":known": SCHEMA_VERSION, **values},
            }
        }

    def read_days(self, resource_id: str) -> tuple[DailySamples, ...]:
        """Read what each day of sampling came to, oldest first.

        Raises:
            MalformedError: an item is not a day.
        """
        return tuple(
            decode(_parsed(item.get("day")), DailySamples, f"the item {item['pk']} {item['sk']}")
            for item in items(self._table, f"db#{resource_id}", _DAY)
            if item["schema_version"] <= SCHEMA_VERSION
        )


def _not_later(sighting: ObservedClient) -> dict[str, Any]:
    return {
        "ConditionExpression": _SEEN_NO_LATER,
        "ExpressionAttributeValues": {
            ":known": SCHEMA_VERSION,
            ":seen": _microseconds(sighting.last_seen),
        },
    }


def _microseconds(moment: datetime) -> int:
    # A number, to compare by: texts of moments do not sort.
    return (moment - _EPOCH) // timedelta(microseconds=1)


def _parsed(text: object) -> object:
    try:
        parsed: object = json.loads(str(text))
    except ValueError:
        return None  # which is nothing of ours either: one error tells both
    return parsed
