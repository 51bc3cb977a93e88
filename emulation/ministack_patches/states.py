"""Makes ministack's Step Functions as strict as AWS's, and its children tell of their states.

https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
"""

import json
from collections.abc import Callable
from contextvars import ContextVar
from importlib import import_module
from typing import Any

KINDS = frozenset({"Pass", "Task", "Choice", "Wait", "Parallel", "Map"})
"""The types of states that do something; the others end an execution."""

_MOST_STATE_DATA = 256 * 1024
_NEVER_CAUGHT = ("States.DataLimitExceeded", "States.Runtime")

_execution: ContextVar[dict[str, Any] | None] = ContextVar("_execution", default=None)


def apply() -> None:
    """Do so from now on."""
    engine: Any = import_module("ministack.services.stepfunctions")
    _fail_on_missing_paths(engine)
    _let_nothing_catch_all(engine)
    _tell_of_states_in_branches(engine)
    _limit_state_data(engine)


def _fail_on_missing_paths(engine: Any) -> None:  # noqa: ANN401 - ministack's module
    """Fail where a path leads nowhere; ministack goes on with null."""
    evaluate = engine._evaluate_rule  # noqa: SLF001
    missing = object()

    def resolve(path: str, data: object) -> object:
        if not path.startswith("$") or path == "$":
            return data
        found = _follow(engine._parse_jsonpath_tokens(path), data, missing)  # noqa: SLF001
        if found is missing:
            raise engine._ExecutionError(  # noqa: SLF001
                "States.Runtime", f"The JSONPath '{path}' leads nowhere in {json.dumps(data)}"
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


def _let_nothing_catch_all(engine: Any) -> None:  # noqa: ANN401 - ministack's module
    """Keep the errors that AWS lets no wildcard catch from being caught by one."""
    matches = engine._error_matches  # noqa: SLF001

    def error_matches(wanted: list[str], error: str) -> bool:
        return error in wanted or (error not in _NEVER_CAUGHT and matches(wanted, error))

    engine._error_matches = error_matches  # noqa: SLF001


def _tell_of_states_in_branches(engine: Any) -> None:  # noqa: ANN401 - ministack's module
    """Write the events of states in children, branches and iterations; ministack has none."""
    run = engine._run_sub_machine  # noqa: SLF001

    def run_sub_machine(*arguments: Any) -> object:  # noqa: ANN401 - ministack's
        token = _execution.set(arguments[3])
        try:
            return run(*arguments)
        finally:
            _execution.reset(token)

    def telling(kind: str, handler: Callable[..., Any]) -> Callable[..., Any]:
        def execute(state: dict[str, Any], data: object, *rest: Any) -> Any:  # noqa: ANN401 - ministack's
            execution = _execution.get()
            if execution is None:  # the outermost level, whose events ministack writes
                return handler(state, data, *rest)
            name = rest[-1]["State"]["Name"]

            def tell(event: str, side: str, value: object) -> None:
                details = {"name": name, side: json.dumps(value)}
                key = f"state{event}EventDetails"
                engine._add_event(execution, f"{kind}State{event}", {key: details})  # noqa: SLF001

            tell("Entered", "input", data)
            output, following = handler(state, data, *rest)
            tell("Exited", "output", output)
            return output, following

        return execute

    engine._run_sub_machine = run_sub_machine  # noqa: SLF001
    for kind in KINDS:
        name = f"_execute_{kind.lower()}"
        setattr(engine, name, telling(kind, getattr(engine, name)))


def _limit_state_data(engine: Any) -> None:  # noqa: ANN401 - ministack's module
    """Fail where the input or output of a state is larger than AWS takes."""
    for kind in KINDS:
        name = f"_execute_{kind.lower()}"
        setattr(engine, name, _limited(engine, getattr(engine, name)))
    invoke = engine._invoke_resource  # noqa: SLF001

    def invoke_resource(resource: str, data: object) -> object:
        _check(engine, data)
        result = invoke(resource, data)
        _check(engine, result)
        return result

    engine._invoke_resource = invoke_resource  # noqa: SLF001


def _limited(engine: Any, handler: Callable[..., Any]) -> Callable[..., Any]:  # noqa: ANN401 - ministack's module
    def execute(state: dict[str, Any], data: object, *rest: Any) -> Any:  # noqa: ANN401 - ministack's
        _check(engine, data)
        output, following = handler(state, data, *rest)
        _check(engine, output)
        return output, following

    return execute


def _check(engine: Any, data: object) -> None:  # noqa: ANN401 - ministack's module
    size = len(json.dumps(data, separators=(",", ":"), ensure_ascii=False).encode())
    if size > _MOST_STATE_DATA:
        raise engine._ExecutionError(  # noqa: SLF001
            "States.DataLimitExceeded", f"{size} bytes of state data, {_MOST_STATE_DATA} at most"
        )
