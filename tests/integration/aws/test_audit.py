"""The audit function on the local account: every state with the verdicts of the table."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from demo.scene import AUDIT_PASSWORD, DOMAIN, Scene
from demo.states import PLAINTEXT, STATES
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
def scene() -> Iterator[Scene]:
    with pytest.MonkeyPatch.context() as patch, Scene() as scene:
        for name, value in scene.environment().items():
            patch.setenv(name, value)
        yield scene


@pytest.fixture(scope="module")
def answer(scene: Scene) -> dict[str, Any]:
    return scene.audit()


def _database(answer: Mapping[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(it for it in answer["databases"] if it["id"] == name)
    return found


@pytest.mark.parametrize("name", [state.id for state in STATES])
def test_every_state_has_the_verdicts_of_the_table_in_its_order(
    answer: Mapping[str, Any], name: str
) -> None:
    verdicts = _database(answer, name)["verdicts"]

    assert [verdict["check"] for verdict in verdicts] == CHECKS
    assert [verdict["status"] for verdict in verdicts] == EXPECTED[name]


def test_the_answer_has_the_shape_of_the_contract(answer: Mapping[str, Any]) -> None:
    assert list(answer) == [
        "account",
        "region",
        "observed_at",
        "databases",
        "totals",
        "published",
    ]
    assert (answer["account"], answer["region"]) == ("123456789012", "eu-central-1")
    assert answer["observed_at"].endswith("Z")
    assert answer["published"] is None
    assert sum(answer["totals"].values()) == len(STATES) * len(CHECKS)
    assert list(answer["totals"]) == [P, W, F, U]
    member = _database(answer, "ledger-1")
    assert {key: member[key] for key in member if key != "verdicts"} == {
        "id": "ledger-1",
        "arn": "arn:aws:rds:eu-central-1:123456789012:db:ledger-1",
        "engine": "aurora-postgresql",
        "engine_version": "17.4",
        "cluster": "ledger",
    }
    assert set(member["verdicts"][0]) == {"check", "status", "severity", "because"}
    assert json.loads(json.dumps(answer)) == answer


@pytest.mark.parametrize(
    ("name", "check", "words"),
    [
        ("billing-prod", "sessions-encrypted", "1 of 2 client sessions in clear"),
        ("billing-prod", "sessions-encrypted", "nightly-export"),
        ("inventory-prod", "force-ssl-in-effect", "set, not in effect"),
        ("inventory-prod", "force-ssl-in-effect", "pending-reboot"),
        ("partner-prod", "certificate-trusted", "A CA of somebody else"),
        ("crm-prod", "certificate-current", "ended on"),
        ("analytics-prod", "sessions-encrypted", "grant pg_monitor"),
        ("archive-prod", "plaintext-refused", "security group"),
        ("legacy-prod", "sessions-modern-tls", "erp-connector"),
    ],
)
def test_the_reason_says_what_an_operator_needs(
    answer: Mapping[str, Any], name: str, check: str, words: str
) -> None:
    verdicts = _database(answer, name)["verdicts"]

    assert words in next(it["because"] for it in verdicts if it["check"] == check)


def test_a_named_audit_looks_at_the_named_databases_alone(scene: Scene) -> None:
    moto_rds.forget_calls()

    answer = handler({"databases": ["archive-prod"]}, None)

    assert [database["id"] for database in answer["databases"]] == ["archive-prod"]
    assert moto_rds.calls() == {
        "DescribeDBInstances": 1,
        "DescribeDBParameters": 1,
        "DescribeCertificates": 1,
    }
    assert scene.account.findings() == []


def test_a_cluster_stands_for_its_members(scene: Scene) -> None:
    connect_to = {name: scene.connect_to()[name] for name in ("ledger-1", "ledger-2")}

    answer = handler({"databases": ["ledger"], "connect_to": connect_to}, None)

    assert [database["id"] for database in answer["databases"]] == ["ledger-1", "ledger-2"]


@pytest.mark.usefixtures("scene")
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
    ids=["unknown names", "misspelt field", "no names", "bad address", "tunnel to nothing"],
)
def test_bad_input_is_one_clear_error_and_nothing_is_done(
    event: object, error: type[Exception], named: str
) -> None:
    with pytest.raises(error, match=named):
        handler(event, None)


@pytest.mark.usefixtures("scene")
def test_publishing_without_stores_names_every_missing_setting_before_anything_is_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("RUN_BUCKET", "STATE_TABLE", "TOPIC_ARN"):
        monkeypatch.delenv(name)
    moto_rds.forget_calls()

    with pytest.raises(SettingsError, match="RUN_BUCKET, STATE_TABLE, TOPIC_ARN"):
        handler({"publish": True}, None)

    assert moto_rds.calls() == {}


def test_a_denied_group_is_unknown_and_leaves_everything_else_right(scene: Scene) -> None:
    moto_rds.deny("DescribeDBParameters", group="orders-prod-pg17")
    try:
        verdicts = scene.audit()["databases"][0]["verdicts"]
    finally:
        moto_rds.allow_all()

    assert [verdict["status"] for verdict in verdicts] == [U, U, P, P, P, P, P, P, P, P]
    assert "AccessDenied" in verdicts[0]["because"]


@pytest.mark.usefixtures("scene")
def test_a_denied_listing_is_an_error_and_no_verdict() -> None:
    moto_rds.deny("DescribeDBInstances")
    try:
        with pytest.raises(RdsUnavailableError, match="AccessDenied"):
            handler({}, None)
    finally:
        moto_rds.allow_all()


@pytest.mark.usefixtures("scene")
def test_a_cluster_that_cannot_be_listed_leaves_its_members_unknown_not_judged_by_their_own_group(
    scene: Scene,
) -> None:
    moto_rds.deny("DescribeDBClusters")
    try:
        answer = scene.audit()
    finally:
        moto_rds.allow_all()

    statuses = [verdict["status"] for verdict in _database(answer, "ledger-1")["verdicts"]]
    assert statuses == [U, U, P, P, P, P, P, P, P, P]


def test_no_secret_reaches_answer_or_log(
    scene: Scene, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    answer = scene.audit()

    seen = json.dumps(answer) + capsys.readouterr().out + caplog.text
    assert AUDIT_PASSWORD not in seen
    assert "X-Amz-Signature" not in seen


def test_published_findings_arrive_once_and_only_the_fix_is_told_again(scene: Scene) -> None:
    first = scene.audit(publish=True)
    findings = {finding["Id"]: finding for finding in scene.account.findings()}

    expected = sum(1 for row in EXPECTED.values() for status in row if status in {F, W})
    assert first["published"] == {"imported": expected, "rejected": []}
    assert len(findings) == expected + len(["coverage"])
    coverage = findings.pop("eu-central-1/123456789012/rds-tls-audit/coverage/123456789012")
    assert _sent(coverage)
    assert "4 of 11 databases not assessed in full" in coverage["Description"]
    assert all(_sent(finding) for finding in findings.values())

    # Where TLS is not forced, the finding says whether that would be safe.
    answers = {
        finding["Title"].rpartition(": ")[2]: finding["ProductFields"][SAFE_TO_FORCE]
        for key, finding in findings.items()
        if "/force-ssl/" in key
    }
    assert answers == {"billing-prod": "check-first", "reporting-prod": "not-known"}
    assert scene.audit(publish=True)["published"] == {"imported": 0, "rejected": []}
    assert all(it in scene.account.findings() for it in findings.values())

    scene.force_tls(PLAINTEXT)
    turned_away = scene.reconnect(PLAINTEXT)
    assert [words is None for _, words in turned_away] == [True, False]
    second = scene.audit(publish=True)

    assert second["published"] == {"imported": 3, "rejected": []}
    now = {it["Id"]: it for it in scene.account.findings() if it["Id"] in findings}
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
    subject, text = scene.account.mails()[-1]
    title = "RDS TLS audit 123456789012 eu-central-1"
    assert subject == f"{title}: 3 resolved, 1 answer on forcing TLS changed"
    assert "billing-prod" in text
    assert len(scene.account.digests()) == 2


def _sent(finding: dict[str, Any]) -> bool:
    # What the hub adds to a finding is not ours.
    added = {"Workflow", "WorkflowState", "VerificationState", "ProcessedAt", "Region", "Sample"}
    ours = {key: value for key, value in finding.items() if key not in added}
    assert problems(ours) == ()
    return DOMAIN not in finding["Id"]
