"""Runs real PostgreSQL servers as processes, each with its own TLS settings and pg_hba.conf."""

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
from emulation.postgresql_binaries import (
    data_directory_template,
    program_environment,
    usable_bin_dir,
)
from emulation.postgresql_configuration import write_certificate, write_hba, write_settings
from emulation.workspace import new_directory, run_as_database_account

# The timeouts only end what hangs: a busy machine can take many times longer than usual.
_START_TIMEOUT_SECONDS = 200
_RELOAD_TIMEOUT_SECONDS = 200
_STOP_TIMEOUT_SECONDS = 60
_COPY_TIMEOUT_SECONDS = 300
_SQL_TIMEOUT_SECONDS = 120
_POLL_SECONDS = 0.03

# Linux uses ports above this range for outgoing connections.
_FIRST_PORT = 20000
_PORT_COUNT = 12000
_PORT_ATTEMPTS = 4
_PORT_TAKEN = "Address already in use"


class ServerFailedError(Exception):
    """A server did not start or reload pg_hba.conf; the message contains the reason."""


@dataclass(slots=True, kw_only=True, eq=False)
class PostgresServer:
    """A server on a free port of 127.0.0.1; use it as a context manager.

    Attributes:
        hba: The lines of pg_hba.conf for TCP; `local all all trust` always comes first.
        settings: Settings for postgresql.conf.
        certificate: The server's certificate; without one, TLS is off.
        setup_sql: Statements to run as the superuser after the start.
        ipv6: Whether the server listens on ::1, too.
        bin_dir: The programs to use, which determine the server's version.

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
        """The TCP port on which the server listens."""
        return self._port

    def start(self) -> None:
        """Start the server, wait at most 200 s until it accepts SQL, and run `setup_sql`.

        Raises:
            ServerFailedError: the server did not start.

        """
        try:
            self._start()
            for statement in self.setup_sql:
                self.sql(statement)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop the server immediately, without a checkpoint, and delete its files."""
        self._end_process()
        directory, self._directory = self._directory, None
        if directory is not None:
            shutil.rmtree(directory)

    def sql(self, text: str) -> list[tuple[Any, ...]]:
        """Run SQL as the superuser, in a new session over the Unix socket."""
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
        """Replace the TCP lines of pg_hba.conf, and return when the new ones are in effect.

        Raises:
            ServerFailedError: a line is invalid; the old lines stay in effect.

        """
        write_hba(self._home / "data", lines)
        errors = self.sql("SELECT error FROM pg_hba_file_rules WHERE error IS NOT NULL")
        if errors:
            raise ServerFailedError(f"pg_hba.conf has an invalid line: {errors[0][0]}")
        load_time = "SELECT pg_conf_load_time()"
        before = self.sql(load_time)
        self.sql("SELECT pg_reload_conf()")
        deadline = time.monotonic() + _RELOAD_TIMEOUT_SECONDS
        # A new session inherits its load time from the postmaster, which also reads pg_hba.conf.
        while self.sql(load_time) == before:
            if time.monotonic() > deadline:
                raise ServerFailedError(
                    f"The server did not reload its configuration. Its log:\n{self.log()}"
                )
            time.sleep(_POLL_SECONDS)

    def log(self) -> str:
        """Return the server's log."""
        return (self._home / "log").read_text(errors="replace")

    @property
    def _home(self) -> Path:
        if self._directory is None:
            raise ServerFailedError("The server is not running. Call start() first.")
        return self._directory

    def _start(self) -> None:
        bin_dir = usable_bin_dir(self.bin_dir)
        self._directory = new_directory("server")
        data = self._home / "data"
        subprocess.run(
            ["/bin/cp", "-a", data_directory_template(bin_dir), data],
            check=True,
            timeout=_COPY_TIMEOUT_SECONDS,
            cwd=self._home,
            **run_as_database_account(),
        )
        if self.certificate is not None:
            write_certificate(data, self.certificate)
        write_hba(data, self.hba)
        for _ in range(_PORT_ATTEMPTS):
            self._port = _free_port()
            write_settings(data, self._settings())
            if self._launch(bin_dir):
                return
        raise ServerFailedError(f"No free port was found in {_PORT_ATTEMPTS} attempts. Try again.")

    def _settings(self) -> dict[str, str]:
        return {
            "listen_addresses": "127.0.0.1, ::1" if self.ipv6 else "127.0.0.1",
            "port": str(self._port),
            "unix_socket_directories": str(self._home),
            "ssl": "off" if self.certificate is None else "on",
            **self.settings,
        }

    def _launch(self, bin_dir: Path) -> bool:
        """Start the process; return False if another process has taken the port meanwhile."""
        with (self._home / "log").open("wb") as log:
            self._process = subprocess.Popen(
                [bin_dir / "postgres", "-D", self._home / "data"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self._home,
                env=program_environment(),
                start_new_session=True,  # Ctrl-C ends the caller, which then stops the server
                **run_as_database_account(),
            )
        deadline = time.monotonic() + _START_TIMEOUT_SECONDS
        while self._process.poll() is None and not self._accepts_sql():
            if time.monotonic() > deadline:
                raise ServerFailedError(
                    f"PostgreSQL did not accept SQL within {_START_TIMEOUT_SECONDS} s. "
                    f"Its log:\n{self.log()}"
                )
            time.sleep(_POLL_SECONDS)
        if _PORT_TAKEN in self.log():
            self._end_process()
            return False
        if self._process.poll() is not None:
            raise ServerFailedError(f"PostgreSQL did not start. Its log:\n{self.log()}")
        return True

    def _end_process(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(signal.SIGQUIT)
        try:
            process.wait(timeout=_STOP_TIMEOUT_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(timeout=_STOP_TIMEOUT_SECONDS)

    def _accepts_sql(self) -> bool:
        with suppress(pg8000.native.InterfaceError, pg8000.native.DatabaseError, OSError):
            return self.sql("SELECT 1") == [(1,)]
        return False


def _free_port() -> int:
    while True:
        port = _FIRST_PORT + secrets.randbelow(_PORT_COUNT)
        with socket.socket() as attempt, suppress(OSError):
            attempt.bind(("127.0.0.1", port))
            return port
