"""Holds executions at a state until they are let go, so that something can happen meanwhile.

A state of this name is held before it does anything as long as a file of that name is in the
directory; a file with `.held` behind the name tells that one has come there.
"""

import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

_POLL_SECONDS = 0.02
_LONGEST_SECONDS = 500


def apply(directory: Path, kinds: frozenset[str]) -> None:
    """Do so from now on, for states of these types."""
    engine: Any = import_module("ministack.services.stepfunctions")
    for kind in kinds:
        name = f"_execute_{kind.lower()}"
        setattr(engine, name, _held(directory, getattr(engine, name)))


def _held(directory: Path, handler: Callable[..., Any]) -> Callable[..., Any]:
    def execute(*arguments: Any) -> Any:  # noqa: ANN401 - ministack's
        gate = directory / arguments[-1]["State"]["Name"]
        if gate.exists():
            gate.with_suffix(".held").touch()
            end = time.monotonic() + _LONGEST_SECONDS
            while gate.exists() and time.monotonic() < end:
                time.sleep(_POLL_SECONDS)
        return handler(*arguments)

    return execute
