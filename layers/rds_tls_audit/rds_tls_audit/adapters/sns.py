"""SNS: the digest of a run, by mail and to programs, and into a chat channel."""

import json
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

from rds_tls_audit.digest.message import Digest
from rds_tls_audit.fleet.arn import Arn

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient

_PROGRAMS = ("sqs", "lambda", "https")
"""Kinds of subscribers that get the document; all others get the text."""

# A digest is not worth the time that the run has left; the execution fails where it does not go.
_BOUNDED = Config(
    connect_timeout=3, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 4}
)


class Topic:
    """Publishes digests to one topic."""

    def __init__(self, arn: str) -> None:
        """Publish to this one, wherever it is."""
        self._arn = arn

    def publish(self, digest: Digest) -> None:
        """Send a digest: text for people, the document for queues and functions."""
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
    """Publishes to a topic that a chat channel is subscribed to, and nothing else."""

    def __init__(self, arn: str) -> None:
        """Publish to this one, wherever it is."""
        self._arn = arn

    def publish(self, message: str) -> None:
        """Send what `chat` writes, as it is."""
        _client(self._arn).publish(TopicArn=self._arn, Message=message)


def _client(arn: str) -> "SNSClient":
    # Made when there is something to send, which most runs do not have. SNS answers for topics of
    # its own Region alone.
    return boto3.client("sns", region_name=Arn.parse(arn).region, config=_BOUNDED)
