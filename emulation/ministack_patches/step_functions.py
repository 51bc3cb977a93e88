"""Makes ministack's Step Functions as strict as those of AWS, with the events of child executions.

The patch fails on missing paths and oversized state data, restricts what wildcards catch, and adds
the events of states in child executions, branches, and iterations.
https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
"""

import json
from collections.abc import Callable
from contextvars import ContextVar
from importlib import import_module
from typing import Any

STATE_TYPES = frozenset({"Pass", "Task", "Choice", "Wait", "Parallel", "Map"})
"""The types of states that do something; all other types end an execution."""

_MAX_STATE_DATA = 256 * 1024
_NEVER_CAUGHT_BY_WILDCARDS = ("States.DataLimitExceeded", "States.Runtime")

_execution: ContextVar[dict[str, Any] | None] = ContextVar("_execution", default=None)


def apply() -> None:
    """Apply the patch."""
    engine: Any = import_module("ministack.services.stepfunctions")
    _fail_on_missing_paths(engine)
    _restrict_wildcards(engine)
    _add_events_of_nested_states(engine)
    _limit_state_data(engine)


def _fail_on_missing_paths(engine: Any) -> None:  # noqa: ANN401 - ministack's module
    """Fail an execution on a path that does not exist; ministack continues with null."""
    evaluate = engine._evaluate_rule  # noqa: SLF001
    missing = object()

    def resolve(path: str, data: object) -> object:
        if not path.startswith("$") or path == "$":
            return data
        found = _follow(engine._parse_jsonpath_tokens(path), data, missing)  # noqa: SLF001
        if found is missing:
            raise engine._ExecutionError(  # noqa: SLF001
                "States.Runtime", f"The JSONPath '{path}' does not exist in {json.dumps(data)}"
            )
        return found

    def evaluate_rule(rule: dict[str, Any], data: object, ctx: dict[str, Any]) -> bool:
        if "IsPresent" not in rule:
            return bool(evaluate(rule, data, ctx))
        try:
            engine._resolve_path_or_ctx(rule["Variable"], data, ctx)  # noqa: SLF001
        except engine._ExecutionError:  # noqa: SLF001
            return not rule["IsPresent"]
        return bool(rule["IsPresent"])

    engine._resolve_path = resolve  # noqa: SLF001
    engine._evaluate_rule = evaluate_rule  # noqa: SLF001


def _follow(tokens: list[tuple[str, Any]] | None, data: Any, missing: object) -> object:  # noqa: ANN401 - any JSON
    if tokens is None:
        return missing
    values: list[Any] = [data]
    for kind, step in tokens:
        if kind == "wildcard":
            values = [item for value in values for item in _items(value)]
        else:
            values = [value[step] for value in values if _has(value, step)]
    if any(kind == "wildcard" for kind, _ in tokens):
        return values
    return values[0] if values else missing


def _items(value: object) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def _has(value: Any, step: Any) -> bool:  # noqa: ANN401 - any JSON
    if isinstance(step, int):
        return isinstance(value, list) and step < len(value)
    return isinstance(value, dict) and step in value


def _restrict_wildcards(engine: Any) -> None:  # noqa: ANN401 - ministack's module
    """Let no wildcard catch the errors that no wildcard catches on AWS."""
    matches = engine._error_matches  # noqa: SLF001

    def error_matches(wanted: list[str], error: str) -> bool:
        return error in wanted or (
            error not in _NEVER_CAUGHT_BY_WILDCARDS and matches(wanted, error)
        )

    engine._error_matches = error_matches  # noqa: SLF001


def _add_events_of_nested_states(engine: Any) -> None:  # noqa: ANN401 - ministack's module
    """Add the events of states in children, branches, and iterations; ministack adds none."""
    run = engine._run_sub_machine  # noqa: SLF001

    def run_sub_machine(*arguments: Any) -> object:  # noqa: ANN401 - ministack's
        token = _execution.set(arguments[3])
        try:
            return run(*arguments)
        finally:
            _execution.reset(token)

    def add_events(state_type: str, handler: Callable[..., Any]) -> Callable[..., Any]:
        def execute(state: dict[str, Any], data: object, *rest: Any) -> Any:  # noqa: ANN401 - ministack's
            execution = _execution.get()
            if execution is None:  # the outermost level, whose events ministack adds
                return handler(state, data, *rest)
            name = rest[-1]["State"]["Name"]

            def add_event(event: str, side: str, value: object) -> None:
                details = {"name": name, side: json.dumps(value)}
                key = f"state{event}EventDetails"
                engine._add_event(execution, f"{state_type}State{event}", {key: details})  # noqa: SLF001

            add_event("Entered", "input", data)
            output, following = handler(state, data, *rest)
            add_event("Exited", "output", output)
            return output, following

        return execute

    engine._run_sub_machine = run_sub_machine  # noqa: SLF001
    for state_type in STATE_TYPES:
        name = f"_execute_{state_type.lower()}"
        setattr(engine, name, add_events(state_type, getattr(engine, name)))


def _limit_state_data(engine: Any) -> None:  # noqa: ANN401 - ministack's module
    """Fail an execution if the input or output of a state exceeds the quota of AWS."""
    for state_type in STATE_TYPES:
        name = f"_execute_{state_type.lower()}"
        setattr(engine, name, _with_limit(engine, getattr(engine, name)))
    invoke = engine._invoke_resource  # noqa: SLF001

    def invoke_resource(resource: str, data: object) -> object:
        _check_size(engine, data)
        result = invoke(resource, data)
        _check_size(engine, result)
        return result

    engine._invoke_resource = invoke_resource  # noqa: SLF001


def _with_limit(engine: Any, handler: Callable[..., Any]) -> Callable[..., Any]:  # noqa: ANN401 - ministack's module
    def execute(state: dict[str, Any], data: object, *rest: Any) -> Any:  # noqa: ANN401 - ministack's
        _check_size(engine, data)
        output, following = handler(state, data, *rest)
        _check_size(engine, output)
        return output, following

    return execute


def _check_size(engine: Any, data: object) -> None:  # noqa: ANN401 - ministack's module
    size = len(json.dumps(data, separators=(",", ":"), ensure_ascii=False).encode())
    if size > _MAX_STATE_DATA:
        raise engine._ExecutionError(  # noqa: SLF001
            "States.DataLimitExceeded",
            f"State data has {size} bytes; at most {_MAX_STATE_DATA} are allowed",
        )
