"""Publish accepts probed and unprobed batches; the text of an error never becomes evidence."""

import json
from typing import Any

import pytest

from rds_tls_audit.checks.evaluation import evaluate_database
from rds_tls_audit.checks.verdict import Status
from rds_tls_audit.codec import MalformedError, encode
from rds_tls_audit.evidence.observed import Unseen
from rds_tls_audit.pipeline.messages import (
    NOT_PROBED,
    ProbeResult,
    UnprobedBatch,
    read_probe_result,
)
from rds_tls_audit.pipeline.run import Run, RunKind
from tests.support.builders import NOW, bad, database, good, probe_result, run, settings, target

TARGETS = (target(database("orders-prod")), target(database("billing"), force_ssl="0"))
SECRET = "FATAL: password hunter2 was refused"  # noqa: S105 - a text to search for
PROBE_FAILED = "the probe failed (Sandbox.Timedout); see the log of the probe function"


def item(**more: object) -> dict[str, Any]:
    """Return the event that the state machine passes on if there is no probe or if it failed."""
    document = {
        "kind": "full",
        "run_id": "daily",
        "batch": 3,
        "probe_function": None,
        "targets": [encode(target) for target in TARGETS],
    }
    read: dict[str, Any] = json.loads(json.dumps(document | more))
    return read


def test_a_probe_result_is_read_unchanged() -> None:
    probed = probe_result(
        run(RunKind.SAMPLE), [good(database()), bad(database("billing"))], batch=3
    )

    assert read_probe_result(json.loads(json.dumps(encode(probed))), NOW) == probed


def test_an_unprobed_batch_has_every_database_and_the_current_time() -> None:
    read = read_probe_result(item(), NOW)

    assert read.run == Run(id="daily", kind=RunKind.FULL, observed_at=NOW)
    assert (read.batch, read.part) == (3, None)
    assert tuple(probed.target for probed in read.witnessed) == TARGETS


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        pytest.param({}, NOT_PROBED, id="no-probe"),
        pytest.param({"error": None}, NOT_PROBED, id="no-error"),
        pytest.param(
            {"error": {"Error": "Sandbox.Timedout", "Cause": SECRET}}, PROBE_FAILED, id="failed"
        ),
        pytest.param({"error": {"Error": "Sandbox.Timedout"}}, PROBE_FAILED, id="no-cause"),
        pytest.param(
            {"error": {"Cause": SECRET}},
            "the probe failed (unknown error); see the log of the probe function",
            id="no-name",
        ),
    ],
)
def test_an_unprobed_database_has_no_observation_and_one_reason(
    more: dict[str, object], reason: str
) -> None:
    read = read_probe_result(item(**more), NOW)

    for probed in read.witnessed:
        observation = probed.observation
        fields = [getattr(observation, name) for name in observation.__dataclass_fields__]
        assert fields == [Unseen(reason=reason)] * len(fields)


def test_the_cause_of_an_error_reaches_neither_evidence_nor_verdict() -> None:
    read = read_probe_result(item(error={"Error": "Error", "Cause": SECRET}, part=0), NOW)

    evaluations = [evaluate_database(probed, read.run, settings()) for probed in read.witnessed]
    assert "hunter2" not in json.dumps(encode(read))
    assert "hunter2" not in repr(evaluations)


def test_the_configuration_of_an_unprobed_database_is_evaluated() -> None:
    read = read_probe_result(item(), NOW)

    statuses = [
        {
            evaluation.check.id: evaluation.verdict.status
            for evaluation in evaluate_database(probed, read.run, settings())
        }
        for probed in read.witnessed
    ]
    assert [by_check["force-ssl"] for by_check in statuses] == [Status.PASSED, Status.FAILED]
    assert {by_check["plaintext-refused"] for by_check in statuses} == {Status.UNKNOWN}
    assert {by_check["sessions-encrypted"] for by_check in statuses} == {Status.UNKNOWN}


def test_a_database_that_was_retried_alone_keeps_its_position() -> None:
    assert read_probe_result(item(part=7), NOW).part == 7


def test_a_run_without_a_kind_is_a_named_run() -> None:
    event = item()
    del event["kind"]

    assert read_probe_result(event, NOW).run.kind is RunKind.NAMED


@pytest.mark.parametrize(
    "event",
    [
        pytest.param(None, id="null"),
        pytest.param([], id="list"),
        pytest.param("result", id="text"),
        pytest.param({}, id="empty"),
        pytest.param(item(targets=None), id="no-targets"),
        pytest.param(item(targets=[{}]), id="empty-target"),
        pytest.param(item(batch="three"), id="batch-a-text"),
        pytest.param(item(kind="weekly"), id="kind-not-known"),
        pytest.param(item(error=SECRET), id="error-a-text"),
        pytest.param(item(witnessed=[]), id="witnessed-without-a-run"),
    ],
)
def test_any_other_event_is_refused_without_quoting_it(event: object) -> None:
    with pytest.raises(MalformedError, match=r"^the event is malformed") as caught:
        read_probe_result(event, NOW)

    assert "hunter2" not in str(caught.value)


def test_an_unprobed_batch_becomes_a_probe_result() -> None:
    unprobed = UnprobedBatch(run_id="daily", batch=3, targets=TARGETS, kind=RunKind.FULL)

    assert isinstance(unprobed.unprobed_result(NOW), ProbeResult)
    assert read_probe_result(item(), NOW) == unprobed.unprobed_result(NOW)
