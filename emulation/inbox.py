"""Subscribes to a topic of the emulator as people and as programs do, and keeps what comes."""

import json
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from emulation.emulator import Emulator

_HOST = "127.0.0.1"
_MESSAGES_PAGE = 10
_CONFIRM_SECONDS = 200
_MAIL_SECONDS = 200
_POLL_SECONDS = 0.05


class Inbox:
    """Two subscribers of one topic: a queue and, in place of mail, a web address.

    Both are new with every inbox; use it as a context manager.
    """

    def __init__(self, emulator: Emulator, topic_arn: str, *, name: str = "digests") -> None:
        self._sqs, self._sns = emulator.client("sqs"), emulator.client("sns")
        self._topic_arn = topic_arn
        self._name = name
        self._documents: list[dict[str, Any]] = []
        self._mails: list[tuple[str, str]] = []
        self._confirmed = threading.Event()
        self._server = ThreadingHTTPServer((_HOST, 0), _receiver(self._receive))
        self._server.daemon_threads = True

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        try:
            self._subscribe()
        except BaseException:
            self._close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._close()

    def digests(self) -> list[dict[str, Any]]:
        """Give the document of each message so far, as a program gets it from the queue."""
        while received := self._sqs.receive_message(
            QueueUrl=self._queue_url, MaxNumberOfMessages=_MESSAGES_PAGE
        ).get("Messages"):
            for message in received:
                self._documents.append(json.loads(json.loads(message["Body"])["Message"]))
                self._sqs.delete_message(
                    QueueUrl=self._queue_url, ReceiptHandle=message["ReceiptHandle"]
                )
        return list(self._documents)

    def mails(self) -> list[tuple[str, str]]:
        """Give subject and text of each message so far, as a mail subscriber gets it.

        What is in the queue already is on its way to the web address as well: it is waited for.
        """
        sent, end = len(self.digests()), time.monotonic() + _MAIL_SECONDS
        while len(self._mails) < sent:
            if time.monotonic() > end:
                raise TimeoutError(f"Of {sent} mails {len(self._mails)} came in {_MAIL_SECONDS} s.")
            time.sleep(_POLL_SECONDS)
        return list(self._mails)

    def _subscribe(self) -> None:
        self._queue_url = self._sqs.create_queue(QueueName=self._name)["QueueUrl"]
        attributes = {"QueueUrl": self._queue_url, "AttributeNames": ["QueueArn"]}
        queue_arn = self._sqs.get_queue_attributes(**attributes)["Attributes"]["QueueArn"]
        self._sqs.set_queue_attributes(
            QueueUrl=self._queue_url, Attributes={"Policy": _policy(queue_arn, self._topic_arn)}
        )
        self._sns.subscribe(TopicArn=self._topic_arn, Protocol="sqs", Endpoint=queue_arn)
        url = f"http://{_HOST}:{self._server.server_port}"
        self._sns.subscribe(TopicArn=self._topic_arn, Protocol="http", Endpoint=url)
        if not self._confirmed.wait(_CONFIRM_SECONDS):
            raise TimeoutError(f"{self._topic_arn} sent no confirmation in {_CONFIRM_SECONDS} s.")
        self._sns.confirm_subscription(TopicArn=self._topic_arn, Token=self._token)

    def _receive(self, message: dict[str, str]) -> None:
        if message["Type"] == "SubscriptionConfirmation":
            self._token = message["Token"]
            self._confirmed.set()
        else:
            self._mails.append((message.get("Subject", ""), message["Message"]))

    def _close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def _policy(queue_arn: str, topic_arn: str) -> str:
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": queue_arn,
        "Condition": {"ArnEquals": {"aws:SourceArn": topic_arn}},
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _receiver(receive: Callable[[dict[str, str]], None]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            """Take one message."""
            receive(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response_only(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Print nothing."""

    return Handler
