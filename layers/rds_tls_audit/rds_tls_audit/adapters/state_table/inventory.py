"""The resources that have had findings."""

import json
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING

import boto3

from rds_tls_audit.adapters.state_table.items import NOT_NEWER, items, parse_json
from rds_tls_audit.codec import decode, encode
from rds_tls_audit.findings.inventory import KnownResource
from rds_tls_audit.pipeline.run import SCHEMA_VERSION

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

_RESOURCES = "resources"


class InventoryTable:
    """Items with `pk = resources`, `sk = <resource id>`."""

    def __init__(self, table: str) -> None:
        """Use this table."""
        self._table: Table = boto3.resource("dynamodb").Table(table)

    def read(self) -> Mapping[str, KnownResource]:
        """Read all resources; those of a newer schema version are omitted.

        Raises:
            MalformedError: An item is malformed.
        """
        return {
            item["sk"]: decode(
                parse_json(item["known"]), KnownResource, f"the item {_RESOURCES} {item['sk']}"
            )
            for item in items(self._table, _RESOURCES)
            if item["schema_version"] <= SCHEMA_VERSION
        }

    def write(self, changed: Mapping[str, KnownResource]) -> None:
        """Store resources; an item of a newer schema version stays as it is."""
        for resource_id, known in changed.items():
            with suppress(self._table.meta.client.exceptions.ConditionalCheckFailedException):
                self._table.put_item(
                    Item={
                        "pk": _RESOURCES,
                        "sk": resource_id,
                        "schema_version": SCHEMA_VERSION,
                        # As text, because DynamoDB rejects floats from Python.
                        "known": json.dumps(encode(known)),
                    },
                    ConditionExpression=NOT_NEWER,
                    ExpressionAttributeValues={":known": SCHEMA_VERSION},
                )
