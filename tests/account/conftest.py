"""The emulated account with its stores, each empty again after a test."""

from collections.abc import Iterator
from typing import Any

import pytest

from demo.account import RUN_BUCKET, STATE_TABLE, LocalAccount


@pytest.fixture(scope="module")
def account() -> Iterator[LocalAccount]:
    with pytest.MonkeyPatch.context() as patch, LocalAccount() as running:
        for name, value in running.environment().items():
            patch.setenv(name, value)
        yield running


@pytest.fixture
def table(account: LocalAccount) -> Iterator[Any]:
    """The state table, empty afterwards."""
    client = account.client("dynamodb")
    yield client
    for item in client.scan(TableName=STATE_TABLE)["Items"]:
        client.delete_item(TableName=STATE_TABLE, Key={"pk": item["pk"], "sk": item["sk"]})


@pytest.fixture
def bucket(account: LocalAccount) -> Iterator[Any]:
    """The run bucket, empty afterwards."""
    client = account.client("s3")
    yield client
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=RUN_BUCKET)
    for page in pages:
        if found := page.get("Contents"):
            client.delete_objects(
                Bucket=RUN_BUCKET, Delete={"Objects": [{"Key": it["Key"]} for it in found]}
            )
