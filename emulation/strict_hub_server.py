"""Serves a Security Hub in memory over HTTP, for the operations that the audit calls."""

import json
import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple, Self

from emulation.strict_hub import HubError, InMemoryHub

_HOST = "127.0.0.1"
_MAX_RESULTS = 100
_STATUSES = {
    "AccessDeniedException": 403,
    "InternalException": 500,
    "InvalidAccessException": 401,
    "LimitExceededException": 429,
    "ServiceUnavailableException": 503,
    "TooManyRequestsException": 429,
}

type Call = Callable[[InMemoryHub, Mapping[str, Any]], Mapping[str, object]]


def http_status(error: HubError) -> int:
    """Return the HTTP status that the service model assigns to an error."""
    return _STATUSES.get(error.code, 400)


class Response(NamedTuple):
    """The response to a request."""

    status: int
    body: Mapping[str, object]
    error: str | None = None


class HubServer:
    """Serves `hub` on loopback; use it as a context manager."""

    def __init__(self) -> None:
        self.hub = InMemoryHub()
        self._lock = threading.Lock()
        self._server: ThreadingHTTPServer | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start the server."""
        self._server = ThreadingHTTPServer((_HOST, 0), self._handler())
        serve = self._server.serve_forever
        threading.Thread(target=serve, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def stop(self) -> None:
        """Stop the server; the hub stays readable."""
        server, self._server = self._server, None
        if server is not None:
            server.shutdown()
            server.server_close()

    @property
    def url(self) -> str:
        """The endpoint; empty before the start."""
        return f"http://{_HOST}:{self._server.server_port}" if self._server else ""

    def environment(self) -> dict[str, str]:
        """Return the environment variable with which an SDK uses this server."""
        return {"AWS_ENDPOINT_URL_SECURITYHUB": self.url}

    def _respond(self, method: str, path: str, body: bytes) -> Response:
        call = _CALLS.get((method, path))
        if call is None:
            return Response(404, {"Message": f"{method} {path}"}, "UnknownOperationException")
        try:
            with self._lock:
                return Response(200, call(self.hub, json.loads(body or b"{}")))
        except HubError as error:
            return Response(http_status(error), {"Message": str(error)}, error.code)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        respond = self._respond

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self._serve()

            def do_PATCH(self) -> None:
                self._serve()

            def log_message(self, *_: object) -> None:
                """Print nothing."""

            def _serve(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
                response = respond(self.command, self.path, body)
                content = json.dumps(response.body).encode()
                self.send_response(response.status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                if response.error:
                    self.send_header("x-amzn-ErrorType", response.error)
                self.end_headers()
                self.wfile.write(content)

        return Handler


def import_findings(hub: InMemoryHub, request: Mapping[str, Any]) -> Mapping[str, object]:
    """Handle BatchImportFindings."""
    failures = hub.import_batch(request["Findings"])
    return {
        "FailedCount": len(failures),
        "SuccessCount": len(request["Findings"]) - len(failures),
        "FailedFindings": [
            {"Id": failure.id, "ErrorCode": failure.code, "ErrorMessage": failure.message}
            for failure in failures
        ],
    }


def get_findings(hub: InMemoryHub, request: Mapping[str, Any]) -> Mapping[str, object]:
    """Handle GetFindings, which returns one page per call."""
    size = request.get("MaxResults", _MAX_RESULTS)
    if not 1 <= size <= _MAX_RESULTS:
        raise HubError("InvalidInputException", f"Invalid MaxResults: {size}")
    found = hub.get_findings(request.get("Filters", {}))
    start = int(request.get("NextToken", "0"))
    end = start + size
    more = {"NextToken": str(end)} if end < len(found) else {}
    return {"Findings": found[start:end], **more}


def update_findings(hub: InMemoryHub, request: Mapping[str, Any]) -> Mapping[str, object]:
    """Handle BatchUpdateFindings, which sets the workflow status here."""
    identifiers = request["FindingIdentifiers"]
    failures = hub.update_workflow(identifiers, request["Workflow"]["Status"])
    failed = {failure.id: failure for failure in failures}
    return {
        "ProcessedFindings": [
            identifier for identifier in identifiers if identifier["Id"] not in failed
        ],
        "UnprocessedFindings": [
            {
                "FindingIdentifier": identifier,
                "ErrorCode": failed[identifier["Id"]].code,
                "ErrorMessage": failed[identifier["Id"]].message,
            }
            for identifier in identifiers
            if identifier["Id"] in failed
        ],
    }


_CALLS: Mapping[tuple[str, str], Call] = {
    ("POST", "/findings/import"): import_findings,
    ("POST", "/findings"): get_findings,
    ("PATCH", "/findings/batchupdate"): update_findings,
}
