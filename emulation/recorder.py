"""Records which role called which AWS operation: ministack's decisions, and a forwarder."""

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
"""What the local account serves to the deployed functions."""
_PATIENCE_SECONDS = 300
_KEY = re.compile(r"Credential=([^/]+)/\d+/[^/]+/([^/]+)/")
_HOP_BY_HOP = {"connection", "content-length", "keep-alive", "transfer-encoding", "host"}


class Call(NamedTuple):
    """One AWS operation, by whom; `action` as IAM names it: `s3:PutObject`."""

    role: str
    """Name of the role; empty for the root user and for whoever is unknown."""
    action: str
    resource: str
    """Its ARN; `*` where the operation has none, or the local account served it."""
    allowed: bool
    """The local account allows everything."""


class Recorder:
    """Reads what `ministack_patches.decisions` writes, and stands before the local account."""

    def __init__(self, decisions: Path, account: Mapping[str, str]) -> None:
        """Take the file, and the environment that leads to the local account."""
        self._decisions = decisions
        self._account = account
        self._lines: list[str] = []
        self._forwarded: list[tuple[str, str]] = []
        self._lock = threading.Lock()
        self._server: ThreadingHTTPServer | None = None

    def start(self) -> None:
        """Open the port of the forwarder."""
        self._server = ThreadingHTTPServer((_HOST, 0), self._handler())
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        """Close it; what was recorded stays readable."""
        server, self._server = self._server, None
        if server is not None:
            server.shutdown()
            server.server_close()
        self._read()

    def endpoints(self) -> dict[str, str]:
        """Give the variables that lead an SDK through the forwarder."""
        if self._server is None:
            raise RuntimeError("The recorder is not running: call start() first.")
        url = f"http://{_HOST}:{self._server.server_port}"
        return {f"AWS_ENDPOINT_URL_{service.upper()}": url for service in _SERVICES}

    def calls(self) -> Counter[Call]:
        """Count every call so far of everybody but the root user."""
        entries = list(map(json.loads, self._read()))
        principals = {
            entry["access_key"]: entry["principal"] for entry in entries if "access_key" in entry
        }
        decided = (
            Call(_role(entry["principal"]), entry["action"], entry["resource"], entry["allowed"])
            for entry in entries
            if "action" in entry
        )
        with self._lock:
            forwarded = [
                Call(_role(principals.get(key, "")), action, "*", allowed=True)
                for key, action in self._forwarded
            ]
        return Counter(call for call in (*decided, *forwarded) if call.role)

    def _read(self) -> list[str]:
        if self._decisions.exists():
            # The last line may be half written.
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
            action = f"{service}:{_operation(service, method, path, body)}"
            with self._lock:
                self._forwarded.append((key, action))

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        recorder = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_one_request(self) -> None:
                """Read the request line; the rest is the same for every method."""
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
                    endpoint.hostname or _HOST, endpoint.port, timeout=_PATIENCE_SECONDS
                )
                try:
                    service.request(self.command, self.path, body, _passed_on(self.headers))
                    answer = service.getresponse()
                    content = answer.read()
                finally:
                    service.close()
                self.send_response_only(answer.status)
                for name, value in _passed_on(answer.headers).items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

        return Handler


def _passed_on(headers: Any) -> dict[str, str]:  # noqa: ANN401 - email.message.Message of either side
    return {name: value for name, value in headers.items() if name.lower() not in _HOP_BY_HOP}


def _role(principal: str) -> str:
    """Take the name of the role from `arn:aws:sts::123456789012:assumed-role/NAME/SESSION`."""
    _, found, session = principal.partition(":assumed-role/")
    return session.partition("/")[0] if found else ""


def _operation(service: str, method: str, path: str, body: bytes) -> str:
    url = urlsplit(path)
    named = parse_qs(body.decode(errors="replace")).get("Action")
    if named:  # the query protocol
        return named[0]
    for name, operation_method, pattern in _operations(service):
        if method == operation_method and pattern.fullmatch(url.path):
            return name
    return f"{method} {url.path}"


@cache
def _operations(service: str) -> list[tuple[str, str, re.Pattern[str]]]:
    """Give name, method and path of the operations of a service with a REST protocol."""
    return list(_rest_operations(Loader().load_service_model(service, "service-2")))


def _rest_operations(model: Mapping[str, Any]) -> Iterator[tuple[str, str, re.Pattern[str]]]:
    for name, operation in model["operations"].items():
        path = operation["http"]["requestUri"].partition("?")[0]
        pattern = re.sub(r"\\\{[^}]+?(\\\+)?\\\}", ".+", re.escape(path))
        yield name, operation["http"]["method"], re.compile(pattern)
