"""Events of RDS and CloudTrail that the deployed stack turns into runs of named databases."""

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import batched, cycle, islice
from typing import Any

import pytest

from demo.databases import CLEAN, DEMO_DATABASES, PLAINTEXT
from tests.e2e.conftest import EXECUTION_TIMEOUT_SECONDS, WINDOW_SECONDS, Deployment
from tests.e2e.run_queries import allowed_actions, read_statuses, run_id
from tests.support.repository import ROOT
from tests.support.waiting import wait_until

EVENTS = ROOT / "events"
BURST = 1_000
MAX_ENTRIES = 10
"""The largest number of events that PutEvents accepts."""


class NewExecutions:
    """The executions that have been started since this object was created."""

    def __init__(self, deployment: Deployment) -> None:
        self._deployment = deployment
        self._step_functions = deployment.emulator.client("stepfunctions")
        self._before = set(deployment.stack.executions())

    def arns(self) -> list[str]:
        """Return the ARN of each execution, the newest first."""
        return [arn for arn in self._deployment.stack.executions() if arn not in self._before]

    def inputs(self) -> list[dict[str, Any]]:
        """Return the input of each execution."""
        described = (
            self._step_functions.describe_execution(executionArn=arn) for arn in self.arns()
        )
        return [json.loads(execution["input"]) for execution in described]

    def statuses(self) -> set[str]:
        """Wait until each execution has ended, and return their statuses."""
        stack = self._deployment.stack
        return {stack.wait(arn, EXECUTION_TIMEOUT_SECONDS).status for arn in self.arns()}


@pytest.fixture(scope="module", autouse=True)
def last_full_run(deployment: Deployment) -> None:
    """Start a full run, whose manifest shows which databases a parameter group affects."""
    assert deployment.run({"kind": "full"}).status == "SUCCEEDED"


@pytest.fixture
def new_executions(deployment: Deployment) -> Iterator[NewExecutions]:
    findings = deployment.findings()
    yield NewExecutions(deployment)
    assert count_messages(deployment, "RecheckQueue") == 0
    assert count_messages(deployment, "RecheckDeadLetters") == 0
    assert deployment.findings() == findings


def sample_event(name: str) -> dict[str, Any]:
    """Return the RDS or CloudTrail event that a sample event of the function contains."""
    (record,) = json.loads((EVENTS / f"{name}.json").read_text())["Records"]
    event: dict[str, Any] = json.loads(record["body"])
    return event


def with_replacement(event: Mapping[str, Any], old: str, new: str) -> dict[str, Any]:
    """Return a copy of an event with a string replaced, such as the name of the resource."""
    changed: dict[str, Any] = json.loads(json.dumps(event).replace(old, new))
    return changed


def put_events(deployment: Deployment, events: Sequence[Mapping[str, Any]]) -> None:
    """Send events to EventBridge."""
    bus = deployment.emulator.client("events")
    for batch in batched(events, MAX_ENTRIES, strict=False):
        entries = [
            {
                "Source": event["source"],
                "DetailType": event["detail-type"],
                "Resources": event["resources"],
                "Detail": json.dumps(event["detail"]),
            }
            for event in batch
        ]
        assert bus.put_events(Entries=entries)["FailedEntryCount"] == 0


def count_messages(deployment: Deployment, queue: str) -> int:
    """Count the messages of a queue in any state."""
    counts = deployment.emulator.client("sqs").get_queue_attributes(
        QueueUrl=deployment.stack.outputs[queue],
        AttributeNames=[
            "ApproximateNumberOfMessages",
            "ApproximateNumberOfMessagesDelayed",
            "ApproximateNumberOfMessagesNotVisible",
        ],
    )["Attributes"]
    return sum(map(int, counts.values()))


def wait_until_empty(deployment: Deployment) -> None:
    wait_until(lambda: not count_messages(deployment, "RecheckQueue"), "the queue is empty")


@contextmanager
def queue_with_short_visibility_timeout(deployment: Deployment) -> Iterator[None]:
    """Set the visibility timeout of the recheck queue to one second."""
    sqs = deployment.emulator.client("sqs")
    queue = {"QueueUrl": deployment.stack.outputs["RecheckQueue"]}
    name = "VisibilityTimeout"
    before = sqs.get_queue_attributes(**queue, AttributeNames=[name])["Attributes"]
    sqs.set_queue_attributes(**queue, Attributes={name: "1"})
    try:
        yield
    finally:
        sqs.set_queue_attributes(**queue, Attributes=before)


def test_a_burst_of_a_thousand_events_starts_few_named_runs(
    deployment: Deployment,
    new_executions: NewExecutions,
    record_property: Callable[[str, object], None],
) -> None:
    event = sample_event("recheck-instance")
    names = [database.id for database in DEMO_DATABASES]
    events = [with_replacement(event, CLEAN.id, name) for name in islice(cycle(names), BURST)]
    begin = time.monotonic()

    put_events(deployment, events)
    sending = time.monotonic() - begin
    wait_until_empty(deployment)

    assert new_executions.statuses() == {"SUCCEEDED"}
    inputs = new_executions.inputs()
    # One run for each window during the burst, and one more at each end.
    assert 1 <= len(inputs) <= 2 + sending / WINDOW_SECONDS
    assert all(run_input["ignore_missing"] for run_input in inputs)
    assert {name for run_input in inputs for name in run_input["databases"]} == set(names)
    record_property("executions", len(inputs))
    record_property("seconds", round(time.monotonic() - begin, 1))


@pytest.mark.parametrize(
    ("name", "named", "audited"),
    [
        ("recheck-instance", ["orders-prod"], {"orders-prod"}),
        ("recheck-cluster", ["ledger"], {"ledger-1", "ledger-2"}),
        ("recheck-parameter-group", ["billing-prod"], {"billing-prod"}),
        ("recheck-cluster-parameter-group", ["ledger"], {"ledger-1", "ledger-2"}),
    ],
)
def test_a_change_is_followed_by_an_audit_of_the_databases_that_it_affects(
    deployment: Deployment,
    new_executions: NewExecutions,
    name: str,
    named: list[str],
    audited: set[str],
) -> None:
    put_events(deployment, [sample_event(name)])
    wait_until_empty(deployment)

    assert new_executions.statuses() == {"SUCCEEDED"}
    assert new_executions.inputs() == [{"databases": named, "ignore_missing": True}]
    (arn,) = new_executions.arns()
    assert read_statuses(deployment, run_id(arn)).keys() == audited


def test_events_without_effect_on_the_audit_do_not_reach_the_queue(
    deployment: Deployment, new_executions: NewExecutions
) -> None:
    backup = with_replacement(sample_event("recheck-instance"), "RDS-EVENT-0006", "RDS-EVENT-0002")
    deletion = with_replacement(
        sample_event("recheck-instance"), "RDS-EVENT-0006", "RDS-EVENT-0003"
    )
    denied = sample_event("recheck-cluster-parameter-group")
    denied["detail"]["errorCode"] = "AccessDenied"
    creation = with_replacement(
        sample_event("recheck-cluster-parameter-group"), "ModifyDBCluster", "CreateDBCluster"
    )

    put_events(deployment, [backup, deletion, denied, creation])

    assert count_messages(deployment, "RecheckQueue") == 0
    assert new_executions.arns() == []


def test_the_run_for_a_deleted_database_succeeds_without_databases(
    deployment: Deployment, new_executions: NewExecutions
) -> None:
    put_events(
        deployment, [with_replacement(sample_event("recheck-instance"), CLEAN.id, "deleted-prod")]
    )
    wait_until_empty(deployment)

    assert new_executions.statuses() == {"SUCCEEDED"}
    assert [run_input["databases"] for run_input in new_executions.inputs()] == [["deleted-prod"]]


def test_a_malformed_message_reaches_the_dead_letter_queue_and_delays_no_other(
    deployment: Deployment, new_executions: NewExecutions
) -> None:
    sqs = deployment.emulator.client("sqs")
    dead_letters = deployment.stack.outputs["RecheckDeadLetters"]
    with queue_with_short_visibility_timeout(deployment):
        sqs.send_message(QueueUrl=deployment.stack.outputs["RecheckQueue"], MessageBody="{")
        put_events(deployment, [sample_event("recheck-parameter-group")])
        wait_until(
            lambda: count_messages(deployment, "RecheckDeadLetters") == 1,
            "the message reaches the dead-letter queue",
        )
        wait_until_empty(deployment)
    (message,) = sqs.receive_message(QueueUrl=dead_letters)["Messages"]
    sqs.delete_message(QueueUrl=dead_letters, ReceiptHandle=message["ReceiptHandle"])

    assert message["Body"] == "{"
    assert new_executions.statuses() == {"SUCCEEDED"}
    assert [run_input["databases"] for run_input in new_executions.inputs()] == [[PLAINTEXT.id]]


def test_recheck_called_no_action_that_its_policies_do_not_allow(deployment: Deployment) -> None:
    calls = deployment.emulator.recorder.calls()
    role = deployment.stack.resources["RecheckRole"]

    assert [call for call in calls if not call.allowed] == []
    called = {call.action for call in calls if call.role == role}
    assert called <= allowed_actions(deployment, role)
    assert {"sqs:ReceiveMessage", "states:StartExecution", "s3:GetObject"} <= called
