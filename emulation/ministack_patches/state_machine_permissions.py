"""Enforces the permissions of a state machine's role, as AWS does; ministack enforces none.

The patch checks the permissions to invoke a function, to read the items of a Distributed Map, and
to start its child executions.
https://docs.aws.amazon.com/step-functions/latest/dg/procedure-create-iam-role.html
"""

import hashlib
from collections.abc import Callable
from contextvars import ContextVar
from importlib import import_module
from typing import Any

from emulation.ministack_patches.iam_decisions import DecisionLog

_role: ContextVar[str] = ContextVar("_role")


def apply(decisions: DecisionLog) -> None:
    """Apply the patch, which writes its decisions to this log."""
    engine: Any = import_module("ministack.services.stepfunctions")
    functions: Any = import_module("ministack.services.lambda_svc")

    def require(action: str, resource: str, error: str) -> None:
        principal, allowed = evaluate_permission(_role.get(), action, resource)
        decisions.write_decision(principal, action, resource, allowed=allowed)
        if not allowed:
            cause = f"{principal} is not authorized to perform {action} on {resource}"
            raise engine._ExecutionError(error, cause)  # noqa: SLF001

    def run_execution(arn: str) -> None:
        machine = engine._state_machines.get(engine._executions[arn]["stateMachineArn"])  # noqa: SLF001
        _role.set(machine["roleArn"])  # each execution runs in a thread of its own
        run(arn)

    def call_lambda(function: str, event: object) -> object:
        found, config, _ = functions._get_func_record_for_ref(function)  # noqa: SLF001
        if found:
            require("lambda:InvokeFunction", config["FunctionArn"], "Lambda.AWSLambdaException")
        return call(function, event)

    def read_object(bucket: str, key: str) -> object:
        require("s3:GetObject", f"arn:aws:s3:::{bucket}/{key}", "States.ItemReaderFailed")
        return read(bucket, key)

    def run_distributed_map(*arguments: Any) -> object:  # noqa: ANN401 - ministack's
        machine = arguments[4]["stateMachineArn"]
        require("states:StartExecution", machine, "States.Runtime")
        return run_children(*arguments)

    run = _replace(engine, "_run_execution", run_execution)
    call = _replace(engine, "_call_lambda", call_lambda)
    read = _replace(engine, "_s3_object_text", read_object)
    run_children = _replace(engine, "_run_distributed_map", run_distributed_map)


def _replace(module: Any, name: str, new: Callable[..., Any]) -> Callable[..., Any]:  # noqa: ANN401 - ministack's module
    old: Callable[..., Any] = getattr(module, name)
    setattr(module, name, new)
    return old


def evaluate_permission(role: str, action: str, resource: str) -> tuple[str, bool]:
    """Return the ARN of the assumed role, and whether its policies allow the action."""
    evaluator: Any = import_module("ministack.core.iam_evaluator")
    responses: Any = import_module("ministack.core.responses")
    account = responses.get_account_id()
    principal = evaluator.resolve_principal(_assume_role(role, account), account)
    request = evaluator.EvalContext(
        principal_arn=principal.arn,
        principal_type=principal.type,
        principal_account=principal.account,
        action=action,
        resource_arn=resource,
        region=responses.get_region(),
        secure_transport=True,
        principal_keys=principal.keys,
    )
    result = evaluator.evaluate(request, principal.policies, *principal.limits)
    return principal.arn, result.decision == "Allow"


def _assume_role(role: str, account: str) -> str:
    """Assume the role and return the access key."""
    sessions: Any = import_module("ministack.services.sts")
    name = role.rpartition("/")[2]
    digest = hashlib.sha256(role.encode()).hexdigest()
    key = f"ASIA{digest[:16].upper()}"
    sessions.register_session(
        key,
        {
            "Arn": f"arn:aws:sts::{account}:assumed-role/{name}/states",
            "UserId": f"{name}:states",
            "SecretAccessKey": digest,
            "SessionToken": digest,
        },
    )
    return key
