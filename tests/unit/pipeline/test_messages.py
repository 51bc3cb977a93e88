"""Publish reads what it is handed, probed or not; an error's own words never get into evidence."""

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
from tests.support.builders import NOW, bad, database, evidence, good, run, settings, target

TARGETS = (target(database("orders-prod")), target(database("billing"), force_ssl="0"))
SECRET = "FATAL: password hunter2 was refused"  # noqa: S105 - a word to look for
FAILED_ON_IT = "the probe failed on it (Sandbox.Timedout): see its log"


def item(**more: object) -> dict[str, Any]:
    """What the state machine hands on where there was no probe, or where it failed."""
    document = {
        "kind": "full",
        "run_id": "daily",
        "batch": 3,
        "probe_function": None,
        "targets": [encode(it) for it in TARGETS],
    }
    read: dict[str, Any] = json.loads(json.dumps(document | more))
    return read


def test_evidence_of_the_probe_is_read_as_it_is() -> None:
    probed = evidence(run(RunKind.SAMPLE), [good(database()), bad(database("billing"))], batch=3)

    assert read_probe_result(json.loads(json.dumps(encode(probed))), NOW) == probed


def test_a_batch_that_was_not_probed_has_every_database_and_the_time_of_now() -> None:
    read = read_probe_result(item(), NOW)

    assert read.run == Run(id="daily", kind=RunKind.FULL, observed_at=NOW)
    assert (read.batch, read.part) == (3, None)
    assert tuple(it.target for it in read.witnessed) == TARGETS


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        pytest.param({}, NOT_PROBED, id="no-probe"),
        pytest.param({"error": None}, NOT_PROBED, id="no-error"),
        pytest.param(
            {"error": {"Error": "Sandbox.Timedout", "Cause": SECRET}}, FAILED_ON_IT, id="failed"
        ),
        pytest.param({"error": {"Error": "Sandbox.Timedout"}}, FAILED_ON_IT, id="no-cause"),
        pytest.param(
            {"error": {"Cause": SECRET}},
            "the probe failed on it (unknown error): see its log",
            id="no-name",
        ),
    ],
)
def test_nothing_of_it_was_seen_for_one_reason(more: dict[str, object], reason: str) -> None:
    read = read_probe_result(item(**more), NOW)

    for witnessed in read.witnessed:
        observation = witnessed.observation
        fields = [getattr(observation, name) for name in observation.__dataclass_fields__]
        assert fields == [Unseen(reason=reason)] * len(fields)


def test_the_cause_of_an_error_gets_into_no_evidence_and_no_verdict() -> None:
    read = read_probe_result(item(error={"Error": "Error", "Cause": SECRET}, part=0), NOW)

    judged = [evaluate_database(it, read.run, settings()) for it in read.witnessed]
    assert "hunter2" not in json.dumps(encode(read))
    assert "hunter2" not in repr(judged)


def test_the_configuration_is_judged_all_the_same() -> None:
    read = read_probe_result(item(), NOW)

    statuses = [
        {
            it.check.id: it.verdict.status
            for it in evaluate_database(witnessed, read.run, settings())
        }
        for witnessed in read.witnessed
    ]
    assert [it["force-ssl"] for it in statuses] == [Status.PASSED, Status.FAILED]
    assert {it["plaintext-refused"] for it in statuses} == {Status.UNKNOWN}
    assert {it["sessions-encrypted"] for it in statuses} == {Status.UNKNOWN}


def test_a_database_that_was_tried_alone_says_which_it_is() -> None:
    assert read_probe_result(item(part=7), NOW).part == 7


def test_where_nobody_says_the_kind_it_is_the_one_that_may_change_the_least() -> None:
    event = item()
    del event["kind"]

    assert read_probe_result(event, NOW).run.kind is RunKind.NAMED


@pytest.mark.parametrize(
    "event",
    [
        pytest.param(None, id="null"),
        pytest.param([], id="list"),
        pytest.param("evidence", id="text"),
        pytest.param({}, id="empty"),
        pytest.param(item(targets=None), id="no-targets"),
        pytest.param(item(targets=[{}]), id="empty-target"),
        pytest.param(item(batch="three"), id="batch-a-text"),
        pytest.param(item(kind="weekly"), id="kind-not-known"),
        pytest.param(item(error=SECRET), id="error-a-text"),
        pytest.param(item(witnessed=[]), id="witnessed-without-a-run"),
    ],
)
def test_anything_else_is_refused_without_showing_it(event: object) -> None:
    with pytest.raises(MalformedError, match=r"^the event is malformed") as caught:
        read_probe_result(event, NOW)

    assert "hunter2" not in str(caught.value)


def test_what_was_not_probed_is_evidence_like_any_other() -> None:
    unprobed = UnprobedBatch(run_id="daily", batch=3, targets=TARGETS, kind=RunKind.FULL)

    assert isinstance(unprobed.evidence(NOW), ProbeResult)
    assert read_probe_result(item(), NOW) == unprobed.evidence(NOW)
