"""Every failed call to Security Hub is reported, and repeated if that can help."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from rds_tls_audit.adapters.security_hub.client import ATTEMPTS, SecurityHub
from rds_tls_audit.findings.asff import Finding
from rds_tls_audit.findings.import_result import ImportResult
from tests.support.valid_finding import VALID


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """The response of Security Hub to one call."""

    status: int = 200
    body: bytes = b'{"FailedCount": 0, "SuccessCount": 0, "FailedFindings": []}'
    error: str | None = None


ACCEPTED = Response()
DENIED = Response(
    status=403,
    body=b'{"Message": "not authorized to perform\\u0007 this"}',
    error="AccessDeniedException",
)
PROXY_PAGE = b"<html>Blocked</html>"


@dataclass
class Hub:
    """A minimal Security Hub over HTTP: responds in order, and keeps the findings it received."""

    responses: list[Response] = field(default_factory=list)
    calls: list[list[dict[str, Any]]] = field(default_factory=list)

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        body = request.rfile.read(int(request.headers["Content-Length"]))
        self.calls.append(json.loads(body)["Findings"])
        response = self.responses.pop(0) if self.responses else ACCEPTED
        request.send_response(response.status)
        request.send_header("Content-Type", "application/json")
        request.send_header("Content-Length", str(len(response.body)))
        if response.error:
            request.send_header("x-amzn-ErrorType", response.error)
        request.end_headers()
        request.wfile.write(response.body)


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    listening = Hub()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            listening.answer(self)

        def log_message(self, *_: object) -> None:
            """Suppress the log."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        for name, value in {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{server.server_port}",
            "AWS_REGION": "eu-central-1",
            "AWS_DEFAULT_REGION": "eu-central-1",
            "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
            "AWS_SECRET_ACCESS_KEY": "local",
            "NO_PROXY": "127.0.0.1",
            "no_proxy": "127.0.0.1",
        }.items():
            monkeypatch.setenv(name, value)
        yield listening
        server.shutdown()
        thread.join()


def findings(number: int) -> list[Finding]:
    return [{**VALID, "Id": f"finding-{index:03}"} for index in range(number)]


def ids(of: list[Finding]) -> set[str]:
    return {finding["Id"] for finding in of}


def refusing(*refused: Finding) -> Response:
    """Return a response with status 200 that reports failed findings."""
    failed = [
        {"Id": finding["Id"], "ErrorCode": "InvalidInput", "ErrorMessage": "Title"}
        for finding in refused
    ]
    return Response(
        body=json.dumps(
            {"FailedCount": len(failed), "SuccessCount": 0, "FailedFindings": failed}
        ).encode()
    )


def test_a_failed_finding_in_a_successful_call_is_reported(hub: Hub) -> None:
    sent = findings(3)
    hub.responses = [refusing(sent[1])]

    imported = SecurityHub().import_findings(sent)

    assert imported.ids == {sent[0]["Id"], sent[2]["Id"]}
    (rejection,) = imported.rejected
    assert (rejection.id, rejection.code, rejection.message) == (
        sent[1]["Id"],
        "InvalidInput",
        "Title",
    )


def test_the_failures_of_all_calls_are_reported(hub: Hub) -> None:
    sent = findings(201)
    hub.responses = [refusing(sent[0]), ACCEPTED, refusing(sent[200])]

    imported = SecurityHub().import_findings(sent)

    assert [rejection.id for rejection in imported.rejected] == [sent[0]["Id"], sent[200]["Id"]]
    assert len(imported.ids) == 199


@pytest.mark.parametrize(
    ("response", "code", "words"),
    [
        pytest.param(DENIED, "AccessDeniedException", "not authorized", id="denied"),
        pytest.param(Response(status=403, body=PROXY_PAGE), "403", "", id="page-of-a-proxy"),
        pytest.param(
            Response(body=PROXY_PAGE),
            "Unconfirmed",
            "",
            id="page-of-a-proxy-that-looks-like-success",
        ),
    ],
)
def test_a_failed_call_rejects_each_of_its_findings_and_no_other(
    hub: Hub, response: Response, code: str, words: str
) -> None:
    sent = findings(150)
    hub.responses = [response, ACCEPTED]

    imported = SecurityHub().import_findings(sent)

    assert imported.ids == ids(sent[100:])
    assert [rejection.id for rejection in imported.rejected] == [
        finding["Id"] for finding in sent[:100]
    ]
    assert {rejection.code for rejection in imported.rejected} == {code}
    messages = [rejection.message for rejection in imported.rejected]
    assert all(words in message and message.isprintable() for message in messages)


@pytest.mark.parametrize(
    "response",
    [
        pytest.param(Response(status=429, body=PROXY_PAGE), id="429-of-a-proxy"),
        pytest.param(
            Response(status=429, error="TooManyRequestsException"), id="too-many-requests"
        ),
        pytest.param(Response(status=429, error="LimitExceededException"), id="limit-exceeded"),
        pytest.param(Response(status=400, error="ThrottlingException"), id="throttling"),
        *(
            pytest.param(Response(status=status, body=PROXY_PAGE), id=f"{status}")
            for status in (500, 502, 503, 504)
        ),
    ],
)
def test_a_call_that_is_throttled_or_fails_internally_is_repeated(
    hub: Hub, response: Response
) -> None:
    sent = findings(2)
    hub.responses = [response, ACCEPTED]

    imported = SecurityHub().import_findings(sent)

    assert len(hub.calls) == 2
    assert imported == ImportResult(ids=frozenset(ids(sent)))


def test_an_invalid_finding_is_not_sent_again(hub: Hub) -> None:
    invalid = Response(status=400, body=b'{"Message": "Title"}', error="InvalidInputException")
    hub.responses = [invalid, ACCEPTED]

    (rejection,) = SecurityHub().import_findings(findings(1)).rejected

    assert (rejection.code, len(hub.calls)) == ("InvalidInputException", 1)


@pytest.mark.parametrize(
    ("responses", "unconfirmed"),
    [
        pytest.param([DENIED], False, id="denied"),
        pytest.param(
            [Response(status=429, body=PROXY_PAGE)] * ATTEMPTS, True, id="tried-several-times"
        ),
        pytest.param([Response(status=503, body=PROXY_PAGE)] * ATTEMPTS, True, id="503"),
        pytest.param([Response(body=PROXY_PAGE)], True, id="page-that-looks-like-success"),
    ],
)
def test_findings_that_may_have_been_imported_without_a_response_are_unconfirmed(
    hub: Hub, responses: list[Response], *, unconfirmed: bool
) -> None:
    sent = findings(2)
    hub.responses = [*responses, ACCEPTED]

    imported = SecurityHub().import_findings(sent)

    assert imported.unconfirmed == (ids(sent) if unconfirmed else frozenset())
    assert len(imported.rejected) == 2


def test_findings_are_unconfirmed_if_more_failures_are_counted_than_listed(hub: Hub) -> None:
    sent = findings(3)
    listed = {"Id": sent[1]["Id"], "ErrorCode": "InvalidInput", "ErrorMessage": "Title"}
    body = json.dumps({"FailedCount": 2, "SuccessCount": 1, "FailedFindings": [listed]})
    hub.responses = [Response(body=body.encode())]

    imported = SecurityHub().import_findings(sent)

    assert not imported.ids
    assert {rejection.id: rejection.code for rejection in imported.rejected} == {
        sent[0]["Id"]: "Unconfirmed",
        sent[1]["Id"]: "InvalidInput",
        sent[2]["Id"]: "Unconfirmed",
    }


def test_a_response_without_a_list_of_failures_has_accepted_everything(hub: Hub) -> None:
    sent = findings(2)
    hub.responses = [Response(body=b'{"FailedCount": 0, "SuccessCount": 2}')]

    assert SecurityHub().import_findings(sent) == ImportResult(ids=frozenset(ids(sent)))


def test_without_findings_no_client_is_created() -> None:
    hub = SecurityHub(lambda: pytest.fail("a client was created"))

    assert hub.import_findings([]) == ImportResult()
