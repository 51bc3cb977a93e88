"""The definition of the state machine follows rules that Step Functions checks late or never."""

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
    """A state machine: the whole definition, or the processor of a Map."""

    start: str
    states: Mapping[str, State]

    @property
    def end_states(self) -> list[str]:
        """The states in which an execution of the machine can end."""
        return [
            name
            for name, state in self.states.items()
            if state.get("End") or state["Type"] in {"Succeed", "Fail"}
        ]


def parse_machine(definition: Mapping[str, Any]) -> Machine:
    return Machine(start=definition["StartAt"], states=definition["States"])


def parse_machines(definition: Mapping[str, Any]) -> Iterator[Machine]:
    """Yield the whole machine, then those inside its Maps."""
    whole = parse_machine(definition)
    yield whole
    for state in whole.states.values():
        if "ItemProcessor" in state:
            yield from parse_machines(state["ItemProcessor"])


def successors(state: State) -> set[str]:
    """Return the names of the states that can follow a state."""
    names = {state["Next"]} if "Next" in state else set()
    names |= {rule["Next"] for rule in state.get("Choices", [])}
    names |= {catcher["Next"] for catcher in state.get("Catch", [])}
    return names | ({state["Default"]} if "Default" in state else set())


WHOLE = parse_machine(json.loads(SOURCE))
MACHINES = list(parse_machines(json.loads(SOURCE)))
CHILD, ALONE = MACHINES[1:]
STATES = {name: state for machine in MACHINES for name, state in machine.states.items()}
TASKS = {name: state for name, state in STATES.items() if state["Type"] == "Task"}
MAPS = {name: state for name, state in STATES.items() if state["Type"] == "Map"}
SUBSTITUTIONS = RESOURCES["AuditStateMachine"]["Properties"]["DefinitionSubstitutions"]
EACH_MACHINE = pytest.mark.parametrize(
    "machine", MACHINES, ids=["whole", "each-batch", "each-database"]
)
EACH_TASK = pytest.mark.parametrize("name", TASKS)
EACH_MAP = pytest.mark.parametrize("name", MAPS)


def test_every_state_has_a_unique_name() -> None:
    assert len(STATES) == sum(len(machine.states) for machine in MACHINES)


@EACH_MACHINE
def test_every_successor_of_a_state_exists(machine: Machine) -> None:
    names = {machine.start}.union(*(successors(state) for state in machine.states.values()))

    assert names <= machine.states.keys()


@EACH_MACHINE
def test_every_state_can_be_reached(machine: Machine) -> None:
    reached, ahead = set(), {machine.start}
    while ahead:
        reached |= ahead
        ahead = set().union(*(successors(machine.states[name]) for name in ahead)) - reached

    assert machine.states.keys() == reached


@EACH_MACHINE
def test_every_state_has_a_successor_or_ends_the_execution(machine: Machine) -> None:
    for name, state in machine.states.items():
        exits = ("Next" in state) + bool(state.get("End"))
        assert exits == (0 if state["Type"] in {"Choice", "Succeed", "Fail"} else 1), name
        assert state["Type"] != "Choice" or "Default" in state, name


def test_every_task_has_an_expected_function() -> None:
    assert TASKS.keys() == FUNCTIONS.keys()


@EACH_TASK
def test_a_task_invokes_its_function(name: str) -> None:
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
def test_the_timeout_of_a_task_is_longer_than_that_of_its_function(name: str) -> None:
    function = RESOURCES[FUNCTIONS[name]]["Properties"]

    assert TASKS[name]["TimeoutSeconds"] > function["Timeout"]


@EACH_TASK
def test_a_task_is_retried_only_after_errors_of_the_lambda_service(name: str) -> None:
    assert TASKS[name]["Retry"] == [RETRY]


@pytest.mark.parametrize("name", sorted(STATES.keys() - TASKS.keys()))
def test_other_states_are_not_retried(name: str) -> None:
    assert "Retry" not in STATES[name]


def test_children_are_standard_executions_whose_failures_lead_to_report() -> None:
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
def test_a_map_passes_its_input_on_unchanged(name: str) -> None:
    # The output of the Map itself grows with the number of databases in the account.
    assert MAPS[name]["ResultPath"] is None


def test_a_batch_that_fails_is_retried_one_database_at_a_time() -> None:
    (catch,) = CHILD.states["Probe"]["Catch"]
    each = CHILD.states["EachDatabase"]

    assert (catch["ErrorEquals"], catch["Next"]) == (["States.ALL"], "EachDatabase")
    assert each["ItemProcessor"]["ProcessorConfig"] == {"Mode": "INLINE"}
    assert each["ItemSelector"]["targets.$"] == "$.targets"
    assert each["ItemSelector"]["part.$"] == "$$.Map.Item.Index"


@pytest.mark.parametrize("name", ["ProbeAlone", "PublishAlone"])
def test_the_failure_of_one_database_does_not_stop_the_others_of_its_batch(name: str) -> None:
    (catch,) = ALONE.states[name]["Catch"]

    assert catch["ErrorEquals"] == ["States.ALL"]
    assert ALONE.states[catch["Next"]]


@pytest.mark.parametrize("machine", [CHILD, ALONE], ids=["each-batch", "each-database"])
def test_the_output_of_each_map_iteration_is_empty(machine: Machine) -> None:
    for name in machine.end_states:
        state = machine.states[name]
        output = state["ResultSelector"] if state["Type"] == "Task" else state["Result"]
        assert output == {}, name
        assert not state.keys() & {"ResultPath", "OutputPath"}, name


@pytest.mark.parametrize("selector", ["EachBatch", "EachDatabase"])
def test_a_map_item_has_the_fields_that_probe_and_publish_read(selector: str) -> None:
    fields = {key.removesuffix(".$") for key in MAPS[selector]["ItemSelector"]}

    assert fields - {"part"} == {"kind", "run_id", "batch", "probe_function", "targets"}


def test_a_second_full_run_succeeds_as_skipped() -> None:
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


def test_a_run_with_databases_without_a_result_fails_after_report() -> None:
    (rule,) = WHOLE.states["AnyLost"]["Choices"]

    assert WHOLE.states["Report"]["Next"] == "AnyLost"
    assert (rule["Variable"], rule["NumericGreaterThan"]) == ("$.lost", 0)
    assert WHOLE.states[rule["Next"]]["Type"] == "Fail"
    assert WHOLE.states[WHOLE.states["AnyLost"]["Default"]]["Type"] == "Succeed"


def test_the_name_of_the_execution_is_passed_to_discover() -> None:
    assert WHOLE.start == "Discover"
    assert WHOLE.states["Discover"]["Parameters"]["Payload"] == {
        "execution.$": "$$.Execution.Name",
        "input.$": "$",
    }


def test_every_substitution_is_defined_in_the_template() -> None:
    used = set(re.findall(r"\$\{(\w+)\}", SOURCE))

    assert used == SUBSTITUTIONS.keys()
    assert used - {"Partition"} <= RESOURCES.keys()
    assert set(re.findall(r"arn:[^\"]+", SOURCE)) == {
        INVOKE,
        "arn:${Partition}:states:::s3:getObject",
    }
