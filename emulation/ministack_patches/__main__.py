"""`python -m emulation.ministack_patches`: run ministack with the patches, until input ends."""

import os
import signal
import sys
import threading
from importlib import import_module
from pathlib import Path
from typing import Any

from emulation.ministack_patches import (
    conditions,
    events,
    holding,
    lambda_errors,
    machine_rights,
    queue_batches,
    states,
)
from emulation.ministack_patches.decisions import Decisions

_CALLS = "DEMO_CALLS_FILE"
_GATES = "DEMO_GATES_DIRECTORY"


def main() -> None:
    """Run it; the end of our input, which comes when the starter dies, ends us and our workers."""
    threading.Thread(target=_end_with_the_starter, daemon=True).start()
    # The functions inherit this environment: theirs on AWS has none of these.
    del os.environ["PYTHONPATH"]
    decisions = Decisions(Path(os.environ.pop(_CALLS)))
    gates = Path(os.environ.pop(_GATES))
    app: Any = import_module("ministack.app")
    # With TLS it would listen on 443 as well, where it may.
    app._port_is_bindable = lambda _host, _port: False  # noqa: SLF001
    decisions.record()
    conditions.apply()
    lambda_errors.apply()
    states.apply()
    machine_rights.apply(decisions)
    events.apply()
    queue_batches.apply(decisions)
    holding.apply(gates, states.KINDS)
    app.main()


def _end_with_the_starter() -> None:
    sys.stdin.buffer.read()
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    main()
