"""Lets the conditions of a template use the functions that CloudFormation lets them use.

ministack knows Ref and Select there; anything else it compares unresolved, as always different.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-conditions.html
"""

from collections.abc import Callable
from importlib import import_module
from typing import Any

_FUNCTIONS = {"Fn::FindInMap", "Fn::Join", "Fn::Select", "Fn::Split", "Fn::Sub"}
_USERS = ("changesets", "engine", "handlers", "stacks")


def apply() -> None:
    """Do so from now on."""
    package = "ministack.services.cloudformation"
    engine: Any = import_module(f"{package}.engine")
    evaluate = engine._evaluate_conditions  # noqa: SLF001

    def evaluate_conditions(template: dict[str, Any], params: dict[str, Any]) -> dict[str, bool]:
        def resolve(value: object) -> object:
            mappings = template.get("Mappings", {})
            return engine._resolve_refs(value, {}, params, {}, mappings, "", "")  # noqa: SLF001

        conditions = _resolved(template.get("Conditions", {}), resolve)
        answer: dict[str, bool] = evaluate({**template, "Conditions": conditions}, params)
        return answer

    for user in _USERS:
        import_module(f"{package}.{user}").__dict__["_evaluate_conditions"] = evaluate_conditions


def _resolved(value: object, resolve: Callable[[object], object]) -> object:
    if isinstance(value, list):
        return [_resolved(item, resolve) for item in value]
    if not isinstance(value, dict):
        return value
    if value.keys() & _FUNCTIONS:
        return resolve(value)
    return {key: _resolved(item, resolve) for key, item in value.items()}
