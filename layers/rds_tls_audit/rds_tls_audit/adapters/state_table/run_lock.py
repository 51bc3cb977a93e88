"""The lock that keeps two full runs from running at the same time."""

from datetime import timedelta
from typing import TYPE_CHECKING

import boto3
from boto3.dynamodb.conditions import Attr
from botocore.exceptions import ClientError

from rds_tls_audit.pipeline.run import SCHEMA_VERSION, Run

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

HELD_FOR = timedelta(hours=3)
"""The time after which the lock of a run that was never closed expires."""

_KEY = {"pk": "run", "sk": "lock"}
_REFUSED = "ConditionalCheckFailedException"


class RunLock:
    """The item with `pk = run`, `sk = lock`."""

    def __init__(self, table: str) -> None:
        """Use this table."""
        self._table: Table = boto3.resource("dynamodb").Table(table)

    def acquire(self, run: Run) -> str | None:
        """Put the item if it is free, expired, or held by the same run."""
        # DynamoDB deletes expired items only within days, so the condition compares the time.
        now = int(run.observed_at.timestamp())
        free = Attr("pk").not_exists() | Attr("expires_at").lt(now) | Attr("run_id").eq(run.id)
        try:
            self._table.put_item(
                Item={
                    **_KEY,
                    "schema_version": SCHEMA_VERSION,
                    "run_id": run.id,
                    "expires_at": now + int(HELD_FOR.total_seconds()),
                },
                ConditionExpression=free,
            )
        except ClientError as error:
            if error.response["Error"]["Code"] != _REFUSED:
                raise
            return self._holder()
        return None

    def release(self, run_id: str) -> None:
        """Delete the item if this run holds it."""
        try:
            self._table.delete_item(Key=_KEY, ConditionExpression=Attr("run_id").eq(run_id))
        except ClientError as error:
            if error.response["Error"]["Code"] != _REFUSED:
                raise

    def _holder(self) -> str:
        item = self._table.get_item(Key=_KEY, ConsistentRead=True).get("Item", {})
        return str(item.get("run_id", "(a run that has just ended)"))
