"""The emulated account with its stores, each empty again after a test."""

from collections.abc import Iterator
from typing import Any

import pytest
from moto.dynamodb.models import dynamodb_backends

from emulation.account import RUN_BUCKET, STATE_TABLE, LocalAccount
from emulation.rds_resources import ACCOUNT, REGION


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
    # Straight in the emulator: thousands of requests are a matter of seconds.
    dynamodb_backends[ACCOUNT][REGION].tables[STATE_TABLE].items.clear()


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
