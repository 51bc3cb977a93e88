"""The emulated account has the resources that the audit needs and returns what it sent."""

import json
import subprocess
import sys
from collections.abc import Iterator

import pytest

from emulation.account import EmulatedAccount
from tests.support.valid_finding import VALID

SCRIPT = """
import boto3, json, os
table = boto3.client("dynamodb").describe_table(TableName=os.environ["STATE_TABLE"])["Table"]
boto3.client("s3").put_object(Bucket=os.environ["RUN_BUCKET"], Key="runs/1", Body=b"{}")
boto3.client("sns").publish(TopicArn=os.environ["TOPIC_ARN"], Subject="From a script", Message="-")
print(json.dumps([table["TableName"], boto3.client("sts").get_caller_identity()["Account"]]))
"""


@pytest.fixture(scope="module")
def account() -> Iterator[EmulatedAccount]:
    with EmulatedAccount() as running:
        yield running


def test_another_process_uses_the_account_with_its_environment(account: EmulatedAccount) -> None:
    script = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        check=True,
        capture_output=True,
        env={
            **account.environment(),
            "HTTP_PROXY": "http://127.0.0.1:9",
            "AWS_CA_BUNDLE": "/no/such/file",
        },
        timeout=300,
    )
    assert json.loads(script.stdout) == ["rds-tls-audit-state", "123456789012"]
    assert account.client("s3").list_objects_v2(Bucket="rds-tls-audit-runs")["KeyCount"] == 1
    assert "From a script" in [digest["Subject"] for digest in account.digests()]


def test_a_client_ignores_the_proxy_of_the_environment(
    account: EmulatedAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_CA_BUNDLE", "/no/such/file")
    assert account.client("sts").get_caller_identity()["Account"] == "123456789012"


def test_the_state_table_has_the_keys_and_the_expiry_of_the_deployed_table(
    account: EmulatedAccount,
) -> None:
    dynamodb = account.client("dynamodb")
    table = dynamodb.describe_table(TableName="rds-tls-audit-state")["Table"]
    assert [key["AttributeName"] for key in table["KeySchema"]] == ["pk", "sk"]
    assert table["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    expiry = dynamodb.describe_time_to_live(TableName="rds-tls-audit-state")
    assert expiry["TimeToLiveDescription"] == {
        "TimeToLiveStatus": "ENABLED",
        "AttributeName": "expires_at",
    }


def test_digests_have_subject_message_and_attributes_and_can_be_read_twice(
    account: EmulatedAccount,
) -> None:
    account.client("sns").publish(
        TopicArn=account.environment()["TOPIC_ARN"],
        Subject="RDS TLS: 1 new",
        Message="orders-prod accepts plaintext",
        MessageAttributes={"max_severity": {"DataType": "String", "StringValue": "HIGH"}},
    )
    assert account.digests() == account.digests()
    digest = account.digests()[-1]
    assert digest["Subject"] == "RDS TLS: 1 new"
    assert digest["Message"] == "orders-prod accepts plaintext"
    assert digest["MessageAttributes"]["max_severity"]["Value"] == "HIGH"


def test_findings_of_many_pages_are_all_returned(account: EmulatedAccount) -> None:
    hub = account.client("securityhub")
    for page in range(3):
        imported = hub.batch_import_findings(
            Findings=[{**VALID, "Id": f"finding-{page}-{number}"} for number in range(100)]
        )
        assert imported["SuccessCount"] == 100
    assert len({finding["Id"] for finding in account.findings()}) == 300


def test_a_secret_contains_a_login(account: EmulatedAccount) -> None:
    arn = account.put_secret("orders-login", "rds_tls_audit", "secret")
    secret = account.client("secretsmanager").get_secret_value(SecretId=arn)
    assert json.loads(secret["SecretString"]) == {"username": "rds_tls_audit", "password": "secret"}
