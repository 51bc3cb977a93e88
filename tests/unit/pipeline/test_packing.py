"""A packed batch contains each parameter group once; unpacking restores every target."""

import json

import pytest

from rds_tls_audit.codec import MalformedError, encode, json_size
from rds_tls_audit.evidence.observed import Unseen
from rds_tls_audit.pipeline.manifest import Batch
from rds_tls_audit.pipeline.messages import ProbeRequest, ProbeResult, UnprobedBatch
from rds_tls_audit.pipeline.packing import pack, unpack
from tests.support.builders import NOW, bad, cluster, database, good, probe_result, run, target

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


def test_a_packed_batch_contains_each_group_once() -> None:
    text = json.dumps(pack(BATCH))

    assert text.count('"rds.force_ssl"') == 3


def test_a_packed_batch_is_smaller_if_its_targets_share_a_group() -> None:
    batch = Batch(
        run_id="full-0",
        batch=0,
        probe_function=None,
        targets=tuple(target(database(f"orders-{number}")) for number in range(25)),
    )

    saved = json_size(batch) - len(json.dumps(pack(batch)))

    assert saved > 24 * 100


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(BATCH, id="a batch"),
        pytest.param(
            probe_result(run(), [good(DATABASES[0]), bad(DATABASES[2])]), id="a probe result"
        ),
    ],
)
def test_unpacking_restores_what_was_packed(value: Batch | ProbeResult) -> None:
    assert unpack(through_json(value), type(value), "the document") == value


def test_a_document_without_references_can_be_unpacked_too() -> None:
    unpacked = json.loads(json.dumps(encode(BATCH)))

    assert unpack(unpacked, Batch, "the document") == BATCH


def test_a_target_that_is_retried_alone_keeps_its_group() -> None:
    document = through_json(BATCH)
    assert isinstance(document, dict)

    request = unpack(document | {"part": 2, "kind": "full"}, ProbeRequest, "the event")
    failed = unpack(document | {"part": 4, "error": {"Error": "Boom"}}, UnprobedBatch, "the event")

    assert request.chosen == (BATCH.targets[2],)
    (unprobed,) = failed.unprobed_result(NOW).witnessed
    assert unprobed.target == BATCH.targets[4]
    assert isinstance(unprobed.observation.plaintext, Unseen)


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
def test_a_malformed_document_is_refused_with_its_name(document: object) -> None:
    with pytest.raises(MalformedError, match=r"^the event is malformed"):
        unpack(document, ProbeRequest, "the event")
