"""What all kinds of items in the state table have in common."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.conditions import Key
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

NOT_NEWER = "attribute_not_exists(schema_version) OR schema_version <= :known"
"""The condition of a write that never overwrites an item of a newer version."""
KEPT = timedelta(days=400)
"""How long an item is kept after its last update."""
# Another write was faster, or is in progress.
_OVERTAKEN = frozenset({"ConditionalCheckFailed", "TransactionConflict"})


def items(table: "Table", pk: str, prefix: str = "") -> Iterator[dict[str, Any]]:
    """Read the items of a partition in the order of their sort keys."""
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
    """Return the value of `expires_at`, in seconds since 1970."""
    return int((after + KEPT).timestamp())


def parse_json(text: object) -> object:
    """Parse the JSON text of an attribute; return None if it is malformed.

    None is not a valid document either, so that `decode` raises one error for both.
    """
    try:
        document: object = json.loads(str(text))
    except ValueError:
        return None
    return document


def overtaken(error: ClientError) -> bool:
    """Return whether a transaction was refused because of a concurrent write."""
    reasons: list[dict[str, str]] = error.response.get("CancellationReasons", [])  # type: ignore[assignment]  # the stubs know no fields of a single error
    return any(reason.get("Code") in _OVERTAKEN for reason in reasons)
