"""Hands a function as many messages of its queue at once as its mapping asks for.

ministack takes ten at most and waits for no window; nor does it ask the function's role.
https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
"""

import time
from importlib import import_module
from typing import Any

from emulation.ministack_patches.decisions import Decisions
from emulation.ministack_patches.machine_rights import check_rights

# What Lambda does with a queue on behalf of the function.
_ACTIONS = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")


def apply(decisions: Decisions) -> None:
    """Do so from now on, and write the decisions down."""
    functions: Any = import_module("ministack.services.lambda_svc")
    queues: Any = import_module("ministack.services.sqs")

    def receive(url: str, most: int) -> list[dict[str, Any]]:
        with queues._queues_lock:  # noqa: SLF001
            queue = queues._get_q(url)  # noqa: SLF001
            queues._expire_retained(queue)  # noqa: SLF001
            queues._dlq_sweep(queue)  # noqa: SLF001
            attributes = queue["attributes"]
            mapping = _mapping(functions, attributes["QueueArn"])
            if not _is_due(queue["messages"], most, mapping["MaximumBatchingWindowInSeconds"]):
                return []
            if not _may_receive(functions, decisions, mapping):
                return []
            hidden_for = int(attributes.get("VisibilityTimeout", "30"))
            batch: list[dict[str, Any]] = queues._collect_msgs(queue, most, hidden_for)  # noqa: SLF001
            return batch

    queues._receive_messages_for_esm = receive  # noqa: SLF001


def _mapping(functions: Any, queue_arn: str) -> dict[str, Any]:  # noqa: ANN401 - ministack's module
    mappings = (it for _, _, it in functions._iter_all_esms())  # noqa: SLF001
    return next(it for it in mappings if it["EventSourceArn"] == queue_arn)


def _is_due(messages: list[dict[str, Any]], most: int, window: float) -> bool:
    """Say whether a batch is full, or its first message has waited for the window to end."""
    now = time.time()
    since = [message["visible_at"] for message in messages if message["visible_at"] <= now]
    return bool(since) and (len(since) >= most or min(since) + window <= now)


def _may_receive(functions: Any, decisions: Decisions, mapping: dict[str, Any]) -> bool:  # noqa: ANN401 - ministack's module
    _, config = functions._get_func_record_for_qualifier(mapping["FunctionName"], None)  # noqa: SLF001
    queue = mapping["EventSourceArn"]
    answers = [(action, *check_rights(config["Role"], action, queue)) for action in _ACTIONS]
    for action, principal, allowed in answers:
        decisions.write(principal, action, queue, allowed=allowed)
    return all(allowed for _, _, allowed in answers)
