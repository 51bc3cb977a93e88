"""The state table: what Security Hub was told last, by resource and check."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import boto3
from botocore.exceptions import ClientError

from rds_tls_audit.change import Change
from rds_tls_audit.codec import decode, encode
from rds_tls_audit.finding_state import FindingState
from rds_tls_audit.ports.items import items
from rds_tls_audit.ports.outbox import note_item
from rds_tls_audit.run import SCHEMA_VERSION
from rds_tls_audit.stages.tell import StateKey

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

_CHECK = "check#"

# A newer run got there first, or a newer version of us: its word stands.
_OVERTAKEN = frozenset({"ConditionalCheckFailed", "TransactionConflict"})


class StateTable:
    """Items of `pk = db#<resource id>`, `sk = check#<id>`."""

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
            for item in items(self._table, f"db#{resource_id}", _CHECK)
        }

    def write(
        self,
        key: StateKey,
        state: FindingState,
        previous: FindingState | None,
        change: Change | None = None,
    ) -> None:
        """Store a state and note its change to be told: both, or neither.

        Nothing is stored where somebody else has changed the state since `previous` was read.
        """
        puts = [_put(self._table.name, _state_item(key, state), previous)]
        if change is not None:
            note = note_item(key, change, state.observed_at)
            puts.append({"Put": {"TableName": self._table.name, "Item": note}})
        try:
            self._table.meta.client.transact_write_items(TransactItems=puts)
        except ClientError as error:
            if not _overtaken(error):
                raise


def _put(
    table: str, item: dict[str, Any], previous: FindingState | None
) -> "TransactWriteItemTypeDef":
    if previous is None:
        condition: dict[str, Any] = {"ConditionExpression": "attribute_not_exists(pk)"}
    else:
        condition = {
            "ConditionExpression": "observed_at = :seen",
            "ExpressionAttributeValues": {":seen": encode(previous.observed_at)},
        }
    return {"Put": {"TableName": table, "Item": item, **condition}}  # type: ignore[typeddict-item]  # the two are one or the other


def _overtaken(error: ClientError) -> bool:
    reasons: list[dict[str, str]] = error.response.get("CancellationReasons", [])  # type: ignore[assignment]  # the stubs know no fields of a single error
    return any(reason.get("Code") in _OVERTAKEN for reason in reasons)


def _state_item(key: StateKey, state: FindingState) -> dict[str, Any]:
    resource_id, check_id = key
    return {
        "pk": f"db#{resource_id}",
        "sk": f"{_CHECK}{check_id}",
        "schema_version": SCHEMA_VERSION,
        "observed_at": encode(state.observed_at),
        "state": encode(state),
    }


def _state(item: Mapping[str, Any]) -> FindingState | None:
    if item["schema_version"] > SCHEMA_VERSION:
        return None
    return decode(item["state"], FindingState, f"the state item {item['pk']} {item['sk']}")
