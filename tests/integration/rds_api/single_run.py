"""Run the discover function once in this process, and print what the run costs."""

import itertools
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

from functions.discover.app import handler


def peak_mib() -> float:
    """Return the peak resident memory of this process, in MiB.

    `getrusage` is no alternative: its ru_maxrss starts at the value of the parent process.
    """
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise LookupError("no VmHWM in /proc/self/status")


def count_calls() -> Callable[[], int]:
    """Count Python function calls from now on, as a measure of work on a machine of any load."""
    calls = itertools.count()
    tool, started = sys.monitoring.PROFILER_ID, sys.monitoring.events.PY_START
    sys.monitoring.use_tool_id(tool, "work")
    sys.monitoring.register_callback(tool, started, lambda *_: next(calls))
    sys.monitoring.set_events(tool, started)
    return lambda: next(calls)


if __name__ == "__main__":
    count = count_calls()
    before = time.monotonic(), time.process_time()
    found = handler({}, None)
    cost = {
        "databases": found["databases"],
        "complete": found["complete"],
        "seconds": time.monotonic() - before[0],
        "cpu_seconds": time.process_time() - before[1],
        "python_calls": count(),
        "peak_mib": peak_mib(),
    }
    sys.stdout.write(json.dumps(cost) + "\n")
