"""Resolves all intrinsic functions that CloudFormation supports in a template's conditions.

ministack resolves only Ref and Fn::Select there. It compares all others unresolved, so that they
never equal a value. The patch resolves them before ministack evaluates the conditions.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-conditions.html
"""

from collections.abc import Callable
from importlib import import_module
from typing import Any

_FUNCTIONS = {"Fn::FindInMap", "Fn::Join", "Fn::Select", "Fn::Split", "Fn::Sub"}
_IMPORTERS = ("changesets", "engine", "handlers", "stacks")


def apply() -> None:
    """Apply the patch."""
    package = "ministack.services.cloudformation"
    engine: Any = import_module(f"{package}.engine")
    evaluate = engine._evaluate_conditions  # noqa: SLF001

    def evaluate_conditions(template: dict[str, Any], params: dict[str, Any]) -> dict[str, bool]:
        def resolve(value: object) -> object:
            mappings = template.get("Mappings", {})
            return engine._resolve_refs(value, {}, params, {}, mappings, "", "")  # noqa: SLF001

        conditions = _resolve_functions(template.get("Conditions", {}), resolve)
        values: dict[str, bool] = evaluate({**template, "Conditions": conditions}, params)
        return values

    for importer in _IMPORTERS:
        import_module(f"{package}.{importer}").__dict__["_evaluate_conditions"] = (
            evaluate_conditions
        )


def _resolve_functions(value: object, resolve: Callable[[object], object]) -> object:
    if isinstance(value, list):
        return [_resolve_functions(item, resolve) for item in value]
    if not isinstance(value, dict):
        return value
    if value.keys() & _FUNCTIONS:
        return resolve(value)
    return {key: _resolve_functions(item, resolve) for key, item in value.items()}
