"""Invokes a function with as many messages of a queue as its event source mapping allows.

ministack receives at most ten messages, ignores the batching window, and does not check the
permissions of the function's role. The patch does all three as Lambda does.
https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
"""

import time
from importlib import import_module
from typing import Any

from emulation.ministack_patches.iam_decisions import DecisionLog
from emulation.ministack_patches.state_machine_permissions import evaluate_permission

# The actions that Lambda performs on a queue with the function's role.
_ACTIONS = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")


def apply(decisions: DecisionLog) -> None:
    """Apply the patch, which writes its decisions to this log."""
    functions: Any = import_module("ministack.services.lambda_svc")
    queues: Any = import_module("ministack.services.sqs")

    def receive(url: str, max_messages: int) -> list[dict[str, Any]]:
        with queues._queues_lock:  # noqa: SLF001
            queue = queues._get_q(url)  # noqa: SLF001
            queues._expire_retained(queue)  # noqa: SLF001
            queues._dlq_sweep(queue)  # noqa: SLF001
            attributes = queue["attributes"]
            mapping = _event_source_mapping(functions, attributes["QueueArn"])
            window = mapping["MaximumBatchingWindowInSeconds"]
            if not _is_due(queue["messages"], max_messages, window):
                return []
            if not _may_receive(functions, decisions, mapping):
                return []
            visibility_timeout = int(attributes.get("VisibilityTimeout", "30"))
            collect = queues._collect_msgs  # noqa: SLF001
            batch: list[dict[str, Any]] = collect(queue, max_messages, visibility_timeout)
            return batch

    queues._receive_messages_for_esm = receive  # noqa: SLF001


def _event_source_mapping(functions: Any, queue_arn: str) -> dict[str, Any]:  # noqa: ANN401 - ministack's module
    mappings = (mapping for _, _, mapping in functions._iter_all_esms())  # noqa: SLF001
    return next(mapping for mapping in mappings if mapping["EventSourceArn"] == queue_arn)


def _is_due(messages: list[dict[str, Any]], max_messages: int, window: float) -> bool:
    """Return whether a batch is full, or its oldest message has waited for the whole window."""
    now = time.time()
    visible_since = [message["visible_at"] for message in messages if message["visible_at"] <= now]
    if not visible_since:
        return False
    return len(visible_since) >= max_messages or min(visible_since) + window <= now


def _may_receive(functions: Any, decisions: DecisionLog, mapping: dict[str, Any]) -> bool:  # noqa: ANN401 - ministack's module
    _, config = functions._get_func_record_for_qualifier(mapping["FunctionName"], None)  # noqa: SLF001
    queue = mapping["EventSourceArn"]
    results = [(action, *evaluate_permission(config["Role"], action, queue)) for action in _ACTIONS]
    for action, principal, allowed in results:
        decisions.write_decision(principal, action, queue, allowed=allowed)
    return all(allowed for _, _, allowed in results)
