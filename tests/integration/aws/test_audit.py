"""The audit function on the demo account: every database has the expected verdicts."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from demo.account import AUDIT_PASSWORD, DOMAIN, DemoAccount
from demo.databases import DEMO_DATABASES, PLAINTEXT
from emulation import moto_rds
from emulation.strict_hub import problems
from functions.audit.app import handler
from rds_tls_audit.adapters.environment import SettingsError
from rds_tls_audit.adapters.rds.api import RdsUnavailableError, UnknownDatabasesError
from rds_tls_audit.checks.registry import all_checks
from rds_tls_audit.pipeline.requests import InvalidEventError

CHECKS = [check.id for check in all_checks()]
P, W, F, U = "PASSED", "WARNING", "FAILED", "UNKNOWN"
#                 force-ssl
#                 |  force-ssl-in-effect
#                 |  |  plaintext-refused
#                 |  |  |  sessions-encrypted
#                 |  |  |  |  sessions-modern-tls
#                 |  |  |  |  |  minimum-protocol
#                 |  |  |  |  |  |  legacy-tls-refused
#                 |  |  |  |  |  |  |  weak-ciphers-refused
#                 |  |  |  |  |  |  |  |  certificate-trusted
#                 |  |  |  |  |  |  |  |  |  certificate-current
EXPECTED = {
    "orders-prod": [P, P, P, P, P, P, P, P, P, P],
    "billing-prod": [F, P, F, F, P, P, P, P, P, P],
    "inventory-prod": [P, F, F, P, P, P, P, P, P, P],
    "reporting-prod": [F, W, P, P, P, P, P, P, P, P],
    "crm-prod": [P, P, P, U, U, U, P, P, F, F],
    "partner-prod": [P, P, P, U, U, U, P, P, F, P],
    "analytics-prod": [P, P, P, U, U, U, P, P, P, P],
    "archive-prod": [P, U, U, U, U, U, U, U, U, U],
    "legacy-prod": [P, P, P, P, F, F, F, F, P, P],
    "ledger-1": [P, P, P, P, P, P, P, P, P, P],
    "ledger-2": [P, P, P, P, P, P, P, P, P, P],
}
SAFE_TO_FORCE = "rds-tls-audit/safe-to-force"


@pytest.fixture(scope="module")
def demo() -> Iterator[DemoAccount]:
    with pytest.MonkeyPatch.context() as patch, DemoAccount() as demo:
        for name, value in demo.environment().items():
            patch.setenv(name, value)
        yield demo


@pytest.fixture(scope="module")
def response(demo: DemoAccount) -> dict[str, Any]:
    return demo.audit()


def _database(response: Mapping[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(
        database for database in response["databases"] if database["id"] == name
    )
    return found


@pytest.mark.parametrize("name", [database.id for database in DEMO_DATABASES])
def test_every_database_has_the_expected_verdicts_in_the_documented_order(
    response: Mapping[str, Any], name: str
) -> None:
    verdicts = _database(response, name)["verdicts"]

    assert [verdict["check"] for verdict in verdicts] == CHECKS
    assert [verdict["status"] for verdict in verdicts] == EXPECTED[name]


def test_the_response_has_the_shape_of_the_contract(response: Mapping[str, Any]) -> None:
    assert list(response) == [
        "account",
        "region",
        "observed_at",
        "databases",
        "totals",
        "published",
    ]
    assert (response["account"], response["region"]) == ("123456789012", "eu-central-1")
    assert response["observed_at"].endswith("Z")
    assert response["published"] is None
    assert sum(response["totals"].values()) == len(DEMO_DATABASES) * len(CHECKS)
    assert list(response["totals"]) == [P, W, F, U]
    member = _database(response, "ledger-1")
    assert {key: member[key] for key in member if key != "verdicts"} == {
        "id": "ledger-1",
        "arn": "arn:aws:rds:eu-central-1:123456789012:db:ledger-1",
        "engine": "aurora-postgresql",
        "engine_version": "17.4",
        "cluster": "ledger",
    }
    assert set(member["verdicts"][0]) == {"check", "status", "severity", "because"}
    assert json.loads(json.dumps(response)) == response


@pytest.mark.parametrize(
    ("name", "check", "words"),
    [
        ("billing-prod", "sessions-encrypted", "1 of 2 client sessions"),
        ("billing-prod", "sessions-encrypted", "nightly-export"),
        ("inventory-prod", "force-ssl-in-effect", "rds.force_ssl is 1"),
        ("inventory-prod", "force-ssl-in-effect", "pending-reboot"),
        ("partner-prod", "certificate-trusted", "Example Corp root CA"),
        ("crm-prod", "certificate-current", "expired on"),
        ("analytics-prod", "sessions-encrypted", "grant pg_monitor"),
        ("archive-prod", "plaintext-refused", "security group"),
        ("legacy-prod", "sessions-modern-tls", "erp-connector"),
    ],
)
def test_the_reason_contains_what_an_operator_needs(
    response: Mapping[str, Any], name: str, check: str, words: str
) -> None:
    verdicts = _database(response, name)["verdicts"]

    reasons = {verdict["check"]: verdict["because"] for verdict in verdicts}
    assert words in reasons[check]


def test_a_named_audit_audits_only_the_named_databases(demo: DemoAccount) -> None:
    moto_rds.reset_call_counts()

    response = handler({"databases": ["archive-prod"]}, None)

    assert [database["id"] for database in response["databases"]] == ["archive-prod"]
    assert moto_rds.call_counts() == {
        "DescribeDBInstances": 1,
        "DescribeDBParameters": 1,
        "DescribeCertificates": 1,
    }
    assert demo.aws.findings() == []


def test_naming_a_cluster_audits_its_members(demo: DemoAccount) -> None:
    connect_to = {name: demo.connect_to()[name] for name in ("ledger-1", "ledger-2")}

    response = handler({"databases": ["ledger"], "connect_to": connect_to}, None)

    assert [database["id"] for database in response["databases"]] == ["ledger-1", "ledger-2"]


@pytest.mark.usefixtures("demo")
@pytest.mark.parametrize(
    ("event", "error", "named"),
    [
        (
            {"databases": ["orders-prod", "no-such", "nor-this"]},
            UnknownDatabasesError,
            "no-such, nor-this",
        ),
        ({"database": ["orders-prod"]}, InvalidEventError, "database"),
        ({"databases": []}, InvalidEventError, "databases"),
        ({"connect_to": {"orders-prod": "nowhere"}}, InvalidEventError, "orders-prod"),
        ({"connect_to": {"no-such": "localhost:1"}}, InvalidEventError, "no-such"),
    ],
    ids=["unknown names", "unknown field", "no names", "bad address", "unaudited database"],
)
def test_an_invalid_event_is_one_error_that_names_the_problem(
    event: object, error: type[Exception], named: str
) -> None:
    with pytest.raises(error, match=named):
        handler(event, None)


@pytest.mark.usefixtures("demo")
def test_publishing_without_stores_names_every_missing_setting_before_any_call(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("RUN_BUCKET", "STATE_TABLE", "TOPIC_ARN"):
        monkeypatch.delenv(name)
    moto_rds.reset_call_counts()

    with pytest.raises(SettingsError, match="RUN_BUCKET, STATE_TABLE, TOPIC_ARN"):
        handler({"publish": True}, None)

    assert moto_rds.call_counts() == {}


def test_a_group_that_cannot_be_read_makes_only_its_checks_unknown(demo: DemoAccount) -> None:
    moto_rds.deny("DescribeDBParameters", group="orders-prod-pg17")
    try:
        verdicts = demo.audit()["databases"][0]["verdicts"]
    finally:
        moto_rds.allow_all()

    assert [verdict["status"] for verdict in verdicts] == [U, U, P, P, P, P, P, P, P, P]
    assert "AccessDenied" in verdicts[0]["because"]


@pytest.mark.usefixtures("demo")
def test_a_denied_listing_is_an_error() -> None:
    moto_rds.deny("DescribeDBInstances")
    try:
        with pytest.raises(RdsUnavailableError, match="AccessDenied"):
            handler({}, None)
    finally:
        moto_rds.allow_all()


@pytest.mark.usefixtures("demo")
def test_members_of_an_unlisted_cluster_are_unknown_and_not_evaluated_by_their_instance_group(
    demo: DemoAccount,
) -> None:
    moto_rds.deny("DescribeDBClusters")
    try:
        response = demo.audit()
    finally:
        moto_rds.allow_all()

    statuses = [verdict["status"] for verdict in _database(response, "ledger-1")["verdicts"]]
    assert statuses == [U, U, P, P, P, P, P, P, P, P]


def test_neither_response_nor_log_contains_a_secret(
    demo: DemoAccount, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    response = demo.audit()

    seen = json.dumps(response) + capsys.readouterr().out + caplog.text
    assert AUDIT_PASSWORD not in seen
    assert "X-Amz-Signature" not in seen


def test_findings_are_imported_once_and_only_a_fix_is_sent_again(demo: DemoAccount) -> None:
    first = demo.audit(publish=True)
    findings = {finding["Id"]: finding for finding in demo.aws.findings()}

    expected = sum(1 for row in EXPECTED.values() for status in row if status in {F, W})
    assert first["published"] == {"imported": expected, "rejected": []}
    assert len(findings) == expected + len(["coverage"])
    coverage = findings.pop("eu-central-1/123456789012/rds-tls-audit/coverage/123456789012")
    assert _sent(coverage)
    assert "4 of 11 databases" in coverage["Description"]
    assert all(_sent(finding) for finding in findings.values())

    # If TLS is not forced, the finding says whether it is safe to force it.
    answers = {
        finding["Title"].rpartition(": ")[2]: finding["ProductFields"][SAFE_TO_FORCE]
        for key, finding in findings.items()
        if "/force-ssl/" in key
    }
    assert answers == {"billing-prod": "check-first", "reporting-prod": "not-known"}
    assert demo.audit(publish=True)["published"] == {"imported": 0, "rejected": []}
    assert all(finding in demo.aws.findings() for finding in findings.values())

    demo.force_tls(PLAINTEXT)
    refusals = demo.reconnect(PLAINTEXT)
    assert [refusal is None for _, refusal in refusals] == [True, False]
    second = demo.audit(publish=True)

    assert second["published"] == {"imported": 3, "rejected": []}
    now = {finding["Id"]: finding for finding in demo.aws.findings() if finding["Id"] in findings}
    fixed = {
        finding["GeneratorId"]: finding
        for key, finding in now.items()
        if finding["UpdatedAt"] != findings[key]["UpdatedAt"]
    }
    assert set(fixed) == {
        "rds-tls-audit/force-ssl",
        "rds-tls-audit/plaintext-refused",
        "rds-tls-audit/sessions-encrypted",
    }
    for finding in fixed.values():
        assert finding["Compliance"]["Status"] == P
        assert finding["Title"].endswith(": billing-prod")
        assert finding["CreatedAt"] == findings[finding["Id"]]["CreatedAt"]
    subject, text = demo.aws.emails()[-1]
    title = "RDS TLS audit 123456789012 eu-central-1"
    assert subject.startswith(f"{title}: 3 resolved, 1 ")
    assert "billing-prod" in text
    assert len(demo.aws.digests()) == 2


def _sent(finding: dict[str, Any]) -> bool:
    # The fields that Security Hub adds to a finding.
    added = {"Workflow", "WorkflowState", "VerificationState", "ProcessedAt", "Region", "Sample"}
    sent = {key: value for key, value in finding.items() if key not in added}
    assert problems(sent) == ()
    return DOMAIN not in finding["Id"]
