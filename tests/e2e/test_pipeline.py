"""Executions of the deployed pipeline, checked by their effects; each test builds on the last."""

import json
import re
from itertools import count
from math import ceil
from random import Random
from typing import Any

import pytest

from demo.databases import DEMO_DATABASES, PLAINTEXT
from emulation import moto_rds
from emulation.rds_resources import ACCOUNT, REGION
from emulation.strict_hub import problems
from rds_tls_audit.readiness.status import LABELS, ReadinessStatus
from tests.e2e.conftest import EXECUTION_TIMEOUT_SECONDS, Deployment
from tests.e2e.fault_injection import (
    SILENT_DATABASE,
    broken_probe,
    malformed_stored_state,
    probe_with_timeout,
    silent_database,
)
from tests.e2e.run_queries import (
    MAX_STATE_DATA,
    allowed_actions,
    read_html_report,
    read_statuses,
    run_id,
    seconds_in,
)
from tests.integration.aws.test_audit import EXPECTED
from tests.support.repository import ROOT

DEFINITION = ROOT / "statemachine" / "audit.asl.json"
PROBED = ["AnyProbe", "Probe", "Publish"]
CLOSED = ["Report", "AnyLost", "Reported"]
FULL = {"kind": "full"}
FORCE_SSL = "rds-tls-audit/force-ssl"

pytestmark = pytest.mark.random_order(disabled=True)


@pytest.fixture(scope="module", autouse=True)
def empty_stores(deployment: Deployment) -> None:
    """Remove the effects of the runs of other modules."""
    deployment.clear()


def test_a_sample_run_before_the_first_full_run_audits_no_database(deployment: Deployment) -> None:
    before = deployment.inbox.digests()

    execution = deployment.run({"kind": "sample"})

    assert execution.status == "SUCCEEDED"
    assert deployment.stack.states_entered(execution.arn) == ["Discover", "AnyBatches", *CLOSED]
    assert deployment.inbox.digests() == before


def test_a_full_run_audits_every_database_and_reports_to_security_hub_and_the_topic(
    deployment: Deployment,
) -> None:
    execution = deployment.run(FULL)

    assert execution.status == "SUCCEEDED"
    stack = deployment.stack
    assert stack.states_entered(execution.arn) == ["Discover", "AnyBatches", "EachBatch", *CLOSED]
    assert [stack.states_entered(child) for child in stack.children(execution.arn)] == [PROBED]
    assert {
        name: list(verdicts.values())
        for name, verdicts in read_statuses(deployment, run_id(execution.arn)).items()
    } == EXPECTED
    findings = deployment.findings()
    failing = sum(row.count("FAILED") + row.count("WARNING") for row in EXPECTED.values())
    assert len(findings) == failing + 1  # the coverage finding
    subject, text = deployment.inbox.emails()[-1]
    assert re.search(rf"{ACCOUNT} {REGION}.*\b{failing + 1} new\b", subject)
    assert re.search(r"new +billing-prod +plaintext-refused +FAILED", text)
    digest = deployment.inbox.digests()[-1]
    assert digest["run"]["id"] == run_id(execution.arn)
    assert digest["counts"]["new"] == failing + 1
    assert len(digest["answers"]) == 1


def test_the_finding_and_the_html_report_show_whether_it_is_safe_to_force_tls(
    deployment: Deployment,
) -> None:
    (latest, *_) = deployment.stack.executions()
    finding = next(
        finding
        for finding in deployment.findings().values()
        if finding["GeneratorId"] == FORCE_SSL
        and str(finding["Title"]).endswith(f": {PLAINTEXT.id}")
    )

    html = read_html_report(deployment, "latest/report.html")
    assert html == read_html_report(deployment, f"runs/{run_id(latest)}/report.html")
    for text in (str(finding["Description"]), html):
        assert LABELS[ReadinessStatus.CHECK_FIRST] in text.lower()
        assert "nightly-export" in text


def test_a_second_full_run_without_changes_reports_nothing(deployment: Deployment) -> None:
    findings, emails = deployment.findings(), len(deployment.inbox.emails())

    assert deployment.run(FULL).status == "SUCCEEDED"

    assert deployment.findings() == findings
    assert len(deployment.inbox.emails()) == emails


def test_a_named_run_audits_only_the_named_database(deployment: Deployment) -> None:
    moto_rds.reset_call_counts()
    deployment.demo_account.force_tls(PLAINTEXT)
    deployment.demo_account.reconnect(PLAINTEXT)

    execution = deployment.run({"databases": [PLAINTEXT.id]})

    assert execution.status == "SUCCEEDED"
    assert list(read_statuses(deployment, run_id(execution.arn))) == [PLAINTEXT.id]
    assert moto_rds.call_counts()["DescribeDBParameters"] == 1
    subject, _ = deployment.inbox.emails()[-1]
    assert subject.endswith(": 3 resolved")


def test_an_unknown_database_name_fails_the_run(deployment: Deployment) -> None:
    execution = deployment.run({"databases": ["no-such-database"]})

    assert execution.status == "FAILED"
    assert "no-such-database" in (execution.cause or "")


def test_a_sample_run_makes_no_rds_calls_and_evaluates_only_sessions(
    deployment: Deployment,
) -> None:
    before = deployment.findings()
    moto_rds.reset_call_counts()

    execution = deployment.run({"kind": "sample"})

    assert execution.status == "SUCCEEDED"
    assert moto_rds.call_counts() == {}
    statuses = read_statuses(deployment, run_id(execution.arn))
    assert statuses.keys() == {name for name, row in EXPECTED.items() if row[8] == "PASSED"}
    assert {tuple(verdicts) for verdicts in statuses.values()} == {
        ("sessions-encrypted", "sessions-modern-tls")
    }
    assert deployment.findings() == before


def test_a_scheduled_sample_run_waits_before_its_batches(deployment: Deployment) -> None:
    # The name of the execution determines the length of the wait: this name gives a short one.
    names = (f"sample-{number}" for number in count())
    name = next(name for name in names if 0 < Random(name).randrange(15 * 60) < 3)  # noqa: S311 - seconds

    execution = deployment.run({"kind": "sample", "spread": True}, name=name)

    assert execution.status == "SUCCEEDED"
    assert deployment.stack.states_entered(execution.arn)[:4] == [
        *("Discover", "AnyBatches", "Spread", "EachBatch")
    ]


def test_a_run_in_an_account_without_databases_has_no_batches(deployment: Deployment) -> None:
    for database in DEMO_DATABASES:
        moto_rds.set_instance_fields(database.id, Engine="mysql")
    try:
        execution = deployment.run(FULL)
    finally:
        for database in DEMO_DATABASES:
            engine = "aurora-postgresql" if database.cluster else "postgres"
            moto_rds.set_instance_fields(database.id, Engine=engine)

    assert execution.status == "SUCCEEDED"
    assert deployment.stack.states_entered(execution.arn) == ["Discover", "AnyBatches", *CLOSED]


def test_one_of_two_concurrent_full_runs_is_skipped(deployment: Deployment) -> None:
    stack = deployment.stack
    with deployment.emulator.holding("EachBatch"):
        first = stack.start(FULL)
        deployment.emulator.wait_until_held("EachBatch")
        second = stack.wait(stack.start(FULL), EXECUTION_TIMEOUT_SECONDS)
    executions = [stack.wait(first, EXECUTION_TIMEOUT_SECONDS), second]

    assert [execution.status for execution in executions] == ["SUCCEEDED", "SUCCEEDED"]
    last_states = [stack.states_entered(execution.arn)[-1] for execution in executions]
    assert last_states == ["Reported", "Skipped"]
    assert deployment.run(FULL).status == "SUCCEEDED"


def test_a_database_that_never_responds_does_not_affect_the_others(deployment: Deployment) -> None:
    with probe_with_timeout(deployment, 119):  # a new process, as below
        (usual,) = deployment.stack.children(deployment.run(FULL).arn)
    # Many times what the others take on this machine, and less than a database's deadline.
    timeout = min(50, max(5, ceil(4 * seconds_in(deployment, usual, "Probe"))))
    with silent_database(deployment), probe_with_timeout(deployment, timeout):
        execution = deployment.run(FULL)

    assert execution.status == "SUCCEEDED"
    statuses = read_statuses(deployment, run_id(execution.arn))
    others = {name: row for name, row in statuses.items() if name != SILENT_DATABASE}
    assert len(others) == len(DEMO_DATABASES)
    assert others["orders-prod"] == dict.fromkeys(statuses["orders-prod"], "PASSED")
    assert statuses[SILENT_DATABASE]["force-ssl"] == "PASSED"
    assert statuses[SILENT_DATABASE]["plaintext-refused"] == "UNKNOWN"
    (child,) = deployment.stack.children(execution.arn)
    assert "ProbeAlone" not in deployment.stack.states_entered(child), deployment.emulator.log()[
        -4000:
    ]


def test_a_failing_probe_is_retried_per_database_and_its_checks_are_unknown(
    deployment: Deployment,
) -> None:
    with broken_probe(deployment):
        execution = deployment.run(FULL)

    assert execution.status == "SUCCEEDED"
    statuses = read_statuses(deployment, run_id(execution.arn))
    assert len(statuses) == len(DEMO_DATABASES)
    assert statuses["orders-prod"]["force-ssl"] == "PASSED"
    assert statuses["orders-prod"]["plaintext-refused"] == "UNKNOWN"
    (child,) = deployment.stack.children(execution.arn)
    assert "ProbeAlone" in deployment.stack.states_entered(child)


def test_a_database_that_cannot_be_published_is_the_only_one_without_a_result(
    deployment: Deployment,
) -> None:
    with broken_probe(deployment), malformed_stored_state(deployment, "orders-prod"):
        execution = deployment.run(FULL)

    assert (execution.status, execution.error) == ("FAILED", "DatabasesLost")
    assert len(read_statuses(deployment, run_id(execution.arn))) == len(DEMO_DATABASES) - 1
    digest = deployment.inbox.digests()[-1]
    assert digest["lost"] == 1
    without_verdicts = [gap["databases"] for gap in digest["gaps"] if gap["checks"] == 0]
    assert without_verdicts == [["orders-prod"]]


def test_a_run_whose_only_batch_cannot_be_published_still_sends_its_digest(
    deployment: Deployment,
) -> None:
    with malformed_stored_state(deployment, "orders-prod"):
        execution = deployment.run({"databases": ["orders-prod"]})

    assert (execution.status, execution.error) == ("FAILED", "DatabasesLost")
    digest = deployment.inbox.digests()[-1]
    assert (digest["run"]["id"], digest["lost"]) == (run_id(execution.arn), 1)


def test_a_missing_manifest_is_reported_and_fails_the_run(deployment: Deployment) -> None:
    stack = deployment.stack
    with deployment.emulator.holding("EachBatch"):
        arn = stack.start({"databases": ["orders-prod"]})
        deployment.emulator.wait_until_held("EachBatch")
        deployment.emulator.client("s3").delete_object(
            Bucket=stack.outputs["RunBucket"], Key=f"runs/{run_id(arn)}/batches.json"
        )
    execution = stack.wait(arn, EXECUTION_TIMEOUT_SECONDS)

    assert (execution.status, execution.error) == ("FAILED", "DatabasesLost")
    digest = deployment.inbox.digests()[-1]
    assert (digest["run"]["id"], digest["lost"]) == (run_id(execution.arn), 1)


def test_a_stack_without_a_vpc_audits_only_the_configuration_and_says_so(
    configuration_only: Deployment,
) -> None:
    before = len(configuration_only.findings())

    execution = configuration_only.run(FULL)

    assert execution.status == "SUCCEEDED"
    assert "configuration only" in configuration_only.stack.outputs["Scope"]
    (child,) = configuration_only.stack.children(execution.arn)
    assert configuration_only.stack.states_entered(child) == ["AnyProbe", "Publish"]
    statuses = read_statuses(configuration_only, run_id(execution.arn))
    assert statuses["orders-prod"]["force-ssl"] == "PASSED"
    assert statuses["orders-prod"]["plaintext-refused"] == "UNKNOWN"
    assert len(configuration_only.findings()) == before


def test_every_finding_follows_every_rule_of_security_hub(deployment: Deployment) -> None:
    added_by_hub = {
        *("Workflow", "WorkflowState", "VerificationState"),
        *("ProcessedAt", "Region", "Sample"),
    }
    for finding in deployment.findings().values():
        sent = {key: value for key, value in finding.items() if key not in added_by_hub}
        assert problems(sent) == ()


def test_every_state_of_the_state_machine_was_entered(deployment: Deployment) -> None:
    stack = deployment.stack
    entered = {
        state
        for arn in stack.executions()
        for execution in (arn, *stack.children(arn))
        for state in stack.states_entered(execution)
    }

    assert _state_names(json.loads(DEFINITION.read_text())) - entered == set()


def test_state_data_stays_far_below_the_quota(deployment: Deployment) -> None:
    sizes = [
        len(data.content)
        for arn in deployment.stack.executions()
        for data in deployment.stack.state_data(arn)
    ]

    assert max(sizes) < MAX_STATE_DATA


def test_no_role_called_an_action_that_its_policies_do_not_allow(deployment: Deployment) -> None:
    calls = deployment.emulator.recorder.calls()

    assert [call for call in calls if not call.allowed] == []
    # moto enforces no permissions, so this test compares the calls with the policies of each role.
    served_by_moto = {
        (call.role, call.action)
        for call in calls
        if call.action.startswith(("rds:", "securityhub:"))
    }
    for role, action in served_by_moto:
        assert action in allowed_actions(deployment, role), role
    roles = {deployment.stack.logical_id(role) for role, _ in served_by_moto}
    assert {"DiscoverRole", "PublishRole"} <= roles, (roles, deployment.stack.resources)


def _state_names(machine: dict[str, Any]) -> set[str]:
    names = set(machine["States"])
    for state in machine["States"].values():
        if "ItemProcessor" in state:
            names |= _state_names(state["ItemProcessor"])
    return names
