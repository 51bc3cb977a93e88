"""The built RecheckFunction with each of its sample events, in Lambda's runtime."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from emulation.account import RUN_BUCKET, EmulatedAccount
from emulation.rds_resources import ACCOUNT
from rds_tls_audit.codec import encode
from rds_tls_audit.pipeline.manifest import Batch
from tests.lambda_runtime.rie import BuiltFunction, InvocationFailed
from tests.support.builders import cluster, database, target
from tests.support.repository import ROOT

EVENTS = ROOT / "events"
LATEST_FULL_RUN = "full-1"
LEDGER = cluster("ledger", parameter_group="ledger-pg17")
DATABASES = (
    database("billing-prod", parameter_group="billing-prod-pg17"),
    database("ledger-1", cluster=LEDGER),
    database("ledger-2", cluster=LEDGER),
)
DEFINITION = {"StartAt": "End", "States": {"End": {"Type": "Succeed"}}}


@pytest.fixture(scope="module")
def account() -> Iterator[EmulatedAccount]:
    """An account with the manifest of a full run."""
    targets = tuple(target(database) for database in DATABASES)
    batch = Batch(run_id=LATEST_FULL_RUN, batch=0, probe_function=None, targets=targets)
    objects = {
        f"runs/{LATEST_FULL_RUN}/batches.json": [encode(batch)],
        "latest/full.json": {"run_id": LATEST_FULL_RUN},
    }
    with EmulatedAccount() as running:
        for key, document in objects.items():
            running.client("s3").put_object(
                Bucket=RUN_BUCKET, Key=key, Body=json.dumps(document).encode()
            )
        yield running


@pytest.fixture(scope="module")
def machine(account: EmulatedAccount) -> str:
    created = account.client("stepfunctions").create_state_machine(
        name="audit",
        definition=json.dumps(DEFINITION),
        roleArn=f"arn:aws:iam::{ACCOUNT}:role/states",
    )
    return str(created["stateMachineArn"])


@pytest.fixture(scope="module")
def function(account: EmulatedAccount, machine: str) -> Iterator[BuiltFunction]:
    environment = account.environment() | {"STATE_MACHINE": machine}
    with BuiltFunction("RecheckFunction", environment) as built:
        yield built


def inputs_by_name(account: EmulatedAccount, machine: str) -> dict[str, Any]:
    """Return the input of each execution so far, by its name."""
    states = account.client("stepfunctions")
    listed = states.list_executions(stateMachineArn=machine)["executions"]
    executions = [
        states.describe_execution(executionArn=execution["executionArn"]) for execution in listed
    ]
    return {execution["name"]: json.loads(execution["input"]) for execution in executions}


@pytest.mark.parametrize(
    ("name", "databases"),
    [
        ("recheck-instance", ["orders-prod"]),
        ("recheck-cluster", ["ledger"]),
        ("recheck-parameter-group", ["billing-prod"]),
        ("recheck-cluster-parameter-group", ["ledger"]),
    ],
)
def test_recheck_starts_one_run_for_a_sample_event_even_if_it_is_delivered_twice(
    account: EmulatedAccount,
    machine: str,
    function: BuiltFunction,
    name: str,
    databases: list[str],
) -> None:
    event = json.loads((EVENTS / f"{name}.json").read_text())
    before = inputs_by_name(account, machine)

    responses = [function.invoke(event) for _ in range(2)]

    assert responses == [{"batchItemFailures": []}] * 2
    after = inputs_by_name(account, machine)
    new = [run_input for name, run_input in after.items() if name not in before]
    assert new == [{"databases": databases, "ignore_missing": True}]


def test_recheck_returns_a_malformed_message_as_a_failure(function: BuiltFunction) -> None:
    event = json.loads((EVENTS / "recheck-instance.json").read_text())
    event["Records"][0] |= {"messageId": "bad", "body": "{"}

    assert function.invoke(event) == {"batchItemFailures": [{"itemIdentifier": "bad"}]}


def test_recheck_fails_if_it_cannot_start_a_run(account: EmulatedAccount) -> None:
    deleted = f"arn:aws:states:eu-central-1:{ACCOUNT}:stateMachine:deleted"
    event = json.loads((EVENTS / "recheck-instance.json").read_text())

    with (
        BuiltFunction(
            "RecheckFunction", account.environment() | {"STATE_MACHINE": deleted}
        ) as built,
        pytest.raises(InvocationFailed, match="StateMachineDoesNotExist"),
    ):
        built.invoke(event)
