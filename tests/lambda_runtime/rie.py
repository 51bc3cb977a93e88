"""Runs a function that `sam build` has built as Lambda does, without Docker and AWS."""

import json
import os
import platform
import signal
import socket
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Mapping
from http.client import HTTPConnection
from pathlib import Path
from typing import Self

from tests.support.repository import ROOT

BUILD = ROOT / ".aws-sam" / "build"
LAYERS = ("RdsCaLayer", "RdsTlsAuditLayer")

# The packages that Lambda provides. The function can import nothing else from the virtual
# environment, so an import that the layers don't provide fails here as it does on Lambda.
RUNTIME = (
    "awslambdaric",
    "boto3",
    "botocore",
    "dateutil",
    "jmespath",
    "runtime_client.*.so",
    "s3transfer",
    "simplejson",
    "six.py",
    "snapshot_restore_py",
    "urllib3",
)

START_TIMEOUT_SECONDS = 200.0
STOP_TIMEOUT_SECONDS = 60.0


class InvocationFailed(Exception):  # noqa: N818 - named as Lambda's own outcome
    """The function raised an exception, timed out, or died."""

    def __init__(self, error_type: str, error_message: str) -> None:
        super().__init__(f"{error_type}: {error_message}")
        self.error_type = error_type
        self.error_message = error_message


class BuiltFunction:
    """A built function in the runtime interface emulator of the SAM CLI.

    Use it as a context manager, with one invocation at a time: the emulator crashes when it
    receives two at once.

    Args:
        name: The logical id of the function in the template.
        environment: The environment variables of the function. It inherits no others, so that it
            can't use the credentials of the developer.

    """

    def __init__(self, name: str, environment: Mapping[str, str]) -> None:
        self._name = name
        self._environment = environment
        self._log = b""

    def __enter__(self) -> Self:
        task = BUILD / self._name
        if not task.is_dir():
            raise FileNotFoundError(f"{task} is missing. Run `make build`.")
        self._folder = tempfile.TemporaryDirectory(prefix="rie-")
        self._log_path = Path(self._folder.name, "log")
        runtime = Path(self._folder.name, "runtime")
        runtime.mkdir()
        for module in RUNTIME:
            for installed in Path(sysconfig.get_path("purelib")).glob(module):
                (runtime / installed.name).symlink_to(installed)
        # Lambda searches the function first, then the layers, then the runtime.
        path = [task, *(BUILD / layer / "python" for layer in LAYERS), runtime]
        self._port, api_port = _free_ports()
        with self._log_path.open("wb") as log:
            self._process = subprocess.Popen(
                [
                    str(_emulator_path()),
                    "--runtime-interface-emulator-address",
                    f"127.0.0.1:{self._port}",
                    "--runtime-api-address",
                    f"127.0.0.1:{api_port}",
                    sys.executable,
                    "-S",  # without site-packages
                    "-m",
                    "awslambdaric",
                    "app.handler",
                ],
                cwd=task,
                env={
                    "AWS_LAMBDA_FUNCTION_NAME": self._name,
                    "PATH": os.defpath,
                    "PYTHONDONTWRITEBYTECODE": "1",  # the build must stay unchanged
                    "PYTHONPATH": os.pathsep.join(map(str, path)),
                    **self._environment,
                },
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            self._wait_until_listening()
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._stop()

    def invoke(self, event: object, *, timeout: float = 500.0) -> object:
        """Return the handler's result for this event.

        Raises:
            InvocationFailed: the handler raised an exception, or the process died.
            TimeoutError: there was no result after `timeout` seconds.

        """
        connection = HTTPConnection("127.0.0.1", self._port, timeout=timeout)
        try:
            connection.request(
                "POST", "/2015-03-31/functions/function/invocations", json.dumps(event)
            )
            body = connection.getresponse().read()
        finally:
            connection.close()
        return _parse_result(body)

    def log(self) -> str:
        """Return the log of the function and the emulator so far."""
        if self._log_path.exists():
            self._log = self._log_path.read_bytes()
        return self._log.decode(errors="replace")

    def _wait_until_listening(self) -> None:
        end = time.monotonic() + START_TIMEOUT_SECONDS
        while time.monotonic() < end:
            if self._process.poll() is not None:
                break
            try:
                socket.create_connection(("127.0.0.1", self._port), timeout=1).close()
            except ConnectionRefusedError:
                time.sleep(0.02)
            else:
                return
        raise TimeoutError(f"The emulator of {self._name} did not start. Its log:\n{self.log()}")

    def _stop(self) -> None:
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(STOP_TIMEOUT_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self.log()
        self._folder.cleanup()


def _parse_result(body: bytes) -> object:
    """Return the result, or raise the failure: the emulator sends both with status 200."""
    try:
        result: object = json.loads(body)
    except ValueError:
        raise InvocationFailed("Emulator", body.decode(errors="replace")) from None
    if isinstance(result, dict) and "errorMessage" in result:
        raise InvocationFailed(str(result.get("errorType")), str(result["errorMessage"]))
    return result


def _emulator_path() -> Path:
    architecture = {"aarch64": "arm64", "arm64": "arm64"}.get(platform.machine(), "x86_64")
    found = next(
        ROOT.glob(
            f".venv-sam/lib/*/site-packages/samcli/local/rapid/aws-lambda-rie-{architecture}"
        ),
        None,
    )
    if found is None:
        raise FileNotFoundError(
            "The runtime interface emulator is missing from .venv-sam. Run `make build`."
        )
    return found


def _free_ports() -> tuple[int, int]:
    # Both sockets stay open until both ports are known, so that the ports differ.
    with socket.socket() as first, socket.socket() as second:
        first.bind(("127.0.0.1", 0))
        second.bind(("127.0.0.1", 0))
        return first.getsockname()[1], second.getsockname()[1]
