"""Which way an execution takes after Discover, with what Discover really answers."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from rds_tls_audit.stages.discover import DiscoveryResult, Skipped
from tests.support.repository import ROOT
from tests.support.sample_schedule import SCHEDULED, answered, found, in_execution
from tests.support.template import template

SOURCE = ROOT / "statemachine/audit.asl.json"
WHOLE = json.loads(SOURCE.read_text(encoding="utf-8"))
STATES = WHOLE["States"]
A_YEAR = 31_536_000
"""What an execution may take at most, and a Wait with it.
https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html"""


def holds(rule: Mapping[str, Any], data: Mapping[str, Any]) -> bool:
    """Whether a rule of a Choice holds; a variable that is not there fails the execution."""
    name = rule["Variable"].removeprefix("$.")
    if "IsPresent" in rule:
        return (name in data) is rule["IsPresent"]
    if "NumericEquals" in rule:
        return bool(data[name] == rule["NumericEquals"])
    return bool(data[name] > rule["NumericGreaterThan"])


def chosen(state: Mapping[str, Any], data: Mapping[str, Any]) -> str:
    ways = (rule["Next"] for rule in state["Choices"] if holds(rule, data))
    return str(next(ways, state["Default"]))


@pytest.mark.parametrize(
    ("asked", "what", "way"),
    [
        pytest.param(SCHEDULED["Sample"], found(2), "Spread", id="scheduled-sample"),
        pytest.param(SCHEDULED["Sample"], found(0), "Report", id="sample-of-nothing"),
        pytest.param({"kind": "sample"}, found(2), "EachBatch", id="sample-by-hand"),
        pytest.param(SCHEDULED["Full"], found(2), "EachBatch", id="full"),
        pytest.param(SCHEDULED["Full"], found(0), "Report", id="full-of-nothing"),
        pytest.param(SCHEDULED["Full"], Skipped(held_by="a"), "Skipped", id="second-full"),
        pytest.param({"databases": ["a"]}, found(1), "EachBatch", id="named"),
    ],
)
def test_every_answer_of_discover_finds_its_way(
    asked: object, what: DiscoveryResult | Skipped, way: str
) -> None:
    assert STATES["Discover"]["Next"] == "AnyBatches"
    assert chosen(STATES["AnyBatches"], answered(in_execution(asked), what)) == way


def test_a_sample_that_draws_the_first_moment_does_not_wait() -> None:
    answer = answered(in_execution(SCHEDULED["Sample"])) | {"wait_seconds": 0}

    assert chosen(STATES["AnyBatches"], answer) == "EachBatch"


def test_the_wait_is_as_long_as_discover_says_and_then_the_batches_come() -> None:
    spread = STATES["Spread"]

    assert (spread["Type"], spread["SecondsPath"]) == ("Wait", "$.wait_seconds")
    assert spread["Next"] == "EachBatch"


def test_no_wait_that_can_be_drawn_is_cut_off() -> None:
    longest = template()["Parameters"]["SampleMinutes"]["MaxValue"] * 60
    tasks = sum(
        state["TimeoutSeconds"]
        for state in STATES.values()
        if state["Type"] == "Task"  # at its ends; those of the children have limits of their own
    )

    assert longest + tasks < WHOLE.get("TimeoutSeconds", A_YEAR)


def test_the_time_of_a_sample_is_that_of_its_probe() -> None:
    handed_on = {name.removesuffix(".$") for name in STATES["EachBatch"]["ItemSelector"]}

    assert not handed_on & {"observed_at", "wait_seconds"}
