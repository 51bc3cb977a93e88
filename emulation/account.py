"""An AWS account on this machine: services on loopback, with what the tool needs in them.

They are moto's, but for Security Hub: moto's takes anything.
"""

import json
import logging
import os
import threading
from collections.abc import Callable
from typing import Any, Self, cast

import boto3
from botocore.config import Config
from moto.moto_api._internal import moto_api_backends
from moto.server import ThreadedMotoServer
from moto.sns.models import sns_backends

from emulation import moto_rds
from emulation.databases import Databases
from emulation.rds_resources import ACCOUNT, REGION
from emulation.strict_hub import MemoryHub
from emulation.strict_hub_server import HubServer

RUN_BUCKET = "rds-tls-audit-runs"
STATE_TABLE = "rds-tls-audit-state"
DIGESTS = "rds-tls-audit-digests"

_LOOPBACK = "127.0.0.1"
_CREDENTIALS = {"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": "local"}
_PATIENCE_SECONDS = 300
_FINDINGS_PAGE = 100
_MESSAGES_PAGE = 10


class LocalAccount(Databases):
    """The emulated account 123456789012 in eu-central-1; use it as a context manager.

    moto keeps its state in this process: have one account at a time. It is empty at the start.
    """

    def __init__(self) -> None:
        self._server: ThreadedMotoServer | None = None
        self._hub_server = HubServer()
        self._endpoint = ""
        self._topic_arn = ""
        self._queue_url = ""
        self._digests: list[dict[str, Any]] = []
        self._clients: dict[str, Any] = {}
        self._clients_lock = threading.Lock()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start the services and make the bucket, the table and the topic."""
        logging.getLogger("werkzeug").setLevel(logging.ERROR)  # a line for every request
        moto_rds.fill_gaps()
        _forget_everything()
        self._hub_server = HubServer()
        self._server = ThreadedMotoServer(_LOOPBACK, 0, verbose=False)
        self._server.start()
        host, port = self._server.get_host_and_port()
        self._endpoint = f"http://{host}:{port}"
        try:
            self._hub_server.start()
            self._furnish()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop the services and forget what they held."""
        for client in self._clients.values():
            client.close()
        self._clients.clear()
        server, self._server = self._server, None
        if server is not None:
            server.stop()
            self._hub_server.stop()
            _forget_everything()

    def environment(self) -> dict[str, str]:
        """Give the environment variables that lead the tool, or any AWS SDK, into this account."""
        direct = ",".join(filter(None, [os.environ.get("NO_PROXY"), _LOOPBACK]))
        return {
            "AWS_ENDPOINT_URL": self._endpoint,
            **self._hub_server.environment(),
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            **_CREDENTIALS,
            # Not the profiles of whoever runs this.
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "NO_PROXY": direct,
            "no_proxy": direct,
            "RUN_BUCKET": RUN_BUCKET,
            "STATE_TABLE": STATE_TABLE,
            "TOPIC_ARN": self._topic_arn,
        }

    @property
    def hub(self) -> MemoryHub:
        """What is behind Security Hub: for the acts of reviewers, and for faults."""
        return self._hub_server.hub

    def client(self, service: str) -> Any:  # noqa: ANN401 - boto3 types a client by its name
        """Give a boto3 client for this account; it is closed with the account."""
        with self._clients_lock:
            if service not in self._clients:
                self._clients[service] = self._new_client(service)
            return self._clients[service]

    def put_secret(self, name: str, username: str, password: str) -> str:
        """Store a login in the form of RDS's own secrets, and return the secret's ARN."""
        made = self.client("secretsmanager").create_secret(
            Name=name, SecretString=json.dumps({"username": username, "password": password})
        )
        return str(made["ARN"])

    def findings(self) -> list[dict[str, Any]]:
        """Give every finding that Security Hub holds."""
        pages = (
            self.client("securityhub")
            .get_paginator("get_findings")
            .paginate(PaginationConfig={"PageSize": _FINDINGS_PAGE})
        )
        return [finding for page in pages for finding in page["Findings"]]

    def digests(self) -> list[dict[str, Any]]:
        """Give the messages sent to the topic so far: Subject, Message and MessageAttributes."""
        sqs = self.client("sqs")
        while True:
            received = sqs.receive_message(
                QueueUrl=self._queue_url, MaxNumberOfMessages=_MESSAGES_PAGE
            ).get("Messages", [])
            if not received:
                return list(self._digests)
            for message in received:
                self._digests.append(json.loads(message["Body"]))
                sqs.delete_message(QueueUrl=self._queue_url, ReceiptHandle=message["ReceiptHandle"])

    def mails(self) -> list[tuple[str, str]]:
        """Give subject and text of each message sent to the topic, as a mail subscriber gets it."""
        topic = sns_backends[ACCOUNT][REGION].topics[self._topic_arn]
        return [
            (subject or "", json.loads(message)["default"])
            for _, message, subject, _, _ in topic.sent_notifications
        ]

    def page(self) -> bytes:
        """Give the report of the last full run, as HTML."""
        stored = self.client("s3").get_object(Bucket=RUN_BUCKET, Key="latest/report.html")
        return cast("bytes", stored["Body"].read())

    def _furnish(self) -> None:
        self.client("s3").create_bucket(
            Bucket=RUN_BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION}
        )
        dynamodb = self.client("dynamodb")
        dynamodb.create_table(
            TableName=STATE_TABLE,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[
                {"AttributeName": "pk", "AttributeType": "S"},
                {"AttributeName": "sk", "AttributeType": "S"},
            ],
            KeySchema=[
                {"AttributeName": "pk", "KeyType": "HASH"},
                {"AttributeName": "sk", "KeyType": "RANGE"},
            ],
        )
        dynamodb.update_time_to_live(
            TableName=STATE_TABLE,
            TimeToLiveSpecification={"Enabled": True, "AttributeName": "expires_at"},
        )
        self._topic_arn = self.client("sns").create_topic(Name=DIGESTS)["TopicArn"]
        self._queue_url = self.client("sqs").create_queue(QueueName=DIGESTS)["QueueUrl"]
        self.client("sns").subscribe(
            TopicArn=self._topic_arn,
            Protocol="sqs",
            Endpoint=f"arn:aws:sqs:{REGION}:{ACCOUNT}:{DIGESTS}",
        )

    def _new_client(self, service: str) -> Any:  # noqa: ANN401 - see client
        session = boto3.Session(
            aws_access_key_id=_CREDENTIALS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=_CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
            region_name=REGION,
        )
        connect = cast("Callable[..., Any]", session.client)
        config = Config(
            proxies={},  # not the environment's: this is loopback
            connect_timeout=_PATIENCE_SECONDS,
            read_timeout=_PATIENCE_SECONDS,
            retries={"total_max_attempts": 1},
        )
        endpoint = self._hub_server.url if service == "securityhub" else self._endpoint
        return connect(service, endpoint_url=endpoint, config=config)


def _forget_everything() -> None:
    moto_api_backends["global"].reset()
    moto_rds.forget()
