"""The full runs that were, in the state table."""

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
"""Times begin so; the lock and the progress of topics, in the same partition, do not."""


class RunHistoryTable:
    """Items of `pk = run`, `sk = <time>#<run id>`."""

    def __init__(self, table: str) -> None:
        """Work on this table."""
        self._table: Table = boto3.resource("dynamodb").Table(table)

    def read(self) -> tuple[RunTotals, ...]:
        """Read them, oldest first; those of a newer schema are left out.

        Raises:
            MalformedError: an item is not a run.
        """
        return tuple(
            decode(item["past"], RunTotals, f"the item {_RUN} {item['sk']}")
            for item in items(self._table, _RUN, _CENTURY)
            if item["schema_version"] <= SCHEMA_VERSION
        )

    def write(self, run: Run, past: RunTotals) -> None:
        """Add a run."""
        self._table.put_item(
            Item={
                "pk": _RUN,
                "sk": f"{encode(run.observed_at)}#{run.id}",
                "schema_version": SCHEMA_VERSION,
                "past": encode(past),  # type: ignore[dict-item]  # plain JSON
                "expires_at": expiry(run.observed_at),
            }
        )
