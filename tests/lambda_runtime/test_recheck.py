"""The built RecheckFunction with each of its sample events, under Lambda's runtime."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from emulation.account import RUN_BUCKET, LocalAccount
from emulation.rds_resources import ACCOUNT
from rds_tls_audit.codec import encode
from rds_tls_audit.pipeline.manifest import Batch
from tests.lambda_runtime.rie import BuiltFunction, InvocationFailed
from tests.support.builders import cluster, database, target
from tests.support.repository import ROOT

EVENTS = ROOT / "events"
LAST = "full-1"
LEDGER = cluster("ledger", parameter_group="ledger-pg17")
FLEET = (
    database("billing-prod", parameter_group="billing-prod-pg17"),
    database("ledger-1", cluster=LEDGER),
    database("ledger-2", cluster=LEDGER),
)
DEFINITION = {"StartAt": "End", "States": {"End": {"Type": "Succeed"}}}


@pytest.fixture(scope="module")
def account() -> Iterator[LocalAccount]:
    """An account in which a full run has left its manifest."""
    targets = tuple(target(it) for it in FLEET)
    batch = Batch(run_id=LAST, batch=0, probe_function=None, targets=targets)
    kept = {f"runs/{LAST}/batches.json": [encode(batch)], "latest/full.json": {"run_id": LAST}}
    with LocalAccount() as running:
        for key, document in kept.items():
            running.client("s3").put_object(
                Bucket=RUN_BUCKET, Key=key, Body=json.dumps(document).encode()
            )
        yield running


@pytest.fixture(scope="module")
def machine(account: LocalAccount) -> str:
    made = account.client("stepfunctions").create_state_machine(
        name="audit",
        definition=json.dumps(DEFINITION),
        roleArn=f"arn:aws:iam::{ACCOUNT}:role/states",
    )
    return str(made["stateMachineArn"])


@pytest.fixture(scope="module")
def function(account: LocalAccount, machine: str) -> Iterator[BuiltFunction]:
    environment = account.environment() | {"STATE_MACHINE": machine}
    with BuiltFunction("RecheckFunction", environment) as built:
        yield built


def started(account: LocalAccount, machine: str) -> dict[str, Any]:
    """Give the input of each execution so far, by its name."""
    states = account.client("stepfunctions")
    listed = states.list_executions(stateMachineArn=machine)["executions"]
    described = [states.describe_execution(executionArn=it["executionArn"]) for it in listed]
    return {it["name"]: json.loads(it["input"]) for it in described}


@pytest.mark.parametrize(
    ("name", "databases"),
    [
        ("recheck-instance", ["orders-prod"]),
        ("recheck-cluster", ["ledger"]),
        ("recheck-parameter-group", ["billing-prod"]),
        ("recheck-cluster-parameter-group", ["ledger"]),
    ],
)
def test_recheck_answers_its_sample_events_with_one_run_however_often_they_come(
    account: LocalAccount,
    machine: str,
    function: BuiltFunction,
    name: str,
    databases: list[str],
) -> None:
    event = json.loads((EVENTS / f"{name}.json").read_text())
    before = started(account, machine)

    answers = [function.invoke(event) for _ in range(2)]

    assert answers == [{"batchItemFailures": []}] * 2
    new = [it for name, it in started(account, machine).items() if name not in before]
    assert new == [{"databases": databases, "ignore_missing": True}]


def test_recheck_gives_back_what_it_cannot_read(function: BuiltFunction) -> None:
    event = json.loads((EVENTS / "recheck-instance.json").read_text())
    event["Records"][0] |= {"messageId": "bad", "body": "{"}

    assert function.invoke(event) == {"batchItemFailures": [{"itemIdentifier": "bad"}]}


def test_recheck_fails_as_a_whole_where_it_cannot_start_a_run(account: LocalAccount) -> None:
    gone = f"arn:aws:states:eu-central-1:{ACCOUNT}:stateMachine:gone"
    event = json.loads((EVENTS / "recheck-instance.json").read_text())

    with (
        BuiltFunction("RecheckFunction", account.environment() | {"STATE_MACHINE": gone}) as built,
        pytest.raises(InvocationFailed, match="StateMachineDoesNotExist"),
    ):
        built.invoke(event)
