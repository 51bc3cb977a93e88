"""Real PostgreSQL servers as processes of this machine, each with its own TLS and pg_hba.conf."""

import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import pg8000.native

from emulation.pki import IssuedCertificate
from emulation.postgresql_binaries import environment, template, usable_bin_dir
from emulation.postgresql_configuration import write_certificate, write_hba, write_settings
from emulation.workspace import new_directory, run_as_database_account

# They end what hangs: a busy machine takes many times what it usually takes.
_START_DEADLINE_SECONDS = 200
_RELOAD_DEADLINE_SECONDS = 200
_STOP_DEADLINE_SECONDS = 60
_COPY_DEADLINE_SECONDS = 300
_SQL_TIMEOUT_SECONDS = 120
_POLL_SECONDS = 0.03

# Below the range Linux takes the ports of outgoing connections from.
_FIRST_PORT = 20000
_PORTS = 12000
_PORT_ATTEMPTS = 4
_PORT_TAKEN = "Address already in use"


class ServerFailedError(Exception):
    """A server did not start, or did not take a new pg_hba.conf; the message says why."""


@dataclass(slots=True, kw_only=True, eq=False)
class PostgresServer:
    """One server on a free port of 127.0.0.1; use it as a context manager.

    `hba` holds the lines of pg_hba.conf for TCP (`local all all trust` always comes first);
    `settings` go to postgresql.conf; without `certificate` TLS is off; `setup_sql` runs as the
    superuser once the server is up; `ipv6` listens on ::1 too; `bin_dir` chooses the server's
    version. Starting raises `ServerFailedError`.
    """

    hba: Sequence[str]
    settings: Mapping[str, str] = field(default_factory=dict)
    certificate: IssuedCertificate | None = None
    setup_sql: Sequence[str] = ()
    ipv6: bool = False
    bin_dir: Path | None = None
    _port: int = field(init=False, default=0)
    _directory: Path | None = field(init=False, default=None)
    _process: subprocess.Popen[bytes] | None = field(init=False, default=None)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def port(self) -> int:
        """The TCP port it listens on."""
        return self._port

    def start(self) -> None:
        """Start it, wait until it answers SQL (200 s at most), and run `setup_sql`."""
        try:
            self._start()
            for statement in self.setup_sql:
                self.sql(statement)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End it at once, without a checkpoint, and remove its files."""
        self._end_process()
        directory, self._directory = self._directory, None
        if directory is not None:
            shutil.rmtree(directory)

    def sql(self, text: str) -> list[tuple[Any, ...]]:
        """Run SQL as the superuser, in a session of its own through the unix socket."""
        connection = pg8000.native.Connection(
            "postgres",
            database="postgres",
            unix_sock=str(self._home / f".s.PGSQL.{self._port}"),
            timeout=_SQL_TIMEOUT_SECONDS,
            ssl_context=False,
        )
        try:
            return [tuple(row) for row in connection.run(text) or ()]
        finally:
            connection.close()

    def replace_hba(self, lines: Sequence[str]) -> None:
        """Put other TCP lines into pg_hba.conf, and return when they are in effect.

        Raises:
            ServerFailedError: the server cannot read them; the old ones stay in effect.

        """
        write_hba(self._home / "data", lines)
        faults = self.sql("SELECT error FROM pg_hba_file_rules WHERE error IS NOT NULL")
        if faults:
            raise ServerFailedError(f"pg_hba.conf was not taken, correct the line: {faults[0][0]}")
        loaded = "SELECT pg_conf_load_time()"
        before = self.sql(loaded)
        self.sql("SELECT pg_reload_conf()")
        deadline = time.monotonic() + _RELOAD_DEADLINE_SECONDS
        # A new session inherits the time from the postmaster, which reads pg_hba.conf as well.
        while self.sql(loaded) == before:
            if time.monotonic() > deadline:
                raise ServerFailedError(
                    f"The server did not reload its files; its log says:\n{self.log()}"
                )
            time.sleep(_POLL_SECONDS)

    def log(self) -> str:
        """Give what the server has logged."""
        return (self._home / "log").read_text(errors="replace")

    @property
    def _home(self) -> Path:
        if self._directory is None:
            raise ServerFailedError("The server is not running: call start() first.")
        return self._directory

    def _start(self) -> None:
        bin_dir = usable_bin_dir(self.bin_dir)
        self._directory = new_directory("server")
        data = self._home / "data"
        subprocess.run(
            ["/bin/cp", "-a", template(bin_dir), data],
            check=True,
            timeout=_COPY_DEADLINE_SECONDS,
            cwd=self._home,
            **run_as_database_account(),
        )
        if self.certificate is not None:
            write_certificate(data, self.certificate)
        write_hba(data, self.hba)
        for _ in range(_PORT_ATTEMPTS):
            self._port = _free_port()
            write_settings(data, self._settings())
            if self._comes_up(bin_dir):
                return
        raise ServerFailedError(f"No free port was found in {_PORT_ATTEMPTS} attempts: try again.")

    def _settings(self) -> dict[str, str]:
        return {
            "listen_addresses": "127.0.0.1, ::1" if self.ipv6 else "127.0.0.1",
            "port": str(self._port),
            "unix_socket_directories": str(self._home),
            "ssl": "off" if self.certificate is None else "on",
            **self.settings,
        }

    def _comes_up(self, bin_dir: Path) -> bool:
        """Say whether it runs; False: another process took the port meanwhile."""
        with (self._home / "log").open("wb") as log:
            self._process = subprocess.Popen(
                [bin_dir / "postgres", "-D", self._home / "data"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self._home,
                env=environment(),
                start_new_session=True,  # Ctrl-C is for the caller, who then stops it
                **run_as_database_account(),
            )
        deadline = time.monotonic() + _START_DEADLINE_SECONDS
        while self._process.poll() is None and not self._answers():
            if time.monotonic() > deadline:
                raise ServerFailedError(
                    f"PostgreSQL did not answer in {_START_DEADLINE_SECONDS} s, "
                    f"look at its log:\n{self.log()}"
                )
            time.sleep(_POLL_SECONDS)
        if _PORT_TAKEN in self.log():
            self._end_process()
            return False
        if self._process.poll() is not None:
            raise ServerFailedError(f"PostgreSQL did not start, look at its log:\n{self.log()}")
        return True

    def _end_process(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(signal.SIGQUIT)
        try:
            process.wait(timeout=_STOP_DEADLINE_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(timeout=_STOP_DEADLINE_SECONDS)

    def _answers(self) -> bool:
        with suppress(pg8000.native.InterfaceError, pg8000.native.DatabaseError, OSError):
            return self.sql("SELECT 1") == [(1,)]
        return False


def _free_port() -> int:
    while True:
        port = _FIRST_PORT + secrets.randbelow(_PORTS)
        with socket.socket() as attempt, suppress(OSError):
            attempt.bind(("127.0.0.1", port))
            return port
