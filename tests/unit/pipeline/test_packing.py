"""A parameter group once in a batch, and every target with its own again afterwards."""

import json

import pytest

from rds_tls_audit.codec import MalformedError, json_size
from rds_tls_audit.evidence.observed import Unseen
from rds_tls_audit.pipeline.manifest import Batch
from rds_tls_audit.pipeline.messages import ProbeRequest, ProbeResult, UnprobedBatch
from rds_tls_audit.pipeline.packing import pack, unpack
from tests.support.builders import NOW, bad, cluster, database, evidence, good, run, target

DATABASES = [
    database("orders"),
    database("billing", parameter_group="pg14"),
    database("crm"),
    *(database(f"ledger-{number}", cluster=cluster()) for number in (1, 2)),
]
BATCH = Batch(
    run_id="full-0",
    batch=0,
    probe_function="probe",
    targets=tuple(target(database) for database in DATABASES),
)


def through_json(value: object) -> object:
    return json.loads(json.dumps(pack(value)))


def test_each_group_is_carried_once() -> None:
    text = json.dumps(pack(BATCH))

    assert text.count('"rds.force_ssl"') == 3


def test_a_batch_of_one_group_is_smaller_than_its_targets_are() -> None:
    alike = Batch(
        run_id="full-0",
        batch=0,
        probe_function=None,
        targets=tuple(target(database(f"orders-{number}")) for number in range(25)),
    )

    saved = json_size(alike) - len(json.dumps(pack(alike)))

    assert saved > 24 * 100


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(BATCH, id="a batch"),
        pytest.param(evidence(run(), [good(DATABASES[0]), bad(DATABASES[2])]), id="evidence"),
    ],
)
def test_what_is_packed_comes_back_as_it_was(value: Batch | ProbeResult) -> None:
    assert unpack(through_json(value), type(value), "the document") == value


def test_a_document_that_repeats_its_groups_is_fine_too() -> None:
    assert unpack(through_json(unpack(through_json(BATCH), Batch, "it")), Batch, "it") == BATCH


def test_one_database_of_a_batch_alone_has_its_group_all_the_same() -> None:
    document = through_json(BATCH)
    assert isinstance(document, dict)

    order = unpack(document | {"part": 2, "kind": "full"}, ProbeRequest, "the event")
    failed = unpack(document | {"part": 4, "error": {"Error": "Boom"}}, UnprobedBatch, "the event")

    assert order.chosen == (BATCH.targets[2],)
    (witnessed,) = failed.evidence(NOW).witnessed
    assert witnessed.target == BATCH.targets[4]
    assert isinstance(witnessed.observation.plaintext, Unseen)


@pytest.mark.parametrize(
    "document",
    [
        {"targets": [{"configuration": {"group": {"same_as": 7}}}]},
        {"targets": [{"configuration": {"group": {"same_as": "first"}}}]},
        {"targets": [{"configuration": {}}]},
        {"targets": [{}]},
        {"targets": ["orders"]},
        {"targets": 7},
        {"witnessed": [{}]},
        [],
        "text",
        None,
        7,
    ],
)
def test_a_malformed_document_is_refused_by_name(document: object) -> None:
    with pytest.raises(MalformedError, match=r"^the event is malformed"):
        unpack(document, ProbeRequest, "the event")
