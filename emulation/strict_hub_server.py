"""Serves a hub in memory over HTTP, for the calls of it that are made here."""

import json
import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple, Self

from emulation.strict_hub import HubError, MemoryHub

_HOST = "127.0.0.1"
_MOST_OF_A_PAGE = 100
_STATUSES = {
    "AccessDeniedException": 403,
    "InternalException": 500,
    "InvalidAccessException": 401,
    "LimitExceededException": 429,
    "ServiceUnavailableException": 503,
    "TooManyRequestsException": 429,
}

type Call = Callable[[MemoryHub, Mapping[str, Any]], Mapping[str, object]]


def status_of(error: HubError) -> int:
    """Give the HTTP status of an error, as the service model has it."""
    return _STATUSES.get(error.code, 400)


class Outcome(NamedTuple):
    """The answer to a request."""

    status: int
    body: Mapping[str, object]
    error: str | None = None


class HubServer:
    """Security Hub on loopback, one `hub` behind it; use it as a context manager."""

    def __init__(self) -> None:
        self.hub = MemoryHub()
        self._lock = threading.Lock()
        self._server: ThreadingHTTPServer | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Open the port."""
        self._server = ThreadingHTTPServer((_HOST, 0), self._handler())
        serve = self._server.serve_forever
        threading.Thread(target=serve, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def stop(self) -> None:
        """Close it; what the hub holds stays readable."""
        server, self._server = self._server, None
        if server is not None:
            server.shutdown()
            server.server_close()

    @property
    def url(self) -> str:
        """The endpoint; empty before the start."""
        return f"http://{_HOST}:{self._server.server_port}" if self._server else ""

    def environment(self) -> dict[str, str]:
        """Give the variable that leads an SDK here, and for this service only."""
        return {"AWS_ENDPOINT_URL_SECURITYHUB": self.url}

    def _answer(self, method: str, path: str, body: bytes) -> Outcome:
        call = _CALLS.get((method, path))
        if call is None:
            return Outcome(404, {"Message": f"{method} {path}"}, "UnknownOperationException")
        try:
            with self._lock:
                return Outcome(200, call(self.hub, json.loads(body or b"{}")))
        except HubError as error:
            return Outcome(status_of(error), {"Message": str(error)}, error.code)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        answer = self._answer

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self._serve()

            def do_PATCH(self) -> None:
                self._serve()

            def log_message(self, *_: object) -> None:
                """Print nothing."""

            def _serve(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
                outcome = answer(self.command, self.path, body)
                content = json.dumps(outcome.body).encode()
                self.send_response(outcome.status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                if outcome.error:
                    self.send_header("x-amzn-ErrorType", outcome.error)
                self.end_headers()
                self.wfile.write(content)

        return Handler


def import_findings(hub: MemoryHub, asked: Mapping[str, Any]) -> Mapping[str, object]:
    """Answer BatchImportFindings."""
    failures = hub.import_batch(asked["Findings"])
    return {
        "FailedCount": len(failures),
        "SuccessCount": len(asked["Findings"]) - len(failures),
        "FailedFindings": [
            {"Id": it.id, "ErrorCode": it.code, "ErrorMessage": it.message} for it in failures
        ],
    }


def get_findings(hub: MemoryHub, asked: Mapping[str, Any]) -> Mapping[str, object]:
    """Answer GetFindings, a page at a time."""
    size = asked.get("MaxResults", _MOST_OF_A_PAGE)
    if not 1 <= size <= _MOST_OF_A_PAGE:
        raise HubError("InvalidInputException", f"a page of {size}")
    found = hub.get(asked.get("Filters", {}))
    start = int(asked.get("NextToken", "0"))
    end = start + size
    more = {"NextToken": str(end)} if end < len(found) else {}
    return {"Findings": found[start:end], **more}


def update_findings(hub: MemoryHub, asked: Mapping[str, Any]) -> Mapping[str, object]:
    """Answer BatchUpdateFindings, of a workflow status."""
    identifiers = asked["FindingIdentifiers"]
    failures = hub.update_workflow(identifiers, asked["Workflow"]["Status"])
    failed = {it.id: it for it in failures}
    return {
        "ProcessedFindings": [it for it in identifiers if it["Id"] not in failed],
        "UnprocessedFindings": [
            {
                "FindingIdentifier": it,
                "ErrorCode": failed[it["Id"]].code,
                "ErrorMessage": failed[it["Id"]].message,
            }
            for it in identifiers
            if it["Id"] in failed
        ],
    }


_CALLS: Mapping[tuple[str, str], Call] = {
    ("POST", "/findings/import"): import_findings,
    ("POST", "/findings"): get_findings,
    ("PATCH", "/findings/batchupdate"): update_findings,
}
