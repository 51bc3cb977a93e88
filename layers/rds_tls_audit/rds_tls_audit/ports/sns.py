"""SNS: the digest of a run."""

import json
from typing import TYPE_CHECKING

import boto3

from rds_tls_audit.digest import Digest

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient


class Topic:
    """Publishes to one topic."""

    def __init__(self, arn: str) -> None:
        """Publish to this one."""
        self._arn = arn
        self._client: SNSClient = boto3.client("sns")

    def publish(self, digest: Digest) -> None:
        """Send a digest: text for people, the document for queues and functions."""
        self._client.publish(
            TopicArn=self._arn,
            Subject=digest.subject,
            MessageStructure="json",
            Message=json.dumps(
                {
                    "default": digest.text,
                    "sqs": digest.document,
                    "lambda": digest.document,
                    "https": digest.document,
                }
            ),
            MessageAttributes={
                name: {"DataType": "String", "StringValue": value}
                for name, value in digest.attributes.items()
            },
        )
