"""The totals of past full runs."""

from typing import TYPE_CHECKING

import boto3

from rds_tls_audit.adapters.state_table.items import expiry, items
from rds_tls_audit.codec import decode, encode
from rds_tls_audit.pipeline.run import SCHEMA_VERSION, Run
from rds_tls_audit.results.run_totals import RunTotals

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

_RUN = "run"
_CENTURY = "20"
"""The first digits of every time. The lock and the topics are in the same partition, too."""


class RunHistoryTable:
    """Items with `pk = run`, `sk = <time>#<run id>`."""

    def __init__(self, table: str) -> None:
        """Use this table."""
        self._table: Table = boto3.resource("dynamodb").Table(table)

    def read(self) -> tuple[RunTotals, ...]:
        """Read the totals; those of a newer schema version are omitted.

        Raises:
            MalformedError: An item is malformed.
        """
        return tuple(
            decode(item["past"], RunTotals, f"the item {_RUN} {item['sk']}")
            for item in items(self._table, _RUN, _CENTURY)
            if item["schema_version"] <= SCHEMA_VERSION
        )

    def write(self, run: Run, totals: RunTotals) -> None:
        """Store the totals for 400 days."""
        self._table.put_item(
            Item={
                "pk": _RUN,
                "sk": f"{encode(run.observed_at)}#{run.id}",
                "schema_version": SCHEMA_VERSION,
                "past": encode(totals),  # type: ignore[dict-item]  # plain JSON
                "expires_at": expiry(run.observed_at),
            }
        )
