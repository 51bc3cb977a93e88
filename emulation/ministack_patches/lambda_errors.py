"""Names the errors of functions as Lambda does: by the class of the exception.

ministack calls them all Runtime.HandlerError, which no Catch of ours could tell apart.
https://docs.aws.amazon.com/lambda/latest/dg/python-exceptions.html
"""

from importlib import import_module
from typing import Any

_UNNAMED = "Runtime.HandlerError"
_DIED = "Worker process died"


def apply() -> None:
    """Do so from now on."""
    functions: Any = import_module("ministack.services.lambda_svc")
    run = functions._execute_function_warm  # noqa: SLF001

    def execute(*arguments: Any) -> dict[str, Any]:  # noqa: ANN401 - ministack's
        result: dict[str, Any] = run(*arguments)
        body = result.get("body")
        if result.get("error") and isinstance(body, dict) and body["errorType"] == _UNNAMED:
            body["errorType"] = _name(body["errorMessage"], result["log"])
        return result

    functions._execute_function_warm = execute  # noqa: SLF001


def _name(message: str, log: str) -> str:
    """Take the name from the traceback that ends the log: `module.Name: message`."""
    if message == _DIED:
        return "Runtime.ExitError"
    head = log.removesuffix("\n").removesuffix(message).removesuffix(": ")
    return head.splitlines()[-1].rpartition(".")[2] if head else _UNNAMED
