"""Puts an emulated account into the state that an earlier version left it in."""

import json
from collections.abc import Iterable
from itertools import batched
from typing import Any

from moto.dynamodb.models import dynamodb_backends

from emulation.account import RUN_BUCKET, STATE_TABLE, EmulatedAccount
from emulation.rds_resources import ACCOUNT, REGION
from tests.support.stored.files import PAGE_OF, STORED, Json, read

_MOST_AT_ONCE = 25


def stored(run: str, kind: str) -> list[Json]:
    """Read what a run of the history has written; nothing where there is no document."""
    name = f"history/{run}/{kind}.json"
    found: list[Json] = read(name) if (STORED / name).exists() else []
    return found


def items_after(runs: Iterable[str]) -> dict[tuple[str, str], Json]:
    """Give the items of the table after these runs, in DynamoDB's typed JSON, by key."""
    items: dict[tuple[str, str], Json] = {}
    for run in runs:
        for entry in stored(run, "items"):
            ((operation, item),) = entry.items()
            key = item["pk"]["S"], item["sk"]["S"]
            if operation == "put":
                items[key] = item
            else:
                items.pop(key, None)
    return items


def findings_after(runs: Iterable[str]) -> dict[str, Json]:
    """Give the findings in Security Hub after these runs, by Id."""
    return {finding["Id"]: finding for run in runs for finding in stored(run, "findings")}


def items_of(account: EmulatedAccount) -> dict[tuple[str, str], Json]:
    """Give the items that the table holds now, in DynamoDB's typed JSON, by key."""
    pages = account.client("dynamodb").get_paginator("scan").paginate(TableName=STATE_TABLE)
    return {(it["pk"]["S"], it["sk"]["S"]): it for page in pages for it in page["Items"]}


def fill(account: EmulatedAccount, runs: Iterable[str]) -> None:
    """Put into table, bucket and hub what these runs left there, in place of all else."""
    runs = list(runs)
    empty(account)
    _fill_table(account.client("dynamodb"), items_after(runs).values())
    for run in runs:
        _fill_bucket(account.client("s3"), stored(run, "objects"))
    hub = account.hub
    hub.findings = findings_after(runs)
    resolved = {it["Id"]: it["status"] for run in runs for it in stored(run, "resolved")}
    hub.workflow = {**dict.fromkeys(hub.findings, "NEW"), **resolved}


def empty(account: EmulatedAccount) -> None:
    """Empty table, bucket and hub."""
    # Straight in the emulator: it is hundreds of requests otherwise.
    dynamodb_backends[ACCOUNT][REGION].tables[STATE_TABLE].items.clear()
    s3 = account.client("s3")
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=RUN_BUCKET):
        if found := page.get("Contents"):
            keys = [{"Key": it["Key"]} for it in found]
            s3.delete_objects(Bucket=RUN_BUCKET, Delete={"Objects": keys})
    hub = account.hub
    hub.findings, hub.workflow, hub.requests, hub.violations = {}, {}, [], []


def _fill_table(client: Any, items: Iterable[Json]) -> None:  # noqa: ANN401 - a client of boto3
    for some in batched(items, _MOST_AT_ONCE, strict=False):
        puts = [{"PutRequest": {"Item": item}} for item in some]
        left = client.batch_write_item(RequestItems={STATE_TABLE: puts})["UnprocessedItems"]
        if left:
            raise RuntimeError("the table does not take all items")


def _fill_bucket(client: Any, objects: Iterable[Json]) -> None:  # noqa: ANN401 - a client of boto3
    page = STORED / f"history/{PAGE_OF}/report.html"
    for stored_object in objects:
        has_body = "body" in stored_object
        body = json.dumps(stored_object["body"]).encode() if has_body else page.read_bytes()
        client.put_object(
            Bucket=RUN_BUCKET,
            Key=stored_object["key"],
            ContentType=stored_object["type"],
            Body=body,
        )
