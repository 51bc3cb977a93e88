"""Subscribes to a topic of the emulator by queue and by web address, and keeps the messages."""

import json
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from emulation.emulator import Emulator

_HOST = "127.0.0.1"
_MESSAGES_PER_REQUEST = 10
_CONFIRMATION_TIMEOUT_SECONDS = 200
_EMAIL_TIMEOUT_SECONDS = 200
_POLL_SECONDS = 0.05


class Inbox:
    """Two subscriptions to a topic: a queue for programs, and a web address instead of email.

    Each inbox creates new ones. Use it as a context manager.
    """

    def __init__(self, emulator: Emulator, topic_arn: str, *, name: str = "digests") -> None:
        self._sqs, self._sns = emulator.client("sqs"), emulator.client("sns")
        self._topic_arn = topic_arn
        self._name = name
        self._documents: list[dict[str, Any]] = []
        self._emails: list[tuple[str, str]] = []
        self._confirmed = threading.Event()
        self._server = ThreadingHTTPServer((_HOST, 0), _handler(self._receive))
        self._server.daemon_threads = True

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        try:
            self._subscribe()
        except BaseException:
            self._close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    def digests(self) -> list[dict[str, Any]]:
        """Return the JSON document of each message so far, as a program gets it from the queue."""
        while received := self._sqs.receive_message(
            QueueUrl=self._queue_url, MaxNumberOfMessages=_MESSAGES_PER_REQUEST
        ).get("Messages"):
            for message in received:
                self._documents.append(json.loads(json.loads(message["Body"])["Message"]))
                self._sqs.delete_message(
                    QueueUrl=self._queue_url, ReceiptHandle=message["ReceiptHandle"]
                )
        return list(self._documents)

    def emails(self) -> list[tuple[str, str]]:
        """Return subject and text of each message so far, as an email subscriber gets it.

        Waits until each message that is already in the queue has reached the web address, too.

        Raises:
            TimeoutError: a message has not reached it.

        """
        expected = len(self.digests())
        end = time.monotonic() + _EMAIL_TIMEOUT_SECONDS
        while len(self._emails) < expected:
            if time.monotonic() > end:
                raise TimeoutError(
                    f"Only {len(self._emails)} of {expected} emails arrived within "
                    f"{_EMAIL_TIMEOUT_SECONDS} s."
                )
            time.sleep(_POLL_SECONDS)
        return list(self._emails)

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
        if not self._confirmed.wait(_CONFIRMATION_TIMEOUT_SECONDS):
            raise TimeoutError(
                f"{self._topic_arn} sent no subscription confirmation within "
                f"{_CONFIRMATION_TIMEOUT_SECONDS} s."
            )
        self._sns.confirm_subscription(TopicArn=self._topic_arn, Token=self._token)

    def _receive(self, message: dict[str, str]) -> None:
        if message["Type"] == "SubscriptionConfirmation":
            self._token = message["Token"]
            self._confirmed.set()
        else:
            self._emails.append((message.get("Subject", ""), message["Message"]))

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


def _handler(receive: Callable[[dict[str, str]], None]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            """Receive one message."""
            receive(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response_only(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Print nothing."""

    return Handler
