"""Provides temporary directories whose servers and files are removed when this process ends."""

import atexit
import os
import pwd
import subprocess
import tempfile
import threading
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

_GUARD_TIMEOUT_SECONDS = 120

# The script waits for the end of its input: the pipe closes when this process ends, even by
# SIGKILL. A server that was stopped normally has already deleted its directory.
_GUARD = """
while read -r _; do :; done
for pid_file in "$1"/*/data/postmaster.pid; do
    [ -e "$pid_file" ] && kill -QUIT "$(head -n 1 "$pid_file")"
done
tries=0
while [ $((tries += 1)) -le 300 ]; do
    rm -rf "$1" && exit
    sleep 0.2
done
"""

_lock = threading.Lock()
_numbers = count(1)


def new_directory(name: str) -> Path:
    """Create a directory with a short path that the database account owns."""
    with _lock:
        path = _root() / f"{name}{next(_numbers)}"
    path.mkdir()
    give_to_database_account(path)
    return path


def run_as_database_account() -> dict[str, Any]:
    """Return keywords for `subprocess` to run PostgreSQL, which refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def give_to_database_account(path: Path) -> None:
    """Change the owner of a file or directory to the user that runs the servers."""
    account = run_as_database_account()
    if account:
        os.chown(path, account["user"], account["group"])


@cache
def _root() -> Path:
    # Not TMPDIR or a home directory: the path of a Unix socket has at most 107 bytes, and the
    # unprivileged database account must be able to reach it.
    root = Path(tempfile.mkdtemp(prefix="rds-tls-audit-", dir="/tmp"))
    root.chmod(0o755)
    guard = subprocess.Popen(
        ["/bin/sh", "-c", _GUARD, "guard", str(root)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd="/",
        start_new_session=True,
    )
    atexit.register(guard.communicate, timeout=_GUARD_TIMEOUT_SECONDS)
    return root
