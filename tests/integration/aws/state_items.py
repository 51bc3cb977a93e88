"""Read the raw items of the state table."""

from typing import Any

from boto3.dynamodb.types import TypeDeserializer

from emulation.account import STATE_TABLE


def items(table: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - a client of boto3
    read = TypeDeserializer().deserialize
    return [
        {name: read(value) for name, value in item.items()}
        for item in table.scan(TableName=STATE_TABLE)["Items"]
    ]
