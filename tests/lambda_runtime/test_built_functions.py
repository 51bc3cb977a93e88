"""Each built function with its sample event, under the emulator that Lambda's runtime speaks to."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from demo.scene import Scene
from demo.states import CLEAN, PLAINTEXT
from emulation.account import RUN_BUCKET
from tests.lambda_runtime.rie import BuiltFunction, InvocationFailed
from tests.support.repository import ROOT

EVENTS = ROOT / "events"


def _event(name: str) -> Any:  # noqa: ANN401 - JSON
    return json.loads((EVENTS / f"{name}.json").read_text())


@pytest.fixture(scope="module")
def scene() -> Iterator[Scene]:
    with Scene((CLEAN, PLAINTEXT)) as scene:
        yield scene


def _invoke(function: str, scene: Scene, event: object) -> Any:  # noqa: ANN401 - JSON
    with BuiltFunction(function, scene.environment()) as built:
        return built.invoke(event)


@pytest.mark.parametrize(
    ("event", "names"),
    [
        ("audit-one-database", ["orders-prod"]),
        ("audit-all", ["billing-prod", "orders-prod"]),
    ],
)
def test_audit_answers_its_sample_events(scene: Scene, event: str, names: list[str]) -> None:
    tunnels = {name: scene.connect_to()[name] for name in names}

    answer = _invoke("AuditFunction", scene, {**_event(event), "connect_to": tunnels})

    assert sorted(database["id"] for database in answer["databases"]) == names
    clean = next(it for it in answer["databases"] if it["id"] == "orders-prod")
    assert {verdict["status"] for verdict in clean["verdicts"]} == {"PASSED"}


def test_audit_says_what_is_wrong_with_its_event(scene: Scene) -> None:
    with pytest.raises(InvocationFailed, match="no-such-database"):
        _invoke("AuditFunction", scene, {"databases": ["no-such-database"]})


def test_the_stages_answer_their_sample_events_one_after_the_other(scene: Scene) -> None:
    found = _invoke("DiscoverFunction", scene, _event("discover"))
    assert found == _event("report")

    order = _event("probe")
    for target in order["targets"]:
        host, port = scene.connect_to()[target["database"]["id"]].split(":")
        target["dial"] = {"address": host, "port": int(port)}
    evidence = _invoke("ProbeFunction", scene, order)
    assert set(evidence) == set(_event("publish"))
    seen = {it["target"]["database"]["id"]: it["observation"] for it in evidence["witnessed"]}
    assert seen["orders-prod"]["plaintext"]["value"]["accepted"] is False
    assert seen["billing-prod"]["sessions"]["value"]["clear"] == 1

    assert _invoke("PublishFunction", scene, _event("publish")) == {}
    failing = {finding["GeneratorId"] for finding in scene.account.findings()}
    assert failing == {
        "rds-tls-audit/force-ssl",
        "rds-tls-audit/plaintext-refused",
        "rds-tls-audit/sessions-encrypted",
    }

    ended = _invoke("ReportFunction", scene, _event("report"))
    assert ended == {
        "databases": 2,
        "lost": 0,
        "lost_databases": [],
        "not_assessed": 0,
        "set_aside": 0,
        "digest_sent": True,
    }
    assert scene.account.mails()[-1][0].endswith(": 3 new")
    page = scene.account.client("s3").get_object(Bucket=RUN_BUCKET, Key="latest/report.html")
    assert "billing-prod" in page["Body"].read().decode()
