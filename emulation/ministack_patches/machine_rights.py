"""Holds a state machine to the rights of its role, as AWS does; ministack lets it do anything.

Asked for: to invoke a function, to read the items of a Distributed Map, to start its children.
https://docs.aws.amazon.com/step-functions/latest/dg/procedure-create-iam-role.html
"""

import hashlib
from collections.abc import Callable
from contextvars import ContextVar
from importlib import import_module
from typing import Any

from emulation.ministack_patches.decisions import Decisions

_role: ContextVar[str] = ContextVar("_role")


def apply(decisions: Decisions) -> None:
    """Do so from now on, and write the decisions down."""
    engine: Any = import_module("ministack.services.stepfunctions")
    functions: Any = import_module("ministack.services.lambda_svc")

    def ask(action: str, resource: str, error: str) -> None:
        principal, allowed = check_rights(_role.get(), action, resource)
        decisions.write(principal, action, resource, allowed=allowed)
        if not allowed:
            cause = f"{principal} is not authorized to perform {action} on {resource}"
            raise engine._ExecutionError(error, cause)  # noqa: SLF001

    def run_execution(arn: str) -> None:
        machine = engine._state_machines.get(engine._executions[arn]["stateMachineArn"])  # noqa: SLF001
        _role.set(machine["roleArn"])  # in the context of this execution's own thread
        run(arn)

    def call_lambda(function: str, event: object) -> object:
        found, config, _ = functions._get_func_record_for_ref(function)  # noqa: SLF001
        if found:
            ask("lambda:InvokeFunction", config["FunctionArn"], "Lambda.AWSLambdaException")
        return call(function, event)

    def read_object(bucket: str, key: str) -> object:
        ask("s3:GetObject", f"arn:aws:s3:::{bucket}/{key}", "States.ItemReaderFailed")
        return read(bucket, key)

    def run_map(*arguments: Any) -> object:  # noqa: ANN401 - ministack's
        machine = arguments[4]["stateMachineArn"]
        ask("states:StartExecution", machine, "States.Runtime")
        return run_children(*arguments)

    run = _replace(engine, "_run_execution", run_execution)
    call = _replace(engine, "_call_lambda", call_lambda)
    read = _replace(engine, "_s3_object_text", read_object)
    run_children = _replace(engine, "_run_distributed_map", run_map)


def _replace(module: Any, name: str, new: Callable[..., Any]) -> Callable[..., Any]:  # noqa: ANN401 - ministack's module
    old: Callable[..., Any] = getattr(module, name)
    setattr(module, name, new)
    return old


def check_rights(role: str, action: str, resource: str) -> tuple[str, bool]:
    """Give who the role is when assumed, and whether its policies allow it."""
    evaluator: Any = import_module("ministack.core.iam_evaluator")
    responses: Any = import_module("ministack.core.responses")
    account = responses.get_account_id()
    principal = evaluator.resolve_principal(_session(role, account), account)
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
    answer = evaluator.evaluate(request, principal.policies, *principal.limits)
    return principal.arn, answer.decision == "Allow"


def _session(role: str, account: str) -> str:
    """Assume the role, and give the access key."""
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
