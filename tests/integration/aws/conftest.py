"""The emulated account with its stores, which are emptied after each test."""

from collections.abc import Iterator
from typing import Any

import pytest
from moto.dynamodb.models import dynamodb_backends

from emulation.account import RUN_BUCKET, STATE_TABLE, EmulatedAccount
from emulation.rds_resources import ACCOUNT, REGION


@pytest.fixture(scope="module")
def account() -> Iterator[EmulatedAccount]:
    with pytest.MonkeyPatch.context() as patch, EmulatedAccount() as running:
        for name, value in running.environment().items():
            patch.setenv(name, value)
        yield running


@pytest.fixture
def table(account: EmulatedAccount) -> Iterator[Any]:
    """A client for the state table, which is emptied after the test."""
    client = account.client("dynamodb")
    yield client
    # Directly in the emulator, because thousands of requests take seconds.
    dynamodb_backends[ACCOUNT][REGION].tables[STATE_TABLE].items.clear()


@pytest.fixture
def bucket(account: EmulatedAccount) -> Iterator[Any]:
    """A client for the run bucket, which is emptied after the test."""
    client = account.client("s3")
    yield client
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=RUN_BUCKET)
    for page in pages:
        if found := page.get("Contents"):
            client.delete_objects(
                Bucket=RUN_BUCKET, Delete={"Objects": [{"Key": item["Key"]} for item in found]}
            )
