"""The items of the state table, whatever they hold."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.conditions import Key
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

NOT_NEWER = "attribute_not_exists(schema_version) OR schema_version <= :known"
"""The condition of a write that leaves alone what a newer version has written."""
KEPT = timedelta(days=400)
"""How long what nobody touches any more is kept."""
# Somebody else's write got there first, or is under way.
_OVERTAKEN = frozenset({"ConditionalCheckFailed", "TransactionConflict"})


def items(table: "Table", pk: str, prefix: str = "") -> Iterator[dict[str, Any]]:
    """Read the items of a partition, page by page, in the order of their sort keys."""
    partition = Key("pk").eq(pk)
    wanted = partition & Key("sk").begins_with(prefix) if prefix else partition
    start: dict[str, Any] = {}
    while True:
        page = table.query(KeyConditionExpression=wanted, ConsistentRead=True, **start)
        yield from page["Items"]
        if "LastEvaluatedKey" not in page:
            return
        start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}


def expiry(after: datetime) -> int:
    """What `expires_at` holds: seconds since 1970."""
    return int((after + KEPT).timestamp())


def overtaken(error: ClientError) -> bool:
    """Whether a transaction was refused because of what somebody else has written meanwhile."""
    reasons: list[dict[str, str]] = error.response.get("CancellationReasons", [])  # type: ignore[assignment]  # the stubs know no fields of a single error
    return any(reason.get("Code") in _OVERTAKEN for reason in reasons)
