"""Records which role called which AWS operation.

ministack writes its IAM decisions to a file. A forwarder records the calls to the services of the
emulated account, which ministack does not serve.
"""

import json
import re
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import SplitResult, parse_qs, urlsplit

from botocore.loaders import Loader

_HOST = "127.0.0.1"
_SERVICES = ("rds", "securityhub")
"""The services of the emulated account that the deployed functions use."""
_TIMEOUT_SECONDS = 300
_KEY = re.compile(r"Credential=([^/]+)/\d+/[^/]+/([^/]+)/")
_HOP_BY_HOP = {"connection", "content-length", "keep-alive", "transfer-encoding", "host"}


class Call(NamedTuple):
    """A call of an AWS operation."""

    role: str
    """The name of the caller's role; empty for the root user and unknown callers."""
    action: str
    """The IAM action, such as `s3:PutObject`."""
    resource: str
    """The ARN of the resource; `*` if the action has none or the emulated account served it."""
    allowed: bool
    """Whether IAM allowed the call; always true if the emulated account served it."""


class CallRecorder:
    """Reads the decisions that `ministack_patches.iam_decisions` writes, and forwards calls."""

    def __init__(self, decisions: Path, account: Mapping[str, str]) -> None:
        """Prepare a recorder.

        Args:
            decisions: The file of ministack's IAM decisions.
            account: The environment variables with which an SDK uses the emulated account.

        """
        self._decisions = decisions
        self._account = account
        self._lines: list[str] = []
        self._forwarded: list[tuple[str, str]] = []
        self._lock = threading.Lock()
        self._server: ThreadingHTTPServer | None = None

    def start(self) -> None:
        """Start the forwarder."""
        self._server = ThreadingHTTPServer((_HOST, 0), self._handler())
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        """Stop the forwarder; the recorded calls stay readable."""
        server, self._server = self._server, None
        if server is not None:
            server.shutdown()
            server.server_close()
        self._read_decisions()

    def endpoints(self) -> dict[str, str]:
        """Return the environment variables with which an SDK uses the forwarder."""
        if self._server is None:
            raise RuntimeError("The recorder is not running. Call start() first.")
        url = f"http://{_HOST}:{self._server.server_port}"
        return {f"AWS_ENDPOINT_URL_{service.upper()}": url for service in _SERVICES}

    def calls(self) -> Counter[Call]:
        """Count the calls so far, except those of the root user."""
        entries = list(map(json.loads, self._read_decisions()))
        principals = {
            entry["access_key"]: entry["principal"] for entry in entries if "access_key" in entry
        }
        served_by_ministack = (
            Call(
                _role_name(entry["principal"]), entry["action"], entry["resource"], entry["allowed"]
            )
            for entry in entries
            if "action" in entry
        )
        with self._lock:
            served_by_account = [
                Call(_role_name(principals.get(key, "")), action, "*", allowed=True)
                for key, action in self._forwarded
            ]
        return Counter(call for call in (*served_by_ministack, *served_by_account) if call.role)

    def _read_decisions(self) -> list[str]:
        if self._decisions.exists():
            # The last line can be incomplete.
            self._lines = self._decisions.read_text().split("\n")[:-1]
        return self._lines

    def _endpoint(self, authorization: str) -> SplitResult:
        found = _KEY.search(authorization)
        name = f"AWS_ENDPOINT_URL_{found[2].upper() if found else ''}"
        return urlsplit(self._account.get(name, self._account["AWS_ENDPOINT_URL"]))

    def _record(self, method: str, path: str, authorization: str, body: bytes) -> None:
        found = _KEY.search(authorization)
        if found:
            key, service = found.groups()
            action = f"{service}:{_operation_name(service, method, path, body)}"
            with self._lock:
                self._forwarded.append((key, action))

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        recorder = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_one_request(self) -> None:
                """Handle a request of any method."""
                self.raw_requestline = self.rfile.readline()
                if not self.raw_requestline:
                    self.close_connection = True
                elif self.parse_request():
                    self._forward()
                    self.wfile.flush()

            def log_message(self, *_: object) -> None:
                """Print nothing."""

            def _forward(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
                authorization = self.headers.get("Authorization", "")
                recorder._record(self.command, self.path, authorization, body)
                endpoint = recorder._endpoint(authorization)
                service = HTTPConnection(
                    endpoint.hostname or _HOST, endpoint.port, timeout=_TIMEOUT_SECONDS
                )
                try:
                    service.request(
                        self.command, self.path, body, _end_to_end_headers(self.headers)
                    )
                    response = service.getresponse()
                    content = response.read()
                finally:
                    service.close()
                self.send_response_only(response.status)
                for name, value in _end_to_end_headers(response.headers).items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

        return Handler


def _end_to_end_headers(headers: Any) -> dict[str, str]:  # noqa: ANN401 - of http.client or http.server
    return {name: value for name, value in headers.items() if name.lower() not in _HOP_BY_HOP}


def _role_name(principal: str) -> str:
    """Return NAME of `arn:aws:sts::123456789012:assumed-role/NAME/SESSION`, or an empty string."""
    _, found, session = principal.partition(":assumed-role/")
    return session.partition("/")[0] if found else ""


def _operation_name(service: str, method: str, path: str, body: bytes) -> str:
    url = urlsplit(path)
    actions = parse_qs(body.decode(errors="replace")).get("Action")
    if actions:  # the query protocol
        return actions[0]
    for name, operation_method, pattern in _operations(service):
        if method == operation_method and pattern.fullmatch(url.path):
            return name
    return f"{method} {url.path}"


@cache
def _operations(service: str) -> list[tuple[str, str, re.Pattern[str]]]:
    """Return name, method, and path of each operation of a service with a REST protocol."""
    return list(_rest_operations(Loader().load_service_model(service, "service-2")))


def _rest_operations(model: Mapping[str, Any]) -> Iterator[tuple[str, str, re.Pattern[str]]]:
    for name, operation in model["operations"].items():
        path = operation["http"]["requestUri"].partition("?")[0]
        pattern = re.sub(r"\\\{[^}]+?(\\\+)?\\\}", ".+", re.escape(path))
        yield name, operation["http"]["method"], re.compile(pattern)
