"""Starting a run by name, once; the fake is held to the same."""

import json
from collections.abc import Callable, Mapping
from itertools import count
from typing import NamedTuple

import pytest
from botocore.exceptions import ClientError

from emulation.account import LocalAccount
from emulation.rds_resources import ACCOUNT
from rds_tls_audit.adapters.state_machine import StateMachine
from rds_tls_audit.ports.executions import Executions
from tests.support import in_memory_stores

ASKED = {"databases": ["orders-prod"], "ignore_missing": True}
FULL = {"kind": "full"}
DEFINITION = {"StartAt": "End", "States": {"End": {"Type": "Succeed"}}}
NUMBERS = count()


class Watched(NamedTuple):
    """Where to start, and what was started by name."""

    executions: Executions
    started: Callable[[], Mapping[str, object]]


@pytest.fixture
def machine(account: LocalAccount) -> str:
    """Make a state machine of the test's own."""
    made = account.client("stepfunctions").create_state_machine(
        name=f"machine-{next(NUMBERS)}",
        definition=json.dumps(DEFINITION),
        roleArn=f"arn:aws:iam::{ACCOUNT}:role/states",
    )
    return str(made["stateMachineArn"])


@pytest.fixture(params=["real", "fake"])
def watched(account: LocalAccount, request: pytest.FixtureRequest) -> Watched:
    if request.param == "fake":
        fake = in_memory_stores.Executions()
        return Watched(fake, lambda: fake.started)
    states, arn = account.client("stepfunctions"), request.getfixturevalue("machine")

    def started() -> dict[str, object]:
        listed = states.list_executions(stateMachineArn=arn)["executions"]
        described = [states.describe_execution(executionArn=it["executionArn"]) for it in listed]
        return {it["name"]: json.loads(it["input"]) for it in described}

    return Watched(StateMachine(arn), started)


def test_the_second_of_a_name_is_none(watched: Watched) -> None:
    for asked in (ASKED, ASKED, FULL):
        watched.executions.start("recheck-1", asked)
    watched.executions.start("recheck-2", FULL)

    assert watched.started() == {"recheck-1": ASKED, "recheck-2": FULL}


def test_a_machine_that_is_not_there_is_an_error_so_that_the_messages_come_again(
    machine: str,
) -> None:
    with pytest.raises(ClientError, match="StateMachineDoesNotExist"):
        StateMachine(f"{machine}-gone").start("recheck-1", ASKED)
