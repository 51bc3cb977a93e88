"""Security Hub: every failure of a call is told, and the call made again where that helps."""

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
class Answer:
    """What the hub says to one call."""

    status: int = 200
    body: bytes = b'{"FailedCount": 0, "SuccessCount": 0, "FailedFindings": []}'
    error: str | None = None


TAKEN = Answer()
DENIED = Answer(
    status=403,
    body=b'{"Message": "not authorized to perform\\u0007 this"}',
    error="AccessDeniedException",
)
PAGE = b"<html>Blocked</html>"


@dataclass
class Hub:
    """A hub of a few lines over HTTP: answers in turn, and keeps what it was sent."""

    answers: list[Answer] = field(default_factory=list)
    calls: list[list[dict[str, Any]]] = field(default_factory=list)

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        body = request.rfile.read(int(request.headers["Content-Length"]))
        self.calls.append(json.loads(body)["Findings"])
        said = self.answers.pop(0) if self.answers else TAKEN
        request.send_response(said.status)
        request.send_header("Content-Type", "application/json")
        request.send_header("Content-Length", str(len(said.body)))
        if said.error:
            request.send_header("x-amzn-ErrorType", said.error)
        request.end_headers()
        request.wfile.write(said.body)


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    listening = Hub()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            listening.answer(self)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

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
    return [{**VALID, "Id": f"finding-{it:03}"} for it in range(number)]


def ids(of: list[Finding]) -> set[str]:
    return {finding["Id"] for finding in of}


def refusing(*refused: Finding) -> Answer:
    """A 200 that tells of failures."""
    failed = [
        {"Id": it["Id"], "ErrorCode": "InvalidInput", "ErrorMessage": "Title"} for it in refused
    ]
    return Answer(
        body=json.dumps(
            {"FailedCount": len(failed), "SuccessCount": 0, "FailedFindings": failed}
        ).encode()
    )


def test_a_failure_in_a_200_is_read(hub: Hub) -> None:
    sent = findings(3)
    hub.answers = [refusing(sent[1])]

    imported = SecurityHub().import_findings(sent)

    assert imported.ids == {sent[0]["Id"], sent[2]["Id"]}
    (rejection,) = imported.rejected
    assert (rejection.id, rejection.code, rejection.message) == (
        sent[1]["Id"],
        "InvalidInput",
        "Title",
    )


def test_failures_of_every_call_come_together(hub: Hub) -> None:
    sent = findings(201)
    hub.answers = [refusing(sent[0]), TAKEN, refusing(sent[200])]

    imported = SecurityHub().import_findings(sent)

    assert [it.id for it in imported.rejected] == [sent[0]["Id"], sent[200]["Id"]]
    assert len(imported.ids) == 199


@pytest.mark.parametrize(
    ("answer", "code", "words"),
    [
        pytest.param(DENIED, "AccessDeniedException", "not authorized", id="denied"),
        pytest.param(Answer(status=403, body=PAGE), "403", "", id="page-of-a-proxy"),
        pytest.param(
            Answer(body=PAGE),
            "Unconfirmed",
            "",
            id="page-of-a-proxy-that-looks-like-success",
        ),
    ],
)
def test_a_call_that_fails_rejects_each_of_its_findings_and_no_other(
    hub: Hub, answer: Answer, code: str, words: str
) -> None:
    sent = findings(150)
    hub.answers = [answer, TAKEN]

    imported = SecurityHub().import_findings(sent)

    assert imported.ids == ids(sent[100:])
    assert [it.id for it in imported.rejected] == [it["Id"] for it in sent[:100]]
    assert {it.code for it in imported.rejected} == {code}
    assert all(words in it.message and it.message.isprintable() for it in imported.rejected)


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(Answer(status=429, body=PAGE), id="429-of-a-proxy"),
        pytest.param(Answer(status=429, error="TooManyRequestsException"), id="too-many-requests"),
        pytest.param(Answer(status=429, error="LimitExceededException"), id="limit-exceeded"),
        pytest.param(Answer(status=400, error="ThrottlingException"), id="throttling"),
        *(
            pytest.param(Answer(status=status, body=PAGE), id=f"{status}")
            for status in (500, 502, 503, 504)
        ),
    ],
)
def test_a_call_that_is_throttled_or_fails_inside_is_made_again(hub: Hub, answer: Answer) -> None:
    sent = findings(2)
    hub.answers = [answer, TAKEN]

    imported = SecurityHub().import_findings(sent)

    assert len(hub.calls) == 2
    assert imported == ImportResult(ids=frozenset(ids(sent)))


def test_a_finding_that_is_invalid_is_not_sent_again(hub: Hub) -> None:
    invalid = Answer(status=400, body=b'{"Message": "Title"}', error="InvalidInputException")
    hub.answers = [invalid, TAKEN]

    (rejection,) = SecurityHub().import_findings(findings(1)).rejected

    assert (rejection.code, len(hub.calls)) == ("InvalidInputException", 1)


@pytest.mark.parametrize(
    ("answers", "unsure"),
    [
        pytest.param([DENIED], False, id="denied"),
        pytest.param([Answer(status=429, body=PAGE)] * ATTEMPTS, True, id="tried-several-times"),
        pytest.param([Answer(status=503, body=PAGE)] * ATTEMPTS, True, id="503"),
        pytest.param([Answer(body=PAGE)], True, id="page-that-looks-like-success"),
    ],
)
def test_what_may_have_been_taken_without_an_answer_is_unsure(
    hub: Hub, answers: list[Answer], *, unsure: bool
) -> None:
    sent = findings(2)
    hub.answers = [*answers, TAKEN]

    imported = SecurityHub().import_findings(sent)

    assert imported.unconfirmed == (ids(sent) if unsure else frozenset())
    assert len(imported.rejected) == 2


def test_failures_that_are_counted_and_not_listed_leave_the_rest_unconfirmed(hub: Hub) -> None:
    sent = findings(3)
    listed = {"Id": sent[1]["Id"], "ErrorCode": "InvalidInput", "ErrorMessage": "Title"}
    body = json.dumps({"FailedCount": 2, "SuccessCount": 1, "FailedFindings": [listed]})
    hub.answers = [Answer(body=body.encode())]

    imported = SecurityHub().import_findings(sent)

    assert not imported.ids
    assert {it.id: it.code for it in imported.rejected} == {
        sent[0]["Id"]: "Unconfirmed",
        sent[1]["Id"]: "InvalidInput",
        sent[2]["Id"]: "Unconfirmed",
    }


def test_an_answer_that_lists_no_failures_at_all_took_everything(hub: Hub) -> None:
    sent = findings(2)
    hub.answers = [Answer(body=b'{"FailedCount": 0, "SuccessCount": 2}')]

    assert SecurityHub().import_findings(sent) == ImportResult(ids=frozenset(ids(sent)))


def test_nothing_to_send_makes_no_client() -> None:
    hub = SecurityHub(lambda: pytest.fail("a client is made"))

    assert hub.import_findings([]) == ImportResult()
