"""What an earlier version stored or sent is read by this one, and written the same again."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from enum import StrEnum
from typing import Any, TypeAliasType, get_args, get_origin, get_type_hints

import pytest

from rds_tls_audit.checks.registry import all_checks
from rds_tls_audit.codec import decode, encode
from rds_tls_audit.digest.outbox import DeliveryProgress
from rds_tls_audit.findings.change import Change
from rds_tls_audit.findings.inventory import KnownResource
from rds_tls_audit.findings.state import FindingState
from rds_tls_audit.pipeline.manifest import Batch
from rds_tls_audit.pipeline.messages import ProbeRequest, ProbeResult, ReportRequest, UnprobedBatch
from rds_tls_audit.pipeline.packing import pack, unpack
from rds_tls_audit.readiness.sampling.daily_samples import DailySamples
from rds_tls_audit.readiness.sampling.observed_client import ObservedClient
from rds_tls_audit.readiness.sampling.sampling_state import SamplingState
from rds_tls_audit.results.batch_result import BatchResult
from rds_tls_audit.results.coverage import COVERAGE
from rds_tls_audit.results.gaps import Gap
from rds_tls_audit.results.run_totals import RunTotals
from rds_tls_audit.stages.recheck import execution_name
from rds_tls_audit.stages.report import Reported
from tests.support.stored.files import Json, documents, plain, read

TYPES: Mapping[str, type] = {
    "Batch": Batch,
    "BatchResult": BatchResult,
    "Change": Change,
    "ProbeResult": ProbeResult,
    "FindingState": FindingState,
    "Gap": Gap,
    "KnownResource": KnownResource,
    "RunTotals": RunTotals,
    "ProbeRequest": ProbeRequest,
    "DeliveryProgress": DeliveryProgress,
    "ReportRequest": ReportRequest,
    "Reported": Reported,
    "DailySamples": DailySamples,
    "ObservedClient": ObservedClient,
    "SamplingState": SamplingState,
    "UnprobedBatch": UnprobedBatch,
}
"""What is stored or sent as a whole, by the name of its documents; all else is a part of these."""

ATTRIBUTES: Mapping[str, type] = {
    "change": Change,
    "client": ObservedClient,
    "day": DailySamples,
    "known": KnownResource,
    "past": RunTotals,
    "progress": DeliveryProgress,
    "state": FindingState,
    "tally": SamplingState,
}
"""What the items of the table hold, by attribute; the lock holds nothing more."""


def written(value: object) -> Json:
    """Give a value as it is stored."""
    return json.loads(json.dumps(encode(value)))


def packed(value: object) -> Json:
    """Give a value as it is handed on."""
    return json.loads(json.dumps(pack(value)))


def type_of(name: str) -> type:
    return TYPES[name.rpartition("/")[2].removesuffix(".json").partition("-")[0]]


def of_history(kind: str) -> Iterator[Json]:
    for name in documents("history"):
        if name.endswith(f"/{kind}.json"):
            yield from read(name)


def messages(stage: str, part: str) -> list[Json]:
    found = [it for it in of_history("messages") if it["stage"] == stage and part in it]
    return [it[part] for it in found if "skipped" not in it[part]]


@pytest.mark.parametrize("name", documents("documents"))
def test_a_document_is_read_and_written_the_same(name: str) -> None:
    document = read(name)

    assert written(decode(document, type_of(name), name)) == document


def test_what_every_item_of_the_table_holds_is_read_and_written_the_same() -> None:
    items = [plain(it["put"]) for it in of_history("items") if "put" in it]
    seen = set()
    for item in items:
        held = item.keys() & ATTRIBUTES.keys()
        seen |= held
        assert len(held) == (item["sk"] != "lock")
        for name in held:
            assert written(decode(item[name], ATTRIBUTES[name], item["sk"])) == item[name]
    assert seen == ATTRIBUTES.keys()


def test_results_are_read_and_written_the_same() -> None:
    results = [it for it in of_history("objects") if "/results/" in it["key"]]
    assert len(results) > 20
    for result in results:
        assert written(decode(result["body"], BatchResult, result["key"])) == result["body"]


def test_manifests_are_read_and_written_the_same_with_each_group_once() -> None:
    manifests = [it for it in of_history("objects") if it["key"].endswith("/batches.json")]
    batches = [batch for manifest in manifests for batch in manifest["body"]]
    assert any("same_as" in str(batch) for batch in batches)
    for batch in batches:
        assert packed(unpack(batch, Batch, "the manifest")) == batch


def test_what_publish_was_asked_is_read_and_written_the_same() -> None:
    asked = [*messages("publish", "asked"), *messages("probe", "answered")]
    evidence = [it for it in asked if "witnessed" in it]
    unprobed = [it for it in asked if "witnessed" not in it]
    assert evidence
    for it in evidence:
        assert packed(unpack(it, ProbeResult, "the event")) == it
    assert [it.get("error") is None for it in unprobed] == [False, True]
    for it in unprobed:
        assert given(it, packed(unpack(it, UnprobedBatch, "the event")))


def test_what_probe_was_asked_is_read_and_written_the_same() -> None:
    (asked,) = messages("probe", "asked")

    assert given(asked, packed(unpack(asked, ProbeRequest, "the event")))


def test_what_report_was_asked_and_has_answered_is_read_and_written_the_same() -> None:
    asked, answered = messages("report", "asked"), messages("report", "answered")
    assert len(asked) > len(answered) > 10  # one has died
    for it in asked:
        order = written(decode(it, ReportRequest, "the event"))
        assert order == {key: it[key] for key in order}
    for it in answered:
        assert written(decode(it, Reported, "the answer")) == it


def given(asked: Json, understood: Json) -> bool:
    """Whether a state's input is kept but for what the state machine alone reads."""
    return asked.keys() - understood.keys() <= {"probe_function"} and all(
        understood[key] == asked.get(key) for key in understood
    )


def test_every_field_of_every_type_has_a_value_in_some_document() -> None:
    """Else a field could change its name, and no document would tell."""
    values: list[object] = [
        decode(read(name), type_of(name), name) for name in documents("documents")
    ]
    whole = {type(part) for value in values for part in parts(value) if is_whole(part)}

    assert {it for it in reachable() if is_dataclass(it)} - whole == set()


def test_words_and_ids_that_are_stored_stay() -> None:
    names = read("names.json")
    enums = [it for it in reachable() if issubclass(it, StrEnum)]

    assert sorted(sorted(it) for it in enums) == names["values"]
    assert {*names["checks"]} <= {*(check.id for check in all_checks()), COVERAGE.id}


def test_a_burst_of_events_starts_an_execution_of_the_same_name() -> None:
    execution = read("names.json")["execution"]

    assert execution_name(execution["messages"]) == execution["name"]


def parts(value: object) -> Iterator[object]:
    """Yield a value and everything in it."""
    yield value
    inner: list[object] = []
    if is_dataclass(value):
        inner = [getattr(value, field.name) for field in fields(value)]
    elif isinstance(value, Mapping):
        inner = list(value.values())
    elif isinstance(value, tuple):
        inner = list(value)
    for each in inner:
        yield from parts(each)


def is_whole(value: object) -> bool:
    """Whether no field is empty or left at its default."""
    return is_dataclass(value) and all(
        getattr(value, field.name) not in (None, "", (), default(field)) for field in fields(value)
    )


def default(field: Field[Any]) -> object:
    if field.default_factory is not MISSING:
        return field.default_factory()
    return field.default


def reachable() -> set[type]:
    """Find every dataclass and every closed set of words that a stored type is made of."""
    found: set[type] = set()
    for shape in TYPES.values():
        reach(shape, found)
    return found


def reach(shape: Any, found: set[type]) -> None:  # noqa: ANN401 - any annotation
    for argument in get_args(shape):
        reach(argument, found)
    shape = get_origin(shape) or shape
    if isinstance(shape, TypeAliasType):
        reach(shape.__value__, found)
    elif isinstance(shape, type) and shape not in found:
        if issubclass(shape, StrEnum):
            found.add(shape)
        elif is_dataclass(shape):
            found.add(shape)
            for hint in get_type_hints(shape).values():
                reach(hint, found)
