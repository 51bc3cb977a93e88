"""The emulator is as strict as AWS where the chain relies on it, and leaves nothing behind."""

import io
import json
import socket
import time
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from emulation.account import LocalAccount
from emulation.emulator import Emulator
from emulation.rds_resources import ACCOUNT, REGION
from tests.support.waiting import wait_until

FUNCTION = """
import os
class RunInProgressError(Exception):
    pass
def handler(event, context):
    if event.get("dies"):
        os._exit(1)
    if event.get("raises"):
        raise RunInProgressError("wait for its end: it takes\\na minute")
    return event
"""
FUNCTION_ARN = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:echo"
NO_ACCOUNT = LocalAccount()  # not started: nothing here asks for what it has
END: dict[str, object] = {"Type": "Pass", "End": True}


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with Emulator(NO_ACCOUNT, wait_scale=0) as running:
        make_role(running, "lambda")
        make_role(running, "states", "lambda:InvokeFunction", FUNCTION_ARN)
        running.client("lambda").create_function(
            FunctionName="echo",
            Runtime="python3.13",
            Handler="app.handler",
            Role=f"arn:aws:iam::{ACCOUNT}:role/lambda",
            Code={"ZipFile": zipped(FUNCTION)},
        )
        yield running


def make_role(emulator: Emulator, service: str, *granted: str) -> None:
    iam = emulator.client("iam")
    trust = {
        "Effect": "Allow",
        "Principal": {"Service": f"{service}.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    iam.create_role(RoleName=service, AssumeRolePolicyDocument=policy(trust))
    if granted:
        action, resource = granted
        statement = {"Effect": "Allow", "Action": action, "Resource": resource}
        iam.put_role_policy(
            RoleName=service, PolicyName="granted", PolicyDocument=policy(statement)
        )


def policy(statement: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def zipped(code: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("app.py", code)
    return content.getvalue()


def task(function: str = FUNCTION_ARN) -> dict[str, object]:
    parameters = {"FunctionName": function, "Payload.$": "$"}
    resource = "arn:aws:states:::lambda:invoke"
    return {**END, "Type": "Task", "Resource": resource, "Parameters": parameters}


def caught_by(*errors: str) -> dict[str, object]:
    return {"Catch": [{"ErrorEquals": list(errors), "ResultPath": "$.caught", "Next": "Caught"}]}


def run(emulator: Emulator, first: dict[str, object], event: object) -> dict[str, Any]:
    """Run a machine of one state, and `Caught` behind it; give how the execution ended."""
    states = emulator.client("stepfunctions")
    machine = states.create_state_machine(
        name=f"machine{time.monotonic_ns()}",
        definition=json.dumps({"StartAt": "First", "States": {"First": first, "Caught": END}}),
        roleArn=f"arn:aws:iam::{ACCOUNT}:role/states",
    )["stateMachineArn"]
    arn = states.start_execution(stateMachineArn=machine, input=json.dumps(event))["executionArn"]
    wait_until(
        lambda: states.describe_execution(executionArn=arn)["status"] != "RUNNING",
        f"{first} has ended",
    )
    ended: dict[str, Any] = states.describe_execution(executionArn=arn)
    return ended


@pytest.mark.parametrize(
    "path",
    [
        pytest.param("$.not_there", id="no such field"),
        pytest.param("$.list[1]", id="no such item"),
        pytest.param("$.text.field", id="a field of a text"),
        pytest.param("$$.Map.Item.Value", id="the item of a map outside of one"),
    ],
)
def test_a_path_that_leads_nowhere_fails_the_execution(emulator: Emulator, path: str) -> None:
    ended = run(emulator, {**END, "Parameters": {"it.$": path}}, {"list": [0], "text": "t"})
    assert (ended["status"], ended["error"]) == ("FAILED", "States.Runtime")


def test_a_path_to_null_does_not_fail_it(emulator: Emulator) -> None:
    ended = run(emulator, {**END, "Parameters": {"it.$": "$.empty"}}, {"empty": None})
    assert json.loads(ended["output"]) == {"it": None}


@pytest.mark.parametrize(("event", "caught"), [({"x": None}, True), ({}, False)])
def test_null_is_present_for_a_choice(
    emulator: Emulator, event: dict[str, object], *, caught: bool
) -> None:
    present = {"Variable": "$.x", "IsPresent": True, "Next": "Caught"}
    ended = run(emulator, {"Type": "Choice", "Choices": [present]}, event)
    assert ended["status"] == ("SUCCEEDED" if caught else "FAILED")


def test_an_exception_is_caught_by_the_name_of_its_class(emulator: Emulator) -> None:
    ended = run(emulator, task() | caught_by("RunInProgressError"), {"raises": True})
    caught = json.loads(ended["output"])["caught"]
    assert caught["Error"] == "RunInProgressError"
    assert json.loads(caught["Cause"])["errorMessage"].endswith("a minute")


def test_a_function_that_dies_is_an_exit_error(emulator: Emulator) -> None:
    ended = run(emulator, task() | caught_by("States.ALL"), {"dies": True})
    assert json.loads(ended["output"])["caught"]["Error"] == "Runtime.ExitError"


def test_a_state_takes_256_kib_and_no_more(emulator: Emulator) -> None:
    around = len('{"text":""}')
    fits = {"text": "x" * (256 * 1024 - around)}
    assert run(emulator, dict(END), fits)["status"] == "SUCCEEDED"
    ended = run(emulator, task() | caught_by("States.ALL"), {"text": fits["text"] + "x"})
    assert ended["error"] == "States.DataLimitExceeded"


def test_no_wildcard_catches_a_runtime_error(emulator: Emulator) -> None:
    inner = {"StartAt": "In", "States": {"In": END | {"Parameters": {"it.$": "$.not_there"}}}}
    each = END | {"Type": "Map", "ItemsPath": "$", "ItemProcessor": inner}
    ended = run(emulator, each | caught_by("States.ALL"), [{}])
    assert ended["error"] == "States.Runtime"


def test_a_machine_invokes_only_what_its_role_may(emulator: Emulator) -> None:
    emulator.client("lambda").create_function(
        FunctionName="other",
        Runtime="python3.13",
        Handler="app.handler",
        Role=f"arn:aws:iam::{ACCOUNT}:role/lambda",
        Code={"ZipFile": zipped(FUNCTION)},
    )
    other = FUNCTION_ARN.replace(":echo", ":other")
    ended = run(emulator, task(other), {})
    assert ended["error"] == "Lambda.AWSLambdaException"
    refused = [
        (call.role, call.action)
        for call in emulator.recorder.calls()
        if call.resource == other and not call.allowed
    ]
    assert refused == [("states", "lambda:InvokeFunction")]


def was_refused(emulator: Emulator, resource: str) -> bool:
    calls = emulator.recorder.calls()
    return any(call.resource == resource and not call.allowed for call in calls)


def last_result(functions: Any, mapping: str) -> str:  # noqa: ANN401 - a client of boto3
    return str(functions.get_event_source_mapping(UUID=mapping)["LastProcessingResult"])


def test_a_function_gets_all_its_messages_at_once_if_its_role_may_receive_them(
    emulator: Emulator,
) -> None:
    sqs, functions, iam = (emulator.client(name) for name in ("sqs", "lambda", "iam"))
    url = sqs.create_queue(QueueName="many")["QueueUrl"]
    queue = f"arn:aws:sqs:{REGION}:{ACCOUNT}:many"
    mapping = functions.create_event_source_mapping(
        FunctionName="echo",
        EventSourceArn=queue,
        BatchSize=1000,
        MaximumBatchingWindowInSeconds=1,
    )["UUID"]
    try:
        for number in range(25):
            sqs.send_message(QueueUrl=url, MessageBody=str(number))
        wait_until(lambda: was_refused(emulator, queue), "it has tried to receive them")
        counts = ["ApproximateNumberOfMessages"]
        left = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=counts)["Attributes"]
        assert left == {"ApproximateNumberOfMessages": "25"}
        statement = {"Effect": "Allow", "Action": "sqs:*", "Resource": queue}
        iam.put_role_policy(RoleName="lambda", PolicyName="queue", PolicyDocument=policy(statement))
        wait_until(lambda: last_result(functions, mapping).startswith("OK"), "they are processed")
        assert last_result(functions, mapping) == "OK - 25 records"
    finally:
        functions.delete_event_source_mapping(UUID=mapping)


def test_an_execution_is_held_at_a_state_until_it_is_let_go(emulator: Emulator) -> None:
    with ThreadPoolExecutor() as pool:
        with emulator.holding("First"):
            running = pool.submit(run, emulator, dict(END), {})
            emulator.wait_until_held("First")
            assert not running.done()
        assert running.result()["status"] == "SUCCEEDED"


def test_nothing_is_left_behind() -> None:
    with Emulator(NO_ACCOUNT) as emulator:
        port = int(emulator.url.rpartition(":")[2])
        roots = Path(emulator.environment()["AWS_CA_BUNDLE"])
        before = processes_below(roots.parent)
        assert before
    assert not roots.parent.exists()
    wait_until(lambda: not processes_below(roots.parent), "its processes have ended")
    with socket.socket() as attempt:
        assert attempt.connect_ex(("127.0.0.1", port))


def processes_below(directory: Path) -> list[str]:
    """Give the processes that work in this directory."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (process / "cwd").readlink().is_relative_to(directory):
                found.append(process.name)
        except OSError:  # it has ended, or is another user's
            continue
    return found
