"""Reads from /proc how much memory the processes of the functions have used."""

import re
from contextlib import suppress
from pathlib import Path

_PEAK = re.compile(r"VmHWM:\s+(\d+) kB")


def peak_memory_of_group(leader: int) -> int:
    """Return the peak resident set size, in bytes, of the largest process of a group.

    The group's leader does not count. Returns 0 on a system without /proc.
    """
    peaks = [
        int(found[1]) * 1024
        for process in Path("/proc").glob("[0-9]*")
        if process.name != str(leader) and _group_id(process) == leader
        if (found := _PEAK.search(_read(process / "status")))
    ]
    return max(peaks, default=0)


def _group_id(process: Path) -> int:
    # The fields follow the program's name, which can itself contain spaces and parentheses.
    fields = _read(process / "stat").rpartition(")")[2].split()
    return int(fields[2]) if fields else 0


def _read(path: Path) -> str:
    with suppress(OSError):  # the process may have ended
        return path.read_text()
    return ""
