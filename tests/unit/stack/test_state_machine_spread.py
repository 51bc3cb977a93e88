"""The path of an execution after Discover, for each real response of Discover."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from rds_tls_audit.stages.discover import DiscoveryResult, Skipped
from tests.support.repository import ROOT
from tests.support.sample_schedule import SCHEDULED, discover_response, found, in_execution
from tests.support.template import template

SOURCE = ROOT / "statemachine/audit.asl.json"
WHOLE = json.loads(SOURCE.read_text(encoding="utf-8"))
STATES = WHOLE["States"]
A_YEAR = 31_536_000
"""The maximum duration of an execution, and of a Wait, in seconds.
https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html"""


def is_rule_met(rule: Mapping[str, Any], data: Mapping[str, Any]) -> bool:
    """Return whether a rule of a Choice is met; a missing variable fails the execution."""
    name = rule["Variable"].removeprefix("$.")
    if "IsPresent" in rule:
        return (name in data) is rule["IsPresent"]
    if "NumericEquals" in rule:
        return bool(data[name] == rule["NumericEquals"])
    return bool(data[name] > rule["NumericGreaterThan"])


def next_state(state: Mapping[str, Any], data: Mapping[str, Any]) -> str:
    """Return the state that a Choice selects."""
    names = (rule["Next"] for rule in state["Choices"] if is_rule_met(rule, data))
    return str(next(names, state["Default"]))


@pytest.mark.parametrize(
    ("run_input", "discovery", "expected"),
    [
        pytest.param(SCHEDULED["Sample"], found(2), "Spread", id="scheduled-sample"),
        pytest.param(SCHEDULED["Sample"], found(0), "Report", id="sample-without-databases"),
        pytest.param({"kind": "sample"}, found(2), "EachBatch", id="manual-sample"),
        pytest.param(SCHEDULED["Full"], found(2), "EachBatch", id="full"),
        pytest.param(SCHEDULED["Full"], found(0), "Report", id="full-without-databases"),
        pytest.param(SCHEDULED["Full"], Skipped(held_by="a"), "Skipped", id="second-full"),
        pytest.param({"databases": ["a"]}, found(1), "EachBatch", id="named"),
    ],
)
def test_each_response_of_discover_leads_to_its_state(
    run_input: object, discovery: DiscoveryResult | Skipped, expected: str
) -> None:
    assert STATES["Discover"]["Next"] == "AnyBatches"
    assert (
        next_state(STATES["AnyBatches"], discover_response(in_execution(run_input), discovery))
        == expected
    )


def test_a_sample_with_a_wait_of_zero_seconds_does_not_wait() -> None:
    response = discover_response(in_execution(SCHEDULED["Sample"])) | {"wait_seconds": 0}

    assert next_state(STATES["AnyBatches"], response) == "EachBatch"


def test_the_wait_has_the_length_from_discover_and_is_followed_by_the_batches() -> None:
    spread = STATES["Spread"]

    assert (spread["Type"], spread["SecondsPath"]) == ("Wait", "$.wait_seconds")
    assert spread["Next"] == "EachBatch"


def test_the_longest_wait_fits_into_the_execution_timeout() -> None:
    longest = template()["Parameters"]["SampleMinutes"]["MaxValue"] * 60
    tasks = sum(
        state["TimeoutSeconds"]
        for state in STATES.values()
        if state["Type"] == "Task"  # child executions have limits of their own
    )

    assert longest + tasks < WHOLE.get("TimeoutSeconds", A_YEAR)


def test_the_time_of_a_sample_is_determined_by_its_probe() -> None:
    passed_fields = {name.removesuffix(".$") for name in STATES["EachBatch"]["ItemSelector"]}

    assert not passed_fields & {"observed_at", "wait_seconds"}
