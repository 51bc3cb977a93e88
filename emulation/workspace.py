"""A temporary directory whose servers and files go when this process goes, however it ends."""

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

_GUARD_DEADLINE_SECONDS = 120

# Waits for the end of its input, which comes when this process closes the pipe or dies, by
# SIGKILL too. A server that was stopped in the normal way has no directory left here.
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
    """Make a directory of its own, writable by `database_account`, with a short path."""
    with _lock:
        path = _root() / f"{name}{next(_numbers)}"
    path.mkdir()
    give_to_database_account(path)
    return path


def run_as_database_account() -> dict[str, Any]:
    """Give the keywords for `subprocess` to run as a user PostgreSQL accepts: it refuses root."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def give_to_database_account(path: Path) -> None:
    """Let the user that the servers run as own a file or directory."""
    account = run_as_database_account()
    if account:
        os.chown(path, account["user"], account["group"])


@cache
def _root() -> Path:
    # Neither TMPDIR nor a directory under a home: the path of a unix socket ends at 107 bytes,
    # and a user without rights must be able to walk here.
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
    atexit.register(guard.communicate, timeout=_GUARD_DEADLINE_SECONDS)
    return root
