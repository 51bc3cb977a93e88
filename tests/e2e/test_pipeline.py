"""Executions of the deployed pipeline, checked at their far end. They build on one another."""

import json
import re
from itertools import count
from math import ceil
from random import Random
from typing import Any

import pytest

from demo.states import PLAINTEXT, STATES
from emulation import moto_rds
from emulation.rds_resources import ACCOUNT, REGION
from emulation.strict_hub import problems
from tests.e2e.conftest import PATIENCE_SECONDS, Deployment
from tests.e2e.fault_injection import (
    SILENT,
    broken_probe,
    broken_state,
    impatient_probe,
    silent_database,
)
from tests.e2e.run_queries import MOST_STATE_DATA, granted, page, results, run_id
from tests.integration.aws.test_audit import EXPECTED
from tests.support.repository import ROOT
from tests.support.waiting import seconds_of

DEFINITION = ROOT / "statemachine" / "audit.asl.json"
PROBED = ["AnyProbe", "Probe", "Publish"]
CLOSED = ["Report", "AnyLost", "Reported"]
FULL = {"kind": "full"}
FORCE_SSL = "RDS TLS: the deciding parameter group should force TLS"

pytestmark = pytest.mark.random_order(disabled=True)


@pytest.fixture(scope="module", autouse=True)
def first_day(deployment: Deployment) -> None:
    """Nothing is known of any run of another module."""
    deployment.forget()


def test_a_sample_run_before_any_full_one_has_nothing_to_do(deployment: Deployment) -> None:
    before = deployment.inbox.digests()

    ended = deployment.run({"kind": "sample"})

    assert ended.status == "SUCCEEDED"
    assert deployment.stack.states(ended.arn) == ["Discover", "AnyBatches", *CLOSED]
    assert deployment.inbox.digests() == before


def test_a_full_run_judges_every_database_and_tells_the_hub_and_the_topic(
    deployment: Deployment,
) -> None:
    ended = deployment.run(FULL)

    assert ended.status == "SUCCEEDED"
    stack = deployment.stack
    assert stack.states(ended.arn) == ["Discover", "AnyBatches", "EachBatch", *CLOSED]
    assert [stack.states(child) for child in stack.children(ended.arn)] == [PROBED]
    assert {
        name: list(verdicts.values())
        for name, verdicts in results(deployment, run_id(ended.arn)).items()
    } == EXPECTED
    findings = deployment.findings()
    failing = sum(row.count("FAILED") + row.count("WARNING") for row in EXPECTED.values())
    assert len(findings) == failing + 1  # what could not be assessed is one more
    subject, text = deployment.inbox.mails()[-1]
    told = f"{failing + 1} new, 1 answer on forcing TLS changed"
    assert subject == f"RDS TLS audit {ACCOUNT} {REGION}: {told}"
    assert re.search(r"new +billing-prod +plaintext-refused +FAILED", text)
    assert deployment.inbox.digests()[-1]["run"]["id"] == run_id(ended.arn)


def test_the_run_answers_whether_it_is_safe_to_force_tls(deployment: Deployment) -> None:
    (latest, *_) = deployment.stack.executions()
    finding = next(
        it for it in deployment.findings().values() if it["Title"] == f"{FORCE_SSL}: {PLAINTEXT.id}"
    )

    shown = page(deployment, "latest/report.html")
    assert shown == page(deployment, f"runs/{run_id(latest)}/report.html")
    for text in (finding["Description"], shown):
        assert "heck these first" in str(text)
        assert "nightly-export" in str(text)


def test_the_same_again_tells_nothing(deployment: Deployment) -> None:
    before, mails = deployment.findings(), len(deployment.inbox.mails())

    assert deployment.run(FULL).status == "SUCCEEDED"

    assert deployment.findings() == before
    assert len(deployment.inbox.mails()) == mails


def test_a_named_run_touches_the_named_database_alone(deployment: Deployment) -> None:
    moto_rds.forget_calls()
    deployment.scene.force_tls(PLAINTEXT)
    deployment.scene.reconnect(PLAINTEXT)

    ended = deployment.run({"databases": [PLAINTEXT.id]})

    assert ended.status == "SUCCEEDED"
    assert list(results(deployment, run_id(ended.arn))) == [PLAINTEXT.id]
    assert moto_rds.calls()["DescribeDBParameters"] == 1
    assert deployment.inbox.mails()[-1][0] == f"RDS TLS audit {ACCOUNT} {REGION}: 3 resolved"


def test_a_name_that_does_not_exist_fails_the_run(deployment: Deployment) -> None:
    ended = deployment.run({"databases": ["no-such-database"]})

    assert ended.status == "FAILED"
    assert "no-such-database" in (ended.cause or "")


def test_a_sample_run_asks_rds_nothing_and_judges_sessions_alone(deployment: Deployment) -> None:
    before = deployment.findings()
    moto_rds.forget_calls()

    ended = deployment.run({"kind": "sample"})

    assert ended.status == "SUCCEEDED"
    assert moto_rds.calls() == {}
    judged = results(deployment, run_id(ended.arn))
    assert judged.keys() == {name for name, row in EXPECTED.items() if row[8] == "PASSED"}
    assert {tuple(verdicts) for verdicts in judged.values()} == {
        ("sessions-encrypted", "sessions-modern-tls")
    }
    assert deployment.findings() == before


def test_a_sample_run_of_the_schedule_waits_for_its_moment(deployment: Deployment) -> None:
    # The moment is drawn by the name of the execution: this one has an early one.
    names = (f"sample-{number}" for number in count())
    name = next(it for it in names if 0 < Random(it).randrange(15 * 60) < 3)  # noqa: S311 - seconds

    ended = deployment.run({"kind": "sample", "spread": True}, name=name)

    assert ended.status == "SUCCEEDED"
    assert deployment.stack.states(ended.arn)[:4] == [
        *("Discover", "AnyBatches", "Spread", "EachBatch")
    ]


def test_an_account_without_databases_is_a_run_without_batches(deployment: Deployment) -> None:
    for state in STATES:
        moto_rds.show_instance(state.id, Engine="mysql")
    try:
        ended = deployment.run(FULL)
    finally:
        for state in STATES:
            engine = "aurora-postgresql" if state.cluster else "postgres"
            moto_rds.show_instance(state.id, Engine=engine)

    assert ended.status == "SUCCEEDED"
    assert deployment.stack.states(ended.arn) == ["Discover", "AnyBatches", *CLOSED]


def test_of_two_full_runs_at_once_one_is_skipped(deployment: Deployment) -> None:
    stack = deployment.stack
    with deployment.emulator.holding("EachBatch"):
        first = stack.start(FULL)
        deployment.emulator.wait_until_held("EachBatch")
        second = stack.wait(stack.start(FULL), PATIENCE_SECONDS)
    ended = [stack.wait(first, PATIENCE_SECONDS), second]

    assert [it.status for it in ended] == ["SUCCEEDED", "SUCCEEDED"]
    assert [stack.states(it.arn)[-1] for it in ended] == ["Reported", "Skipped"]
    assert deployment.run(FULL).status == "SUCCEEDED"


def test_a_database_that_never_answers_costs_that_one_alone(deployment: Deployment) -> None:
    usual = seconds_of(lambda: deployment.run(FULL))
    enough = ceil(3 * usual)  # for the others, on this machine
    with silent_database(deployment), impatient_probe(deployment, enough):
        ended = deployment.run(FULL)

    assert ended.status == "SUCCEEDED"
    judged = results(deployment, run_id(ended.arn))
    neighbours = {name: row for name, row in judged.items() if name != SILENT}
    assert len(neighbours) == len(STATES)
    assert neighbours["orders-prod"] == dict.fromkeys(judged["orders-prod"], "PASSED")
    assert judged[SILENT]["force-ssl"] == "PASSED"
    assert judged[SILENT]["plaintext-refused"] == "UNKNOWN"
    (child,) = deployment.stack.children(ended.arn)
    assert "ProbeAlone" not in deployment.stack.states(child)


def test_a_probe_that_fails_is_tried_on_each_database_alone_and_costs_what_it_would_have_seen(
    deployment: Deployment,
) -> None:
    with broken_probe(deployment):
        ended = deployment.run(FULL)

    assert ended.status == "SUCCEEDED"
    judged = results(deployment, run_id(ended.arn))
    assert len(judged) == len(STATES)
    assert judged["orders-prod"]["force-ssl"] == "PASSED"
    assert judged["orders-prod"]["plaintext-refused"] == "UNKNOWN"
    (child,) = deployment.stack.children(ended.arn)
    assert "ProbeAlone" in deployment.stack.states(child)


def test_what_cannot_be_published_is_lost_and_named_and_nothing_else(
    deployment: Deployment,
) -> None:
    with broken_probe(deployment), broken_state(deployment, "orders-prod"):
        ended = deployment.run(FULL)

    assert (ended.status, ended.error) == ("FAILED", "DatabasesLost")
    assert len(results(deployment, run_id(ended.arn))) == len(STATES) - 1
    assert "its batch was lost" in deployment.inbox.mails()[-1][1]


def test_a_batch_that_cannot_be_published_is_lost_and_the_run_is_closed(
    deployment: Deployment,
) -> None:
    with broken_state(deployment, "orders-prod"):
        ended = deployment.run({"databases": ["orders-prod"]})

    assert (ended.status, ended.error) == ("FAILED", "DatabasesLost")
    assert "1 database without a result: the batch was lost" in deployment.inbox.mails()[-1][1]


def test_a_lost_manifest_is_told_and_fails_the_run(deployment: Deployment) -> None:
    stack = deployment.stack
    with deployment.emulator.holding("EachBatch"):
        arn = stack.start({"databases": ["orders-prod"]})
        deployment.emulator.wait_until_held("EachBatch")
        deployment.emulator.client("s3").delete_object(
            Bucket=stack.outputs["RunBucket"], Key=f"runs/{run_id(arn)}/batches.json"
        )
    ended = stack.wait(arn, PATIENCE_SECONDS)

    assert (ended.status, ended.error) == ("FAILED", "DatabasesLost")
    assert "1 database without a result: the batch was lost" in deployment.inbox.mails()[-1][1]


def test_a_stack_without_a_vpc_audits_the_configuration_and_says_so(
    configuration_only: Deployment,
) -> None:
    before = len(configuration_only.findings())

    ended = configuration_only.run(FULL)

    assert ended.status == "SUCCEEDED"
    assert "configuration only" in configuration_only.stack.outputs["Scope"]
    (child,) = configuration_only.stack.children(ended.arn)
    assert configuration_only.stack.states(child) == ["AnyProbe", "Publish"]
    judged = results(configuration_only, run_id(ended.arn))
    assert judged["orders-prod"]["force-ssl"] == "PASSED"
    assert judged["orders-prod"]["plaintext-refused"] == "UNKNOWN"
    assert len(configuration_only.findings()) == before


def test_every_finding_sent_keeps_every_rule(deployment: Deployment) -> None:
    added = {"Workflow", "WorkflowState", "VerificationState", "ProcessedAt", "Region", "Sample"}
    for finding in deployment.findings().values():
        ours = {key: value for key, value in finding.items() if key not in added}
        assert problems(ours) == ()


def test_every_state_of_the_machine_was_entered(deployment: Deployment) -> None:
    stack = deployment.stack
    entered = {
        state
        for arn in stack.executions()
        for execution in (arn, *stack.children(arn))
        for state in stack.states(execution)
    }

    assert _states(json.loads(DEFINITION.read_text())) - entered == set()


def test_no_state_data_came_near_the_limit(deployment: Deployment) -> None:
    sizes = [
        len(data.content)
        for arn in deployment.stack.executions()
        for data in deployment.stack.state_data(arn)
    ]

    assert max(sizes) < MOST_STATE_DATA


def test_nothing_was_called_that_is_not_granted(deployment: Deployment) -> None:
    calls = deployment.emulator.recorder.calls()

    assert [call for call in calls if not call.allowed] == []
    # moto guards nothing: what it served is held against the policies of the role here.
    served_by_moto = {
        (call.role, call.action)
        for call in calls
        if call.action.startswith(("rds:", "securityhub:"))
    }
    for role, action in served_by_moto:
        assert action in granted(deployment, role), role
    roles = {deployment.stack.logical_id(role) for role, _ in served_by_moto}
    assert {"DiscoverRole", "PublishRole"} <= roles, (roles, deployment.stack.resources)


def _states(machine: dict[str, Any]) -> set[str]:
    names = set(machine["States"])
    for state in machine["States"].values():
        if "ItemProcessor" in state:
            names |= _states(state["ItemProcessor"])
    return names
