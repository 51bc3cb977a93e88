"""The observed clients and the samples of each database."""

import json
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import boto3
from botocore.exceptions import ClientError

from rds_tls_audit.adapters.state_table.items import (
    NOT_NEWER,
    expiry,
    items,
    overtaken,
    parse_json,
)
from rds_tls_audit.codec import decode, encode
from rds_tls_audit.pipeline.run import SCHEMA_VERSION
from rds_tls_audit.readiness.sampling.daily_samples import DailySamples
from rds_tls_audit.readiness.sampling.observed_client import ObservedClient
from rds_tls_audit.readiness.sampling.sampling_state import SamplingState

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

_CLIENT, _DAY, _TALLY = "client#", "sampling#", "tally"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Never overwrite data from a later run.
_SEEN_NO_LATER = f"({NOT_NEWER}) AND (attribute_not_exists(last_seen) OR last_seen <= :seen)"
_COUNTED_EARLIER = f"({NOT_NEWER}) AND (attribute_not_exists(counted_at) OR counted_at < :at)"


class ClientHistoryTable:
    """Items with `pk = db#<resource id>`: `client#<hash>`, `sampling#<day>`, and `tally`."""

    def __init__(self, table: str) -> None:
        """Use this table."""
        self._table: Table = boto3.resource("dynamodb").Table(table)

    def read(self, resource_id: str) -> Mapping[str, ObservedClient]:
        """Read the clients; those of a newer schema version are omitted.

        Raises:
            MalformedError: An item is malformed.
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
        removed: Mapping[str, ObservedClient],
    ) -> None:
        """Store clients for 400 days after they were last seen, and delete others."""
        for key, client in changed.items():
            self._put_client(resource_id, key, client)
        for key, client in removed.items():
            self._delete_client(resource_id, key, client)

    def _put_client(self, resource_id: str, key: str, client: ObservedClient) -> None:
        with suppress(self._table.meta.client.exceptions.ConditionalCheckFailedException):
            self._table.put_item(
                Item={
                    "pk": f"db#{resource_id}",
                    "sk": f"{_CLIENT}{key}",
                    "schema_version": SCHEMA_VERSION,
                    "client": encode(client),  # type: ignore[dict-item]  # plain JSON
                    "last_seen": _microseconds(client.last_seen),
                    "expires_at": expiry(client.last_seen),
                },
                **_unless_seen_later(client),
            )

    def _delete_client(self, resource_id: str, key: str, client: ObservedClient) -> None:
        with suppress(self._table.meta.client.exceptions.ConditionalCheckFailedException):
            self._table.delete_item(
                Key={"pk": f"db#{resource_id}", "sk": f"{_CLIENT}{key}"},
                **_unless_seen_later(client),
            )

    def read_sampling_state(self, resource_id: str) -> SamplingState | None:
        """Read the sampling state; None if a newer version stored it.

        Raises:
            MalformedError: The item is malformed.
        """
        key = {"pk": f"db#{resource_id}", "sk": _TALLY}
        item = self._table.get_item(Key=key, ConsistentRead=True).get("Item")
        if item is None or int(str(item["schema_version"])) > SCHEMA_VERSION:
            return None
        return decode(
            parse_json(item.get("tally")), SamplingState, f"the item {key['pk']} {_TALLY}"
        )

    def write_sampling_state(self, resource_id: str, state: SamplingState) -> None:
        """Store the state and its day in one transaction."""
        at = _microseconds(state.at)
        tally = {"sk": _TALLY, "counted_at": at, "tally": json.dumps(encode(state))}
        day = {
            "sk": f"{_DAY}{state.day.day.isoformat()}",
            "day": json.dumps(encode(state.day)),
        }
        common = {
            "pk": f"db#{resource_id}",
            "schema_version": SCHEMA_VERSION,
            "expires_at": expiry(state.at),
        }
        try:
            self._table.meta.client.transact_write_items(
                TransactItems=[
                    self._put({**common, **tally}, _COUNTED_EARLIER, {":at": at}),
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
        """Read the days; those of a newer schema version are omitted.

        Raises:
            MalformedError: An item is malformed.
        """
        return tuple(
            decode(parse_json(item.get("day")), DailySamples, f"the item {item['pk']} {item['sk']}")
            for item in items(self._table, f"db#{resource_id}", _DAY)
            if item["schema_version"] <= SCHEMA_VERSION
        )


def _unless_seen_later(client: ObservedClient) -> dict[str, Any]:
    return {
        "ConditionExpression": _SEEN_NO_LATER,
        "ExpressionAttributeValues": {
            ":known": SCHEMA_VERSION,
            ":seen": _microseconds(client.last_seen),
        },
    }


def _microseconds(moment: datetime) -> int:
    # A number, because ISO timestamps with and without fractions do not compare by time.
    return (moment - _EPOCH) // timedelta(microseconds=1)
