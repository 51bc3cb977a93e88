"""Runs ministack on loopback, where `sam deploy` works and each function has its own role."""

import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from http.client import HTTPException, HTTPSConnection
from pathlib import Path
from typing import Any, Self, cast

import boto3
from botocore.config import Config

from emulation.account import EmulatedAccount
from emulation.pki import RootAuthority
from emulation.process_memory import peak_memory_of_group
from emulation.rds_resources import ACCOUNT, REGION
from emulation.recorder import CallRecorder
from emulation.workspace import new_directory

ROOT = Path(__file__).parents[1]
PYTHON = ROOT / ".venv-ministack" / "bin" / "python"

_HOST = "127.0.0.1"
# ministack treats the access key in its own environment as that of the root user.
_ROOT_USER = {"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": "local"}
_START_TIMEOUT_SECONDS = 200.0
_STOP_TIMEOUT_SECONDS = 60.0
_POLL_SECONDS = 0.05
_READ_TIMEOUT_SECONDS = 500  # Invoke responds when the function has ended
_LOG_LINES = 30
_HELD_SUFFIX = ".held"


class EmulatorFailedError(Exception):
    """ministack is not installed or did not start; the message contains the reason."""


class Emulator:
    """ministack with the RDS and Security Hub of an account; use it as a context manager.

    ministack enforces IAM. It serves only TLS, with its own certificate, because the bucket policy
    denies requests without TLS. `wait_scale` multiplies the waits of Retry; 0 removes them.
    """

    def __init__(self, account: EmulatedAccount, *, wait_scale: float = 1.0) -> None:
        self._account = account
        self._wait_scale = wait_scale
        self._clients: dict[str, Any] = {}
        self._log = ""
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        if not PYTHON.exists():
            raise EmulatorFailedError(
                "ministack is not installed. Run `make .venv-ministack/installed`."
            )
        self._home = new_directory("ministack")
        self._gates = self._home / "gates"
        self.recorder = CallRecorder(self._home / "calls", self._account.environment())
        try:
            self.recorder.start()
            self._start()
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._stop()

    @property
    def url(self) -> str:
        """The endpoint of all services except RDS and Security Hub."""
        return f"https://{_HOST}:{self._port}"

    @property
    def scratch_directory(self) -> str:
        """A directory for temporary files, deleted with the emulator."""
        return str(self._home / "tmp")

    def environment(self) -> dict[str, str]:
        """Return the variables with which an AWS SDK, the AWS CLI, or SAM is the root user here."""
        return {
            **_ROOT_USER,
            **self._common_environment(),
            "AWS_CA_BUNDLE": str(self._roots),
            "AWS_ENDPOINT_URL": self.url,
            **self.recorder.endpoints(),
        }

    def client(self, service: str) -> Any:  # noqa: ANN401 - boto3 types a client by its name
        """Return a boto3 client with the permissions of the root user."""
        if service not in self._clients:
            session = boto3.Session(
                aws_access_key_id=_ROOT_USER["AWS_ACCESS_KEY_ID"],
                aws_secret_access_key=_ROOT_USER["AWS_SECRET_ACCESS_KEY"],
                region_name=REGION,
            )
            connect = cast("Callable[..., Any]", session.client)
            config = Config(
                proxies={},  # a proxy of the environment cannot reach loopback
                read_timeout=_READ_TIMEOUT_SECONDS,
                retries={"total_max_attempts": 1},
            )
            self._clients[service] = connect(
                service, endpoint_url=self.url, config=config, verify=str(self._roots)
            )
        return self._clients[service]

    def put_secret(self, name: str, username: str, password: str) -> str:
        """Store a login in the format of RDS's own secrets, and return the secret's ARN."""
        secret = self.client("secretsmanager").create_secret(
            Name=name, SecretString=json.dumps({"username": username, "password": password})
        )
        return str(secret["ARN"])

    @contextmanager
    def holding(self, state: str) -> Iterator[None]:
        """Hold each execution that reaches the state of this name until the block ends."""
        gate = self._gates / state
        gate.touch()
        try:
            yield
        finally:
            gate.unlink()
            gate.with_suffix(_HELD_SUFFIX).unlink(missing_ok=True)

    def wait_until_held(self, state: str, *, seconds: float = 200) -> None:
        """Wait until an execution is held at the state.

        Raises:
            TimeoutError: no execution has reached the state.

        """
        end = time.monotonic() + seconds
        while not (self._gates / state).with_suffix(_HELD_SUFFIX).exists():
            if time.monotonic() > end:
                raise TimeoutError(f"No execution reached {state} within {seconds} s.")
            time.sleep(_POLL_SECONDS)

    def log(self) -> str:
        """Return ministack's log, which contains the failures of functions."""
        with suppress(FileNotFoundError):
            self._log = (self._home / "log").read_text(errors="replace")
        return self._log

    def peak_memory(self) -> int:
        """Return the peak resident set size, in bytes, of the largest function process so far."""
        return 0 if self._process is None else peak_memory_of_group(self._process.pid)

    def _start(self) -> None:
        self._roots = self._write_certificate()
        self._port = _free_port()
        with (self._home / "log").open("wb") as log:
            self._process = subprocess.Popen(
                [PYTHON, "-m", "emulation.ministack_patches"],
                # ministack ends when this pipe closes, even if this process is killed.
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self._home,
                env=self._process_environment(),
                start_new_session=True,
            )
        self._wait_until_ready()

    def _write_certificate(self) -> Path:
        authority = RootAuthority.create("Root CA of the emulated AWS")
        issued = authority.issue([_HOST, "localhost"])
        (self._home / "server.pem").write_bytes(issued.certificate_pem)
        (self._home / "server.key").write_bytes(issued.key_pem)
        roots = self._home / "roots.pem"
        roots.write_bytes(authority.certificate_pem)
        return roots

    def _process_environment(self) -> Mapping[str, str]:
        """Return ministack's whole environment, which the functions inherit from it."""
        (self._home / "tmp").mkdir()
        self._gates.mkdir()
        return {
            **_ROOT_USER,
            **self._common_environment(),
            **self.recorder.endpoints(),
            "AUTH": "true",
            "AWS_CA_BUNDLE": str(self._roots),
            "BIND_HOST": _HOST,
            "EMULATION_CALLS_FILE": str(self._home / "calls"),
            "EMULATION_GATES_DIRECTORY": str(self._gates),
            "GATEWAY_PORT": str(self._port),
            "IOT_MTLS_ENABLED": "0",
            "MINISTACK_ACCOUNT_ID": ACCOUNT,
            "MINISTACK_HOST": _HOST,
            "MINISTACK_REGION": REGION,
            "MINISTACK_SSL_CERT": str(self._home / "server.pem"),
            "MINISTACK_SSL_KEY": str(self._home / "server.key"),
            "PATH": os.defpath,
            "PYTHONPATH": str(ROOT),
            "SFN_WAIT_SCALE": str(self._wait_scale),
            "SFTP_ENABLED": "0",
            "STATE_DIR": str(self._home / "state"),
            "TMPDIR": str(self._home / "tmp"),
            "USE_SSL": "1",
        }

    def _common_environment(self) -> dict[str, str]:
        return {
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_REGION": REGION,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "NO_PROXY": _HOST,
        }

    def _wait_until_ready(self) -> None:
        end = time.monotonic() + _START_TIMEOUT_SECONDS
        while time.monotonic() < end and self._process and self._process.poll() is None:
            if self._is_healthy():
                return
            time.sleep(_POLL_SECONDS)
        tail = "\n".join(self.log().splitlines()[-_LOG_LINES:])
        raise EmulatorFailedError(f"ministack did not start. Its log ends with:\n{tail}")

    def _is_healthy(self) -> bool:
        trust = ssl.create_default_context(cafile=self._roots)
        connection = HTTPSConnection(_HOST, self._port, timeout=1, context=trust)
        try:
            connection.request("GET", "/_ministack/health")
            return connection.getresponse().status == 200  # noqa: PLR2004 - OK
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()

    def _stop(self) -> None:
        for client in self._clients.values():
            client.close()
        self._clients.clear()
        process, self._process = self._process, None
        if process is not None:
            # The processes of the functions belong to the same process group.
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait(_STOP_TIMEOUT_SECONDS)
            if process.stdin is not None:
                process.stdin.close()
        self.recorder.stop()
        self.log()
        shutil.rmtree(self._home)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind((_HOST, 0))
        return int(free.getsockname()[1])
