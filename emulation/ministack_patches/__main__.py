"""Run `python -m emulation.ministack_patches`: ministack with all patches, until stdin closes."""

import os
import signal
import sys
import threading
from importlib import import_module
from pathlib import Path
from typing import Any

from emulation.ministack_patches import (
    aws_events,
    held_states,
    iam_decisions,
    lambda_errors,
    sqs_batches,
    state_machine_permissions,
    step_functions,
    template_conditions,
)
from emulation.ministack_patches.iam_decisions import DecisionLog

_CALLS = "EMULATION_CALLS_FILE"
_GATES = "EMULATION_GATES_DIRECTORY"


def main() -> None:
    """Run ministack until stdin closes, which also happens when the parent process is killed."""
    threading.Thread(target=_exit_when_stdin_closes, daemon=True).start()
    # The functions inherit this environment, and on AWS it contains none of these variables.
    del os.environ["PYTHONPATH"]
    decisions = DecisionLog(Path(os.environ.pop(_CALLS)))
    gates = Path(os.environ.pop(_GATES))
    app: Any = import_module("ministack.app")
    # With TLS, ministack would also listen on port 443 if it can.
    app._port_is_bindable = lambda _host, _port: False  # noqa: SLF001
    iam_decisions.apply(decisions)
    template_conditions.apply()
    lambda_errors.apply()
    step_functions.apply()
    state_machine_permissions.apply(decisions)
    aws_events.apply()
    sqs_batches.apply(decisions)
    held_states.apply(gates)
    app.main()


def _exit_when_stdin_closes() -> None:
    sys.stdin.buffer.read()
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    main()
