"""An emulated AWS account: services on loopback with the resources that the audit needs.

moto serves all of them except Security Hub, because moto's Security Hub accepts any finding.
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
from emulation.database_factory import DatabaseFactory
from emulation.rds_resources import ACCOUNT, REGION
from emulation.strict_hub import InMemoryHub
from emulation.strict_hub_server import HubServer

RUN_BUCKET = "rds-tls-audit-runs"
STATE_TABLE = "rds-tls-audit-state"
DIGEST_TOPIC = "rds-tls-audit-digests"

_LOOPBACK = "127.0.0.1"
_CREDENTIALS = {"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": "local"}
_TIMEOUT_SECONDS = 300
_FINDINGS_PER_PAGE = 100
_MESSAGES_PER_REQUEST = 10


class EmulatedAccount(DatabaseFactory):
    """The emulated account 123456789012 in eu-central-1; use it as a context manager.

    The account starts empty. Only one can exist at a time, because moto keeps its state in this
    process.
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
        """Start the services and create the bucket, the table, the topic, and its queue."""
        logging.getLogger("werkzeug").setLevel(logging.ERROR)  # it logs every request
        moto_rds.fill_gaps()
        _reset_state()
        self._hub_server = HubServer()
        self._server = ThreadedMotoServer(_LOOPBACK, 0, verbose=False)
        self._server.start()
        host, port = self._server.get_host_and_port()
        self._endpoint = f"http://{host}:{port}"
        try:
            self._hub_server.start()
            self._create_resources()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop the services and delete their state."""
        for client in self._clients.values():
            client.close()
        self._clients.clear()
        server, self._server = self._server, None
        if server is not None:
            server.stop()
            self._hub_server.stop()
            _reset_state()

    def environment(self) -> dict[str, str]:
        """Return the environment variables with which any AWS SDK uses this account."""
        direct = ",".join(filter(None, [os.environ.get("NO_PROXY"), _LOOPBACK]))
        return {
            "AWS_ENDPOINT_URL": self._endpoint,
            **self._hub_server.environment(),
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            **_CREDENTIALS,
            # The developer's own profiles must not apply.
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "NO_PROXY": direct,
            "no_proxy": direct,
            "RUN_BUCKET": RUN_BUCKET,
            "STATE_TABLE": STATE_TABLE,
            "TOPIC_ARN": self._topic_arn,
        }

    @property
    def hub(self) -> InMemoryHub:
        """The state of Security Hub, with which a test acts as a reviewer or injects faults."""
        return self._hub_server.hub

    def client(self, service: str) -> Any:  # noqa: ANN401 - boto3 types a client by its name
        """Return a boto3 client for this account; `stop` closes it."""
        with self._clients_lock:
            if service not in self._clients:
                self._clients[service] = self._new_client(service)
            return self._clients[service]

    def put_secret(self, name: str, username: str, password: str) -> str:
        """Store a login in the format of RDS's own secrets, and return the secret's ARN."""
        secret = self.client("secretsmanager").create_secret(
            Name=name, SecretString=json.dumps({"username": username, "password": password})
        )
        return str(secret["ARN"])

    def findings(self) -> list[dict[str, Any]]:
        """Return every finding that Security Hub holds."""
        pages = (
            self.client("securityhub")
            .get_paginator("get_findings")
            .paginate(PaginationConfig={"PageSize": _FINDINGS_PER_PAGE})
        )
        return [finding for page in pages for finding in page["Findings"]]

    def digests(self) -> list[dict[str, Any]]:
        """Return the messages sent to the topic so far, as its queue receives them."""
        sqs = self.client("sqs")
        while True:
            received = sqs.receive_message(
                QueueUrl=self._queue_url, MaxNumberOfMessages=_MESSAGES_PER_REQUEST
            ).get("Messages", [])
            if not received:
                return list(self._digests)
            for message in received:
                self._digests.append(json.loads(message["Body"]))
                sqs.delete_message(QueueUrl=self._queue_url, ReceiptHandle=message["ReceiptHandle"])

    def emails(self) -> list[tuple[str, str]]:
        """Return subject and text of each message to the topic, as email subscribers get it."""
        topic = sns_backends[ACCOUNT][REGION].topics[self._topic_arn]
        return [
            (subject or "", json.loads(message)["default"])
            for _, message, subject, _, _ in topic.sent_notifications
        ]

    def html_report(self) -> bytes:
        """Return the HTML report of the latest full run."""
        stored = self.client("s3").get_object(Bucket=RUN_BUCKET, Key="latest/report.html")
        return cast("bytes", stored["Body"].read())

    def _create_resources(self) -> None:
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
        self._topic_arn = self.client("sns").create_topic(Name=DIGEST_TOPIC)["TopicArn"]
        self._queue_url = self.client("sqs").create_queue(QueueName=DIGEST_TOPIC)["QueueUrl"]
        self.client("sns").subscribe(
            TopicArn=self._topic_arn,
            Protocol="sqs",
            Endpoint=f"arn:aws:sqs:{REGION}:{ACCOUNT}:{DIGEST_TOPIC}",
        )

    def _new_client(self, service: str) -> Any:  # noqa: ANN401 - see client
        session = boto3.Session(
            aws_access_key_id=_CREDENTIALS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=_CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
            region_name=REGION,
        )
        connect = cast("Callable[..., Any]", session.client)
        config = Config(
            proxies={},  # a proxy of the environment cannot reach loopback
            connect_timeout=_TIMEOUT_SECONDS,
            read_timeout=_TIMEOUT_SECONDS,
            retries={"total_max_attempts": 1},
        )
        endpoint = self._hub_server.url if service == "securityhub" else self._endpoint
        return connect(service, endpoint_url=endpoint, config=config)


def _reset_state() -> None:
    moto_api_backends["global"].reset()
    moto_rds.reset()
