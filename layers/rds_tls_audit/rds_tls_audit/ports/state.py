"""The state table: what Security Hub was told last, by resource and check."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import boto3
from boto3.dynamodb.conditions import Attr, Key
from botocore.exceptions import ClientError

from rds_tls_audit.codec import decode, encode
from rds_tls_audit.finding_state import FindingState
from rds_tls_audit.run import SCHEMA_VERSION
from rds_tls_audit.stages.publish import StateKey

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

_CHECK = "check#"


class StateTable:
    """A table with string keys `pk` and `sk`."""

    def __init__(self, table: str) -> None:
        """Work on this table."""
        self._table: Table = boto3.resource("dynamodb").Table(table)

    def read(self, resource_ids: Sequence[str]) -> Mapping[StateKey, FindingState | None]:
        """Read the states of these resources; None is one of a newer schema, to be left alone.

        Raises:
            MalformedError: an item is not a state.
        """
        return {
            (resource_id, item["sk"].removeprefix(_CHECK)): _state(item)
            for resource_id in resource_ids
            for item in self._items(resource_id)
        }

    def write(self, key: StateKey, state: FindingState, previous: FindingState | None) -> None:
        """Store a state, unless somebody else has changed it since `previous` was read."""
        resource_id, check_id = key
        stamp = None if previous is None else encode(previous.observed_at)
        unchanged = Attr("observed_at").eq(stamp) if stamp else Attr("pk").not_exists()
        try:
            self._table.put_item(
                Item={
                    "pk": f"db#{resource_id}",
                    "sk": f"{_CHECK}{check_id}",
                    "schema_version": SCHEMA_VERSION,
                    "observed_at": str(encode(state.observed_at)),
                    "state": encode(state),  # type: ignore[dict-item]  # plain JSON
                },
                ConditionExpression=unchanged,
            )
        except ClientError as error:
            # A newer run got there first, or a newer version of us: its word stands.
            if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                raise

    def _items(self, resource_id: str) -> list[dict[str, Any]]:
        # A resource has some ten checks: one page.
        answer = self._table.query(
            KeyConditionExpression=Key("pk").eq(f"db#{resource_id}")
            & Key("sk").begins_with(_CHECK),
            ConsistentRead=True,
        )
        return answer["Items"]


def _state(item: Mapping[str, Any]) -> FindingState | None:
    if item["schema_version"] > SCHEMA_VERSION:
        return None
    return decode(item["state"], FindingState, f"the state item {item['pk']} {item['sk']}")
