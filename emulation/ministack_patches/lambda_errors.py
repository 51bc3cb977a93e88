"""Reports the error of a function by the name of its exception class, as Lambda does.

ministack reports every error as Runtime.HandlerError, so a Catch cannot distinguish them. The
patch takes the name from the function's log.
https://docs.aws.amazon.com/lambda/latest/dg/python-exceptions.html
"""

from importlib import import_module
from typing import Any

_GENERIC_ERROR = "Runtime.HandlerError"
_PROCESS_DIED = "Worker process died"


def apply() -> None:
    """Apply the patch."""
    functions: Any = import_module("ministack.services.lambda_svc")
    run = functions._execute_function_warm  # noqa: SLF001

    def execute(*arguments: Any) -> dict[str, Any]:  # noqa: ANN401 - ministack's
        result: dict[str, Any] = run(*arguments)
        body = result.get("body")
        if result.get("error") and isinstance(body, dict) and body["errorType"] == _GENERIC_ERROR:
            body["errorType"] = _error_type(body["errorMessage"], result["log"])
        return result

    functions._execute_function_warm = execute  # noqa: SLF001


def _error_type(message: str, log: str) -> str:
    """Return Name of the traceback `module.Name: message` at the end of the log."""
    if message == _PROCESS_DIED:
        return "Runtime.ExitError"
    traceback = log.removesuffix("\n").removesuffix(message).removesuffix(": ")
    return traceback.splitlines()[-1].rpartition(".")[2] if traceback else _GENERIC_ERROR
