"""A password is never shown, a token equals that of botocore, and no master user logs in."""

import json
import logging
import pprint
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import boto3
import botocore.auth
import pytest
from moto import mock_aws

from rds_tls_audit.adapters.credentials import AwsCredentialSource
from rds_tls_audit.evidence.credentials import Credentials
from rds_tls_audit.evidence.observed import Observed, Seen, Unseen
from rds_tls_audit.fleet.database import TAG_SECRET, Database, Endpoint
from tests.support.builders import REGION, cluster, database

PHRASE = "hunter2 is no phrase"
ROLE = "rds_tls_audit"
CREDENTIALS = Credentials(role=ROLE, password=PHRASE, source="the secret audit")
ORDERS = database(iam_authentication=True)


@pytest.fixture(autouse=True)
def _signing(monkeypatch: pytest.MonkeyPatch) -> None:
    """AWS credentials without permissions, and a clock that stands still for the signer."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret/key+of=nobody")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "session/token+of=nobody")
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    signed_at = datetime(2026, 3, 1, 6, tzinfo=UTC)
    monkeypatch.setattr(botocore.auth, "get_current_datetime", lambda: signed_at)


def token(of: Database, role: str = ROLE) -> str:
    found = AwsCredentialSource(role).find(of)
    assert isinstance(found, Seen)
    assert (found.value.role, found.value.source) == (role, "the IAM token")
    return found.value.password


@pytest.mark.parametrize(
    "shown",
    [
        pytest.param(repr(CREDENTIALS), id="repr"),
        pytest.param(str(CREDENTIALS), id="str"),
        pytest.param(f"{CREDENTIALS}", id="f-string"),
        pytest.param(format(CREDENTIALS), id="format"),
        pytest.param(repr(Seen(value=CREDENTIALS)), id="inside-evidence"),
        pytest.param(repr([CREDENTIALS]), id="inside-a-list"),
        pytest.param(pprint.pformat(CREDENTIALS), id="pprint"),
        pytest.param(str(ValueError(CREDENTIALS)), id="inside-an-error"),
        pytest.param(
            logging.LogRecord(
                "a", 20, "b", 1, "%s %r", (CREDENTIALS, CREDENTIALS), None
            ).getMessage(),
            id="log",
        ),
    ],
)
def test_credentials_never_show_their_password(shown: str) -> None:
    assert ROLE in shown
    assert PHRASE not in shown


@pytest.mark.parametrize("role", [ROLE, "a b+c/d@e&f=größe~"], ids=["plain", "strange"])
def test_the_iam_token_equals_that_of_botocore(role: str) -> None:
    assert ORDERS.endpoint is not None
    client = boto3.client("rds", region_name=REGION)

    expected = client.generate_db_auth_token(
        DBHostname=ORDERS.endpoint.address,
        Port=ORDERS.endpoint.port,
        DBUsername=role,
        Region=REGION,
    )

    # A space has two notations in a query; the signature covers the decoded value.
    signed = urlsplit(f"https://{token(ORDERS, role)}")
    reference = urlsplit(f"https://{expected}")
    assert parse_qs(signed.query, strict_parsing=True) == parse_qs(
        reference.query, strict_parsing=True
    )
    assert (signed.netloc, signed.path) == (reference.netloc, reference.path)


def test_the_iam_token_of_a_plain_role_is_identical() -> None:
    assert ORDERS.endpoint is not None
    client = boto3.client("rds", region_name=REGION)

    assert token(ORDERS) == client.generate_db_auth_token(
        ORDERS.endpoint.address, ORDERS.endpoint.port, ROLE
    )


def test_the_token_is_for_the_endpoints_own_host_port_region_and_session() -> None:
    elsewhere = replace(
        ORDERS,
        arn="arn:aws:rds:us-west-2:123456789012:db:orders-prod",
        endpoint=Endpoint(address="orders-prod.c9.us-west-2.rds.amazonaws.com", port=5433),
    )

    parts = urlsplit(f"https://{token(elsewhere)}")
    query = parse_qs(parts.query)

    assert parts.netloc == "orders-prod.c9.us-west-2.rds.amazonaws.com:5433"
    assert query["Action"] == ["connect"]
    assert query["DBUser"] == [ROLE]
    assert query["X-Amz-Credential"] == ["AKIDEXAMPLE/20260301/us-west-2/rds-db/aws4_request"]
    assert query["X-Amz-Expires"] == ["900"]
    assert query["X-Amz-Security-Token"] == ["session/token+of=nobody"]


def test_without_an_endpoint_there_is_no_token() -> None:
    found = AwsCredentialSource(ROLE).find(replace(ORDERS, endpoint=None))

    assert isinstance(found, Unseen)
    assert "endpoint" in found.reason


def test_without_iam_authentication_and_tag_there_are_no_credentials() -> None:
    found = AwsCredentialSource(ROLE).find(database())

    assert isinstance(found, Unseen)
    assert TAG_SECRET in found.reason


@pytest.fixture(scope="module")
def secrets() -> Iterator[dict[str, str]]:
    """Secrets by name, with their ARNs."""
    contents: dict[str, object] = {
        "audit": {"username": ROLE, "password": PHRASE},
        "orders-master": {"username": "orders_owner", "password": PHRASE},
        "of-the-master-role": {"username": "postgres", "password": PHRASE},
        "rds!db-2b1f": {"username": "postgres", "password": PHRASE},
        "rds!cluster-77": {"username": "another", "password": PHRASE},
        "list": [ROLE, PHRASE],
        "without-a-role": {"password": PHRASE},
        "number": {"username": ROLE, "password": 7},
        "null": None,
    }
    with mock_aws():
        client = boto3.client(
            "secretsmanager",
            region_name=REGION,
            aws_access_key_id="AKIDEXAMPLE",
            aws_secret_access_key="nobody",  # noqa: S106 - opens nothing
        )
        arns = {
            name: client.create_secret(Name=name, SecretString=json.dumps(content))["ARN"]
            for name, content in contents.items()
        }
        arns["text"] = client.create_secret(Name="text", SecretString=PHRASE)["ARN"]
        arns["binary"] = client.create_secret(Name="binary", SecretBinary=b"1")["ARN"]
        yield arns


def tagged(secret: str) -> Database:
    return replace(ORDERS, tags={TAG_SECRET: secret}, master_role="postgres")


def find(of: Database) -> Observed[Credentials]:
    return AwsCredentialSource(ROLE).find(of)


def assert_refused(found: Observed[Credentials]) -> None:
    assert isinstance(found, Unseen)
    assert "the master user's secret, which the audit never uses" in found.reason
    assert PHRASE not in found.reason


@pytest.mark.parametrize("by_arn", [False, True], ids=["name", "ARN"])
def test_the_tagged_secret_comes_before_an_iam_token(
    secrets: dict[str, str], *, by_arn: bool
) -> None:
    named = secrets["audit"] if by_arn else "audit"

    assert find(tagged(named)) == Seen(
        value=Credentials(role=ROLE, password=PHRASE, source=f"the secret {named}")
    )


@pytest.mark.parametrize("named", ["name", "ARN", "part of the ARN"])
@pytest.mark.parametrize("owner", ["instance", "cluster"])
def test_the_master_users_secret_is_refused_however_the_tag_names_it(
    secrets: dict[str, str], named: str, owner: str
) -> None:
    arn = secrets["orders-master"]
    tag = {"name": "orders-master", "ARN": arn, "part of the ARN": arn.rpartition("-")[0]}[named]
    of = {
        "instance": replace(tagged(tag), master_secret=arn),
        "cluster": replace(tagged(tag), cluster=cluster(master_secret=arn)),
    }[owner]

    assert_refused(find(of))


@pytest.mark.parametrize("name", ["rds!db-2b1f", "rds!cluster-77"])
@pytest.mark.parametrize("by_arn", [False, True], ids=["name", "ARN"])
def test_a_secret_that_rds_manages_is_refused(
    secrets: dict[str, str], name: str, *, by_arn: bool
) -> None:
    assert_refused(find(tagged(secrets[name] if by_arn else name)))


@pytest.mark.usefixtures("secrets")
def test_the_master_role_is_refused_in_any_secret() -> None:
    assert_refused(find(tagged("of-the-master-role")))


@pytest.mark.usefixtures("secrets")
def test_the_secret_of_another_databases_master_user_is_accepted() -> None:
    found = find(tagged("orders-master"))

    assert isinstance(found, Seen)
    assert found.value.role == "orders_owner"


@pytest.mark.usefixtures("secrets")
@pytest.mark.parametrize(
    "name", ["text", "list", "without-a-role", "number", "null", "binary", "nowhere"]
)
def test_an_unusable_secret_gives_the_reason_without_its_content(name: str) -> None:
    found = find(tagged(name))

    assert isinstance(found, Unseen)
    assert found.reason.startswith(f"the secret {name} ")
    assert PHRASE not in found.reason
