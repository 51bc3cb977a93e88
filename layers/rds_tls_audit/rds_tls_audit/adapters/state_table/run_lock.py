"""The lock in the state table that keeps two full runs from crossing."""

from datetime import timedelta
from typing import TYPE_CHECKING

import boto3
from boto3.dynamodb.conditions import Attr
from botocore.exceptions import ClientError

from rds_tls_audit.pipeline.run import SCHEMA_VERSION, Run

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

HELD_FOR = timedelta(hours=3)
"""A run that ended without a word holds it no longer than that."""

_KEY = {"pk": "run", "sk": "lock"}
_REFUSED = "ConditionalCheckFailedException"


class RunLock:
    """One item, taken on condition."""

    def __init__(self, table: str) -> None:
        """Keep it in this table."""
        self._table: Table = boto3.resource("dynamodb").Table(table)

    def take(self, run: Run) -> str | None:
        """Take it, and return None; else the id of the run that holds it.

        The run that holds it takes it again: a retried state is no second run. DynamoDB removes
        an expired item within days, so that the condition looks at the time itself.
        """
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
        """Give it back, where this run holds it."""
        try:
            self._table.delete_item(Key=_KEY, ConditionExpression=Attr("run_id").eq(run_id))
        except ClientError as error:
            if error.response["Error"]["Code"] != _REFUSED:
                raise

    def _holder(self) -> str:
        item = self._table.get_item(Key=_KEY, ConsistentRead=True).get("Item", {})
        return str(item.get("run_id", "that has just ended"))
