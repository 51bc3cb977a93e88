"""Changes as RDS and CloudTrail tell of them, through the deployed chain, to runs by name."""

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import batched
from typing import Any

import pytest

from demo.states import CLEAN, PLAINTEXT, STATES
from tests.e2e.conftest import PATIENCE_SECONDS, WINDOW_SECONDS, Deployment
from tests.e2e.run_queries import granted, results, run_id
from tests.support.repository import ROOT
from tests.support.waiting import wait_until

EVENTS = ROOT / "events"
BURST = 1_000
PUT_AT_ONCE = 10
"""What PutEvents takes."""


class Watch:
    """What has been started since."""

    def __init__(self, deployment: Deployment) -> None:
        self._deployment = deployment
        self._states = deployment.emulator.client("stepfunctions")
        self._before = set(deployment.stack.executions())

    def arns(self) -> list[str]:
        return [arn for arn in self._deployment.stack.executions() if arn not in self._before]

    def asked(self) -> list[dict[str, Any]]:
        """Give the input of each execution."""
        described = (self._states.describe_execution(executionArn=arn) for arn in self.arns())
        return [json.loads(it["input"]) for it in described]

    def statuses(self) -> set[str]:
        """Give how they ended; each is waited for."""
        stack = self._deployment.stack
        return {stack.wait(arn, PATIENCE_SECONDS).status for arn in self.arns()}


@pytest.fixture(scope="module", autouse=True)
def last_full_run(deployment: Deployment) -> None:
    """By its manifest a group is known by those it decides for."""
    assert deployment.run({"kind": "full"}).status == "SUCCEEDED"


@pytest.fixture
def watch(deployment: Deployment) -> Iterator[Watch]:
    findings = deployment.findings()
    yield Watch(deployment)
    assert waiting(deployment, "RecheckQueue") == 0
    assert waiting(deployment, "RecheckDeadLetters") == 0
    assert deployment.findings() == findings


def sample(name: str) -> dict[str, Any]:
    """Give the event in a sample of what the function gets."""
    (record,) = json.loads((EVENTS / f"{name}.json").read_text())["Records"]
    event: dict[str, Any] = json.loads(record["body"])
    return event


def about(event: Mapping[str, Any], old: str, new: str) -> dict[str, Any]:
    """Give the same event of another resource."""
    changed: dict[str, Any] = json.loads(json.dumps(event).replace(old, new))
    return changed


def put(deployment: Deployment, events: Sequence[Mapping[str, Any]]) -> None:
    """Let them happen."""
    bus = deployment.emulator.client("events")
    for some in batched(events, PUT_AT_ONCE, strict=False):
        entries = [
            {
                "Source": it["source"],
                "DetailType": it["detail-type"],
                "Resources": it["resources"],
                "Detail": json.dumps(it["detail"]),
            }
            for it in some
        ]
        assert bus.put_events(Entries=entries)["FailedEntryCount"] == 0


def waiting(deployment: Deployment, queue: str) -> int:
    """Count the messages of a queue, in whatever state."""
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
    wait_until(lambda: not waiting(deployment, "RecheckQueue"), "the queue is empty")


@contextmanager
def hasty_queue(deployment: Deployment) -> Iterator[None]:
    """Let a message come again after a second."""
    sqs = deployment.emulator.client("sqs")
    queue = {"QueueUrl": deployment.stack.outputs["RecheckQueue"]}
    name = "VisibilityTimeout"
    before = sqs.get_queue_attributes(**queue, AttributeNames=[name])["Attributes"]
    sqs.set_queue_attributes(**queue, Attributes={name: "1"})
    try:
        yield
    finally:
        sqs.set_queue_attributes(**queue, Attributes=before)


def test_a_burst_of_a_thousand_events_gives_a_handful_of_named_runs(
    deployment: Deployment, watch: Watch, record_property: Callable[[str, object], None]
) -> None:
    event = sample("recheck-instance")
    events = [about(event, CLEAN.id, STATES[number % len(STATES)].id) for number in range(BURST)]
    begun = time.monotonic()

    put(deployment, events)
    putting = time.monotonic() - begun
    wait_until_empty(deployment)

    assert watch.statuses() == {"SUCCEEDED"}
    asked = watch.asked()
    # One for each window that the burst lasted, and one at either end.
    assert 1 <= len(asked) <= 2 + putting / WINDOW_SECONDS
    assert all(it["ignore_missing"] for it in asked)
    assert {name for it in asked for name in it["databases"]} == {state.id for state in STATES}
    record_property("executions", len(asked))
    record_property("seconds", round(time.monotonic() - begun, 1))


@pytest.mark.parametrize(
    ("name", "named", "looked_at"),
    [
        ("recheck-instance", ["orders-prod"], {"orders-prod"}),
        ("recheck-cluster", ["ledger"], {"ledger-1", "ledger-2"}),
        ("recheck-parameter-group", ["billing-prod"], {"billing-prod"}),
        ("recheck-cluster-parameter-group", ["ledger"], {"ledger-1", "ledger-2"}),
    ],
)
def test_a_change_reaches_the_databases_that_it_concerns(
    deployment: Deployment, watch: Watch, name: str, named: list[str], looked_at: set[str]
) -> None:
    put(deployment, [sample(name)])
    wait_until_empty(deployment)

    assert watch.statuses() == {"SUCCEEDED"}
    assert watch.asked() == [{"databases": named, "ignore_missing": True}]
    (arn,) = watch.arns()
    assert results(deployment, run_id(arn)).keys() == looked_at


def test_what_changes_nothing_that_is_audited_does_not_even_reach_the_queue(
    deployment: Deployment, watch: Watch
) -> None:
    backup = about(sample("recheck-instance"), "RDS-EVENT-0006", "RDS-EVENT-0002")
    deletion = about(sample("recheck-instance"), "RDS-EVENT-0006", "RDS-EVENT-0003")
    refused = sample("recheck-cluster-parameter-group")
    refused["detail"]["errorCode"] = "AccessDenied"
    made = about(sample("recheck-cluster-parameter-group"), "ModifyDBCluster", "CreateDBCluster")

    put(deployment, [backup, deletion, refused, made])

    assert waiting(deployment, "RecheckQueue") == 0
    assert watch.arns() == []


def test_a_database_that_is_gone_costs_a_run_that_finds_nothing(
    deployment: Deployment, watch: Watch
) -> None:
    put(deployment, [about(sample("recheck-instance"), CLEAN.id, "gone-prod")])
    wait_until_empty(deployment)

    assert watch.statuses() == {"SUCCEEDED"}
    assert [it["databases"] for it in watch.asked()] == [["gone-prod"]]


def test_a_malformed_message_is_put_aside_and_hinders_nobody(
    deployment: Deployment, watch: Watch
) -> None:
    sqs = deployment.emulator.client("sqs")
    dead = deployment.stack.outputs["RecheckDeadLetters"]
    with hasty_queue(deployment):
        sqs.send_message(QueueUrl=deployment.stack.outputs["RecheckQueue"], MessageBody="{")
        put(deployment, [sample("recheck-parameter-group")])
        wait_until(lambda: waiting(deployment, "RecheckDeadLetters") == 1, "it is put aside")
        wait_until_empty(deployment)
    (message,) = sqs.receive_message(QueueUrl=dead)["Messages"]
    sqs.delete_message(QueueUrl=dead, ReceiptHandle=message["ReceiptHandle"])

    assert message["Body"] == "{"
    assert watch.statuses() == {"SUCCEEDED"}
    assert [it["databases"] for it in watch.asked()] == [[PLAINTEXT.id]]


def test_recheck_called_nothing_that_is_not_granted(deployment: Deployment) -> None:
    calls = deployment.emulator.recorder.calls()
    role = deployment.stack.resources["RecheckRole"]

    assert [call for call in calls if not call.allowed] == []
    called = {call.action for call in calls if call.role == role}
    assert called <= granted(deployment, role)
    assert {"sqs:ReceiveMessage", "states:StartExecution", "s3:GetObject"} <= called
