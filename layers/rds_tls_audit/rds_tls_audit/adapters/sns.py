"""Publish digests to SNS topics, for e-mail, programs, and chat channels."""

import json
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

from rds_tls_audit.digest.message import Digest
from rds_tls_audit.fleet.arn import Arn

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient

_PROGRAMS = ("sqs", "lambda", "https")
"""The protocols whose subscribers receive the JSON document; all others receive the e-mail text."""

# The limits leave the run time to finish; if the digest cannot be sent, the execution fails.
_BOUNDED = Config(
    connect_timeout=3, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 4}
)


class Topic:
    """A topic for e-mail and for programs."""

    def __init__(self, arn: str) -> None:
        """Publish to this topic, in any Region."""
        self._arn = arn

    def publish(self, digest: Digest) -> None:
        """Publish a digest: the text for people, the JSON document for queues and functions."""
        _client(self._arn).publish(
            TopicArn=self._arn,
            Subject=digest.subject,
            MessageStructure="json",
            Message=json.dumps(
                {"default": digest.text, **dict.fromkeys(_PROGRAMS, digest.document)},
                ensure_ascii=False,
            ),
            MessageAttributes={
                name: {"DataType": "String", "StringValue": value}
                for name, value in digest.attributes.items()
            },
        )


class ChatTopic:
    """A topic for chat channels only."""

    def __init__(self, arn: str) -> None:
        """Publish to this topic, in any Region."""
        self._arn = arn

    def publish(self, message: str) -> None:
        """Publish a message that `write_chat_message` has written."""
        _client(self._arn).publish(TopicArn=self._arn, Message=message)


def _client(arn: str) -> "SNSClient":
    # The client is created when there is something to send, which is rare. It must be in the Region
    # of the topic.
    return boto3.client("sns", region_name=Arn.parse(arn).region, config=_BOUNDED)
