"""An execution of a name is started once, by the adapter and by its fake."""

import json
from collections.abc import Callable, Mapping
from itertools import count
from typing import NamedTuple

import pytest
from botocore.exceptions import ClientError

from emulation.account import EmulatedAccount
from emulation.rds_resources import ACCOUNT
from rds_tls_audit.adapters.state_machine import StateMachine
from rds_tls_audit.ports.executions import Executions
from tests.support import in_memory_stores

NAMED = {"databases": ["orders-prod"], "ignore_missing": True}
FULL = {"kind": "full"}
DEFINITION = {"StartAt": "End", "States": {"End": {"Type": "Succeed"}}}
NUMBERS = count()


class Started(NamedTuple):
    """The port, and the inputs of the started executions by name."""

    executions: Executions
    started: Callable[[], Mapping[str, object]]


@pytest.fixture
def machine(account: EmulatedAccount) -> str:
    """Create a state machine for this test."""
    made = account.client("stepfunctions").create_state_machine(
        name=f"machine-{next(NUMBERS)}",
        definition=json.dumps(DEFINITION),
        roleArn=f"arn:aws:iam::{ACCOUNT}:role/states",
    )
    return str(made["stateMachineArn"])


@pytest.fixture(params=["real", "fake"])
def started_by_port(account: EmulatedAccount, request: pytest.FixtureRequest) -> Started:
    if request.param == "fake":
        fake = in_memory_stores.Executions()
        return Started(fake, lambda: fake.started)
    states, arn = account.client("stepfunctions"), request.getfixturevalue("machine")

    def started() -> dict[str, object]:
        listed = states.list_executions(stateMachineArn=arn)["executions"]
        described = [
            states.describe_execution(executionArn=item["executionArn"]) for item in listed
        ]
        return {execution["name"]: json.loads(execution["input"]) for execution in described}

    return Started(StateMachine(arn), started)


def test_a_second_execution_of_a_name_is_not_started(started_by_port: Started) -> None:
    for execution_input in (NAMED, NAMED, FULL):
        started_by_port.executions.start("recheck-1", execution_input)
    started_by_port.executions.start("recheck-2", FULL)

    assert started_by_port.started() == {"recheck-1": NAMED, "recheck-2": FULL}


def test_a_missing_state_machine_is_an_error_so_that_sqs_delivers_the_messages_again(
    machine: str,
) -> None:
    with pytest.raises(ClientError, match="StateMachineDoesNotExist"):
        StateMachine(f"{machine}-gone").start("recheck-1", NAMED)
