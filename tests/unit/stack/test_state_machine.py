"""The state machine as data: what its service would refuse or forgive at a bad moment."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from tests.support.repository import ROOT
from tests.support.template import RESOURCES

SOURCE = (ROOT / "statemachine/audit.asl.json").read_text(encoding="utf-8")
INVOKE = "arn:${Partition}:states:::lambda:invoke"
RETRY = {
    "ErrorEquals": [
        "Lambda.ClientExecutionTimeoutException",
        "Lambda.ServiceException",
        "Lambda.AWSLambdaException",
        "Lambda.SdkClientException",
        "Lambda.TooManyRequestsException",
        "Lambda.ResourceNotReadyException",
        "Lambda.ResourceConflictException",
    ],
    "IntervalSeconds": 2,
    "MaxAttempts": 3,
    "BackoffRate": 2,
    "JitterStrategy": "FULL",
}
FUNCTIONS = {
    "Discover": "DiscoverFunction",
    "Probe": "ProbeFunction",
    "ProbeAlone": "ProbeFunction",
    "Publish": "PublishFunction",
    "PublishAlone": "PublishFunction",
    "Report": "ReportFunction",
}

type State = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """A state machine: the whole, or the processor of a Map."""

    start: str
    states: Mapping[str, State]

    @property
    def ends(self) -> list[str]:
        """The states that an execution of it may end in."""
        return [
            name
            for name, state in self.states.items()
            if state.get("End") or state["Type"] in {"Succeed", "Fail"}
        ]


def machine(of: Mapping[str, Any]) -> Machine:
    return Machine(start=of["StartAt"], states=of["States"])


def machines(of: Mapping[str, Any]) -> Iterator[Machine]:
    """Yield it, and those inside its Maps."""
    whole = machine(of)
    yield whole
    for state in whole.states.values():
        if "ItemProcessor" in state:
            yield from machines(state["ItemProcessor"])


def successors(state: State) -> set[str]:
    named = {state["Next"]} if "Next" in state else set()
    named |= {rule["Next"] for rule in state.get("Choices", [])}
    named |= {catcher["Next"] for catcher in state.get("Catch", [])}
    return named | ({state["Default"]} if "Default" in state else set())


WHOLE = machine(json.loads(SOURCE))
MACHINES = list(machines(json.loads(SOURCE)))
CHILD, ALONE = MACHINES[1:]
STATES = {name: state for it in MACHINES for name, state in it.states.items()}
TASKS = {name: state for name, state in STATES.items() if state["Type"] == "Task"}
MAPS = {name: state for name, state in STATES.items() if state["Type"] == "Map"}
SUBSTITUTIONS = RESOURCES["AuditStateMachine"]["Properties"]["DefinitionSubstitutions"]
EACH_MACHINE = pytest.mark.parametrize(
    "machine", MACHINES, ids=["whole", "each-batch", "each-database"]
)
EACH_TASK = pytest.mark.parametrize("name", TASKS)
EACH_MAP = pytest.mark.parametrize("name", MAPS)


def test_every_name_is_given_once() -> None:
    assert len(STATES) == sum(len(machine.states) for machine in MACHINES)


@EACH_MACHINE
def test_every_state_that_is_named_exists(machine: Machine) -> None:
    named = {machine.start}.union(*(successors(state) for state in machine.states.values()))

    assert named <= machine.states.keys()


@EACH_MACHINE
def test_every_state_can_be_reached(machine: Machine) -> None:
    reached, ahead = set(), {machine.start}
    while ahead:
        reached |= ahead
        ahead = set().union(*(successors(machine.states[name]) for name in ahead)) - reached

    assert machine.states.keys() == reached


@EACH_MACHINE
def test_every_state_goes_on_or_ends(machine: Machine) -> None:
    for name, state in machine.states.items():
        ways = ("Next" in state) + bool(state.get("End"))
        assert ways == (0 if state["Type"] in {"Choice", "Succeed", "Fail"} else 1), name
        assert state["Type"] != "Choice" or "Default" in state, name


def test_every_state_that_calls_a_function_is_known_here() -> None:
    assert TASKS.keys() == FUNCTIONS.keys()


@EACH_TASK
def test_a_task_invokes_a_function_and_nothing_else(name: str) -> None:
    function = FUNCTIONS[name]
    expected = (
        {"FunctionName.$": "$.probe_function"}
        if function == "ProbeFunction"
        else {"FunctionName": f"${{{function}}}"}
    )

    assert TASKS[name]["Resource"] == INVOKE
    parameters = TASKS[name]["Parameters"]
    assert parameters.keys() - {"Payload", "Payload.$"} == expected.keys()
    assert expected.items() <= parameters.items()


@EACH_TASK
def test_a_task_waits_longer_than_its_function_may_take(name: str) -> None:
    function = RESOURCES[FUNCTIONS[name]]["Properties"]

    assert TASKS[name]["TimeoutSeconds"] > function["Timeout"]


@EACH_TASK
def test_a_task_is_tried_again_where_lambda_failed_and_never_where_we_did(name: str) -> None:
    assert TASKS[name]["Retry"] == [RETRY]


@pytest.mark.parametrize("name", sorted(STATES.keys() - TASKS.keys()))
def test_nothing_else_is_tried_again(name: str) -> None:
    assert "Retry" not in STATES[name]


def test_children_are_standard_executions_and_hand_their_failure_to_report() -> None:
    each_batch = WHOLE.states["EachBatch"]

    assert each_batch["ItemProcessor"]["ProcessorConfig"] == {
        "Mode": "DISTRIBUTED",
        "ExecutionType": "STANDARD",
    }
    assert each_batch["ToleratedFailurePercentage"] == 100
    (catch,) = each_batch["Catch"]
    assert catch["ErrorEquals"] == ["States.ALL"]
    assert catch["Next"] == each_batch["Next"] == "Report"


@EACH_MAP
def test_a_map_hands_on_what_it_was_handed(name: str) -> None:
    # Its own output is a list as long as the account has databases.
    assert MAPS[name]["ResultPath"] is None


def test_a_batch_that_fails_is_tried_one_database_at_a_time() -> None:
    (catch,) = CHILD.states["Probe"]["Catch"]
    each = CHILD.states["EachDatabase"]

    assert (catch["ErrorEquals"], catch["Next"]) == (["States.ALL"], "EachDatabase")
    assert each["ItemProcessor"]["ProcessorConfig"] == {"Mode": "INLINE"}
    assert each["ItemSelector"]["targets.$"] == "$.targets"
    assert each["ItemSelector"]["part.$"] == "$$.Map.Item.Index"


@pytest.mark.parametrize("name", ["ProbeAlone", "PublishAlone"])
def test_one_database_hides_no_other_of_its_batch(name: str) -> None:
    (catch,) = ALONE.states[name]["Catch"]

    assert catch["ErrorEquals"] == ["States.ALL"]
    assert ALONE.states[catch["Next"]]


@pytest.mark.parametrize("machine", [CHILD, ALONE], ids=["each-batch", "each-database"])
def test_what_a_map_gathers_is_empty(machine: Machine) -> None:
    for name in machine.ends:
        state = machine.states[name]
        put_out = state["ResultSelector"] if state["Type"] == "Task" else state["Result"]
        assert put_out == {}, name
        assert not state.keys() & {"ResultPath", "OutputPath"}, name


@pytest.mark.parametrize("selector", ["EachBatch", "EachDatabase"])
def test_an_item_has_what_probe_and_publish_read(selector: str) -> None:
    fields = {key.removesuffix(".$") for key in MAPS[selector]["ItemSelector"]}

    assert fields - {"part"} == {"kind", "run_id", "batch", "probe_function", "targets"}


def test_a_second_full_run_ends_well() -> None:
    reached = {rule["Next"] for rule in WHOLE.states["AnyBatches"]["Choices"]}

    assert "Skipped" in reached
    assert WHOLE.states["Skipped"]["Type"] == "Succeed"


def test_a_run_without_batches_goes_to_report() -> None:
    rules = [
        rule
        for rule in WHOLE.states["AnyBatches"]["Choices"]
        if rule["Variable"] == "$.batches" and rule.get("NumericEquals") == 0
    ]

    assert [rule["Next"] for rule in rules] == ["Report"]


def test_a_run_that_lost_databases_fails_after_its_report() -> None:
    (rule,) = WHOLE.states["AnyLost"]["Choices"]

    assert WHOLE.states["Report"]["Next"] == "AnyLost"
    assert (rule["Variable"], rule["NumericGreaterThan"]) == ("$.lost", 0)
    assert WHOLE.states[rule["Next"]]["Type"] == "Fail"
    assert WHOLE.states[WHOLE.states["AnyLost"]["Default"]]["Type"] == "Succeed"


def test_the_execution_names_the_run() -> None:
    assert WHOLE.start == "Discover"
    assert WHOLE.states["Discover"]["Parameters"]["Payload"] == {
        "execution.$": "$$.Execution.Name",
        "input.$": "$",
    }


def test_only_what_the_template_gives_is_substituted() -> None:
    used = set(re.findall(r"\$\{(\w+)\}", SOURCE))

    assert used == SUBSTITUTIONS.keys()
    assert used - {"Partition"} <= RESOURCES.keys()
    assert set(re.findall(r"arn:[^\"]+", SOURCE)) == {
        INVOKE,
        "arn:${Partition}:states:::s3:getObject",
    }
