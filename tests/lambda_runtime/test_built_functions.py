"""Each built function with its sample event, in the runtime interface emulator of Lambda."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from demo.account import DemoAccount
from demo.databases import CLEAN, PLAINTEXT
from tests.lambda_runtime.rie import BuiltFunction, InvocationFailed
from tests.support.repository import ROOT

EVENTS = ROOT / "events"


def _sample_event(name: str) -> Any:  # noqa: ANN401 - JSON
    return json.loads((EVENTS / f"{name}.json").read_text())


@pytest.fixture(scope="module")
def demo_account() -> Iterator[DemoAccount]:
    with DemoAccount((CLEAN, PLAINTEXT)) as demo_account:
        yield demo_account


def _invoke(function: str, demo_account: DemoAccount, event: object) -> Any:  # noqa: ANN401 - JSON
    with BuiltFunction(function, demo_account.environment()) as built:
        return built.invoke(event)


@pytest.mark.parametrize(
    ("event", "names"),
    [
        ("audit-one-database", ["orders-prod"]),
        ("audit-all", ["billing-prod", "orders-prod"]),
    ],
)
def test_the_audit_function_handles_its_sample_events(
    demo_account: DemoAccount, event: str, names: list[str]
) -> None:
    tunnels = {name: demo_account.connect_to()[name] for name in names}

    response = _invoke(
        "AuditFunction", demo_account, {**_sample_event(event), "connect_to": tunnels}
    )

    assert sorted(database["id"] for database in response["databases"]) == names
    clean = next(database for database in response["databases"] if database["id"] == "orders-prod")
    assert {verdict["status"] for verdict in clean["verdicts"]} == {"PASSED"}


def test_the_audit_function_names_an_unknown_database(demo_account: DemoAccount) -> None:
    with pytest.raises(InvocationFailed, match="no-such-database"):
        _invoke("AuditFunction", demo_account, {"databases": ["no-such-database"]})


def test_the_stages_handle_their_sample_events_in_sequence(demo_account: DemoAccount) -> None:
    report_request = _invoke("DiscoverFunction", demo_account, _sample_event("discover"))
    assert report_request == _sample_event("report")

    request = _sample_event("probe")
    for target in request["targets"]:
        host, port = demo_account.connect_to()[target["database"]["id"]].split(":")
        target["dial"] = {"address": host, "port": int(port)}
    probe_result = _invoke("ProbeFunction", demo_account, request)
    assert set(probe_result) == set(_sample_event("publish"))
    observations = {
        probed["target"]["database"]["id"]: probed["observation"]
        for probed in probe_result["witnessed"]
    }
    assert observations["orders-prod"]["plaintext"]["value"]["accepted"] is False
    assert observations["billing-prod"]["sessions"]["value"]["clear"] == 1

    assert _invoke("PublishFunction", demo_account, _sample_event("publish")) == {}
    failing = {finding["GeneratorId"] for finding in demo_account.aws.findings()}
    assert failing == {
        "rds-tls-audit/force-ssl",
        "rds-tls-audit/plaintext-refused",
        "rds-tls-audit/sessions-encrypted",
    }

    result = _invoke("ReportFunction", demo_account, _sample_event("report"))
    assert result == {
        "databases": 2,
        "lost": 0,
        "lost_databases": [],
        "not_assessed": 0,
        "set_aside": 0,
        "digest_sent": True,
    }
    assert demo_account.aws.emails()[-1][0].endswith(": 3 new")
    assert "billing-prod" in demo_account.aws.html_report().decode()
