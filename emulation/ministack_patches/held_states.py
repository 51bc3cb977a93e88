"""Lets a test hold executions at a state, which neither ministack nor AWS can do.

A state waits before it does anything while the directory contains a file with the state's name.
The patch adds a file with the suffix `.held` when an execution waits there.
"""

import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from emulation.ministack_patches.step_functions import STATE_TYPES

_POLL_SECONDS = 0.02
_MAX_HELD_SECONDS = 500


def apply(gates: Path) -> None:
    """Apply the patch; `gates` is the directory that it watches."""
    engine: Any = import_module("ministack.services.stepfunctions")
    for state_type in STATE_TYPES:
        name = f"_execute_{state_type.lower()}"
        setattr(engine, name, _hold(gates, getattr(engine, name)))


def _hold(gates: Path, handler: Callable[..., Any]) -> Callable[..., Any]:
    def execute(*arguments: Any) -> Any:  # noqa: ANN401 - ministack's
        gate = gates / arguments[-1]["State"]["Name"]
        if gate.exists():
            gate.with_suffix(".held").touch()
            end = time.monotonic() + _MAX_HELD_SECONDS
            while gate.exists() and time.monotonic() < end:
                time.sleep(_POLL_SECONDS)
        return handler(*arguments)

    return execute
