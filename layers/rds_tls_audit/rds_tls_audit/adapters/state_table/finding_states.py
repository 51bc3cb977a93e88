"""The state of each finding as it was last sent to Security Hub."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import boto3
from botocore.exceptions import ClientError

from rds_tls_audit.adapters.state_table.items import items, overtaken
from rds_tls_audit.adapters.state_table.outbox import outbox_item
from rds_tls_audit.codec import decode, encode
from rds_tls_audit.findings.change import Change
from rds_tls_audit.findings.state import FindingState, StateKey
from rds_tls_audit.pipeline.run import SCHEMA_VERSION

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

_CHECK = "check#"


class FindingStatesTable:
    """Items with `pk = db#<resource id>`, `sk = check#<id>`."""

    def __init__(self, table: str) -> None:
        """Use this table."""
        self._table: Table = boto3.resource("dynamodb").Table(table)

    def read(self, resource_ids: Sequence[str]) -> Mapping[StateKey, FindingState | None]:
        """Read the states of these resources.

        Raises:
            MalformedError: An item is malformed.
        """
        return {
            (resource_id, item["sk"].removeprefix(_CHECK)): _state(item)
            for resource_id in resource_ids
            for item in items(self._table, f"db#{resource_id}", _CHECK)
        }

    def write(
        self,
        key: StateKey,
        state: FindingState,
        previous: FindingState | None,
        change: Change | None = None,
    ) -> bool:
        """Store a state and its outbox entry in one transaction, unless overtaken."""
        puts = [_put(self._table.name, _state_item(key, state), previous)]
        if change is not None:
            entry = outbox_item(key, change, state.observed_at)
            puts.append({"Put": {"TableName": self._table.name, "Item": entry}})
        try:
            self._table.meta.client.transact_write_items(TransactItems=puts)
        except ClientError as error:
            if not overtaken(error):
                raise
            return False  # another run, or a newer version, wrote the state in the meantime
        return True

    def roll_back(
        self, key: StateKey, attempt: FindingState, previous: FindingState | None
    ) -> None:
        """Restore the previous state, or delete the attempt if there was none."""
        if previous is not None:
            self.write(key, previous, attempt)
            return
        with suppress(self._table.meta.client.exceptions.ConditionalCheckFailedException):
            self._table.delete_item(Key=_key(key), **_condition(attempt))


def _put(
    table: str, item: dict[str, Any], previous: FindingState | None
) -> "TransactWriteItemTypeDef":
    return {"Put": {"TableName": table, "Item": item, **_condition(previous)}}  # type: ignore[typeddict-item]  # the condition is one of two shapes


def _condition(previous: FindingState | None) -> dict[str, Any]:
    if previous is None:
        return {"ConditionExpression": "attribute_not_exists(pk)"}
    return {
        "ConditionExpression": "version = :seen",
        "ExpressionAttributeValues": {":seen": _version(previous)},
    }


def _state_item(key: StateKey, state: FindingState) -> dict[str, Any]:
    return {
        **_key(key),
        "schema_version": SCHEMA_VERSION,
        "version": _version(state),
        "state": encode(state),
    }


def _key(key: StateKey) -> dict[str, str]:
    resource_id, check_id = key
    return {"pk": f"db#{resource_id}", "sk": f"{_CHECK}{check_id}"}


def _version(state: FindingState) -> str:
    """Return a value that every write changes, for optimistic locking."""
    attempt = state.attempt
    in_flight = f" {attempt.run} {encode(attempt.updated_at)}" if attempt else ""
    return f"{encode(state.observed_at)} {encode(state.updated_at)}{in_flight}"


def _state(item: Mapping[str, Any]) -> FindingState | None:
    if item["schema_version"] > SCHEMA_VERSION:
        return None
    return decode(item["state"], FindingState, f"the state item {item['pk']} {item['sk']}")
