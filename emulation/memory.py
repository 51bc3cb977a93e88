"""How much memory the processes of the functions took, as Linux counts it."""

import re
from contextlib import suppress
from pathlib import Path

_PEAK = re.compile(r"VmHWM:\s+(\d+) kB")


def peak_of_group(leader: int) -> int:
    """Give the largest resident set, in bytes, of a process group but for its leader.

    Read from /proc; 0 where there is none.
    """
    peaks = [
        int(found[1]) * 1024
        for process in Path("/proc").glob("[0-9]*")
        if process.name != str(leader) and _group_of(process) == leader
        if (found := _PEAK.search(_content(process / "status")))
    ]
    return max(peaks, default=0)


def _group_of(process: Path) -> int:
    # The name of the program may hold blanks and brackets; what follows it does not.
    fields = _content(process / "stat").rpartition(")")[2].split()
    return int(fields[2]) if fields else 0


def _content(path: Path) -> str:
    with suppress(OSError):  # it may have ended
        return path.read_text()
    return ""
