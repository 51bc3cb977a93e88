"""The emulator is as strict as AWS where the stack relies on it, and leaves nothing behind."""

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

from emulation.account import EmulatedAccount
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
        raise RunInProgressError("another run is in progress, which takes\\na minute")
    return event
"""
FUNCTION_ARN = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:echo"
NO_ACCOUNT = EmulatedAccount()  # not started, because no test here uses its services
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


def make_role(emulator: Emulator, service: str, *allowed: str) -> None:
    iam = emulator.client("iam")
    trust = {
        "Effect": "Allow",
        "Principal": {"Service": f"{service}.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    iam.create_role(RoleName=service, AssumeRolePolicyDocument=policy(trust))
    if allowed:
        action, resource = allowed
        statement = {"Effect": "Allow", "Action": action, "Resource": resource}
        iam.put_role_policy(
            RoleName=service, PolicyName="allowed", PolicyDocument=policy(statement)
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
    """Run a state machine of one state and the state `Caught`; return the ended execution."""
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
    execution: dict[str, Any] = states.describe_execution(executionArn=arn)
    return execution


@pytest.mark.parametrize(
    "path",
    [
        pytest.param("$.not_there", id="missing field"),
        pytest.param("$.list[1]", id="missing item"),
        pytest.param("$.text.field", id="field of a string"),
        pytest.param("$$.Map.Item.Value", id="map item outside a map"),
    ],
)
def test_a_path_that_does_not_exist_fails_the_execution(emulator: Emulator, path: str) -> None:
    execution = run(emulator, {**END, "Parameters": {"value.$": path}}, {"list": [0], "text": "t"})
    assert (execution["status"], execution["error"]) == ("FAILED", "States.Runtime")


def test_a_path_to_null_does_not_fail_the_execution(emulator: Emulator) -> None:
    execution = run(emulator, {**END, "Parameters": {"value.$": "$.empty"}}, {"empty": None})
    assert json.loads(execution["output"]) == {"value": None}


@pytest.mark.parametrize(("event", "caught"), [({"x": None}, True), ({}, False)])
def test_a_choice_regards_a_null_value_as_present(
    emulator: Emulator, event: dict[str, object], *, caught: bool
) -> None:
    present = {"Variable": "$.x", "IsPresent": True, "Next": "Caught"}
    execution = run(emulator, {"Type": "Choice", "Choices": [present]}, event)
    assert execution["status"] == ("SUCCEEDED" if caught else "FAILED")


def test_an_exception_is_caught_by_the_name_of_its_class(emulator: Emulator) -> None:
    execution = run(emulator, task() | caught_by("RunInProgressError"), {"raises": True})
    caught = json.loads(execution["output"])["caught"]
    assert caught["Error"] == "RunInProgressError"
    assert json.loads(caught["Cause"])["errorMessage"].endswith("a minute")


def test_the_death_of_a_function_process_is_an_exit_error(emulator: Emulator) -> None:
    execution = run(emulator, task() | caught_by("States.ALL"), {"dies": True})
    assert json.loads(execution["output"])["caught"]["Error"] == "Runtime.ExitError"


def test_state_data_is_limited_to_256_kib(emulator: Emulator) -> None:
    overhead = len('{"text":""}')
    fits = {"text": "x" * (256 * 1024 - overhead)}
    assert run(emulator, dict(END), fits)["status"] == "SUCCEEDED"
    execution = run(emulator, task() | caught_by("States.ALL"), {"text": fits["text"] + "x"})
    assert execution["error"] == "States.DataLimitExceeded"


def test_no_wildcard_catches_a_runtime_error(emulator: Emulator) -> None:
    inner = {"StartAt": "In", "States": {"In": END | {"Parameters": {"value.$": "$.not_there"}}}}
    each = END | {"Type": "Map", "ItemsPath": "$", "ItemProcessor": inner}
    execution = run(emulator, each | caught_by("States.ALL"), [{}])
    assert execution["error"] == "States.Runtime"


def test_a_state_machine_invokes_only_the_functions_that_its_role_allows(
    emulator: Emulator,
) -> None:
    emulator.client("lambda").create_function(
        FunctionName="other",
        Runtime="python3.13",
        Handler="app.handler",
        Role=f"arn:aws:iam::{ACCOUNT}:role/lambda",
        Code={"ZipFile": zipped(FUNCTION)},
    )
    other = FUNCTION_ARN.replace(":echo", ":other")
    execution = run(emulator, task(other), {})
    assert execution["error"] == "Lambda.AWSLambdaException"
    denied = [
        (call.role, call.action)
        for call in emulator.recorder.calls()
        if call.resource == other and not call.allowed
    ]
    assert denied == [("states", "lambda:InvokeFunction")]


def was_denied(emulator: Emulator, resource: str) -> bool:
    calls = emulator.recorder.calls()
    return any(call.resource == resource and not call.allowed for call in calls)


def last_result(functions: Any, mapping: str) -> str:  # noqa: ANN401 - a boto3 client
    return str(functions.get_event_source_mapping(UUID=mapping)["LastProcessingResult"])


def test_a_function_receives_all_messages_in_one_batch_if_its_role_allows_it(
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
        wait_until(lambda: was_denied(emulator, queue), "a receive attempt was denied")
        counts = ["ApproximateNumberOfMessages"]
        remaining = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=counts)["Attributes"]
        assert remaining == {"ApproximateNumberOfMessages": "25"}
        statement = {"Effect": "Allow", "Action": "sqs:*", "Resource": queue}
        iam.put_role_policy(RoleName="lambda", PolicyName="queue", PolicyDocument=policy(statement))
        wait_until(
            lambda: last_result(functions, mapping).startswith("OK"), "the messages are processed"
        )
        assert last_result(functions, mapping) == "OK - 25 records"
    finally:
        functions.delete_event_source_mapping(UUID=mapping)


def test_an_execution_is_held_at_a_state_until_the_test_releases_it(emulator: Emulator) -> None:
    with ThreadPoolExecutor() as pool:
        with emulator.holding("First"):
            running = pool.submit(run, emulator, dict(END), {})
            emulator.wait_until_held("First")
            assert not running.done()
        assert running.result()["status"] == "SUCCEEDED"


def test_a_stopped_emulator_leaves_no_files_and_no_processes() -> None:
    with Emulator(NO_ACCOUNT) as emulator:
        port = int(emulator.url.rpartition(":")[2])
        roots = Path(emulator.environment()["AWS_CA_BUNDLE"])
        assert processes_below(roots.parent)
    assert not roots.parent.exists()
    wait_until(
        lambda: not processes_below(roots.parent), "the processes of the emulator have ended"
    )
    with socket.socket() as attempt:
        assert attempt.connect_ex(("127.0.0.1", port))


def processes_below(directory: Path) -> list[str]:
    """Return the ids of the processes whose working directory is below this one."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (process / "cwd").readlink().is_relative_to(directory):
                found.append(process.name)
        except OSError:  # the process has ended or belongs to another user
            continue
    return found
