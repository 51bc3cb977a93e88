"""Messages and stored items survive JSON; a malformed document is refused with its name."""

import json
from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest

from rds_tls_audit.checks.verdict import Severity, Status
from rds_tls_audit.codec import MalformedError, decode, encode, json_size
from rds_tls_audit.digest.outbox import DeliveryProgress
from rds_tls_audit.evidence.observation import Observation
from rds_tls_audit.evidence.observed import Seen, Unseen
from rds_tls_audit.findings.import_result import Rejection
from rds_tls_audit.findings.inventory import KnownResource
from rds_tls_audit.findings.state import ChangeKind
from rds_tls_audit.fleet.configuration import Configuration, Target
from rds_tls_audit.fleet.database import Endpoint
from rds_tls_audit.pipeline.manifest import Batch
from rds_tls_audit.pipeline.messages import (
    ProbedTarget,
    ProbeRequest,
    ProbeResult,
    ReportRequest,
    UnprobedBatch,
)
from rds_tls_audit.pipeline.run import RunKind
from rds_tls_audit.results.batch_result import BatchResult
from tests.support.builders import (
    ABSENT,
    GOOD,
    NOW,
    SENT_STATE,
    bad,
    change,
    cluster,
    database,
    database_result,
    good,
    parameter_group,
    plaintext_session,
    probe_result,
    run,
    session_view,
    target,
    tls_session,
)

FULL_DATABASE = database(
    "größe",
    cluster=cluster(),
    tags={"Owner": "東京 \U0001f512", "rds-tls-audit:skip": ""},
    publicly_accessible=True,
    iam_authentication=True,
    db_name="orders",
    master_role="postgres",
    master_secret="arn:aws:secretsmanager:eu-central-1:123456789012:secret:rds!db-1-AbCdEf",  # noqa: S106 - the name of a secret
)
BARE_DATABASE = database(
    apply_status=None,
    endpoint=None,
    cluster=None,
    vpc_id=None,
    ca_id=None,
    certificate_valid_till=None,
)
VALUELESS = parameter_group(None, ABSENT)
RICH_VIEW = session_view(
    tls_session(count=4),
    plaintext_session(count=4),
    tls_session(role=None, application=None, network=None),
    rds_own=(tls_session(role="rdsadmin"),),
    why_partial="grant pg_monitor",
    groups_cut=3,
    samples=2,
)
RICH_RESULT = probe_result(
    run(RunKind.NAMED, hours=1.0001),
    [
        good(database()),
        bad(database("ledger-1", cluster=cluster())),
        ProbedTarget(
            target=replace(target(FULL_DATABASE), dial=Endpoint(address="::1", port=15432)),
            observation=replace(GOOD, sessions=Seen(value=RICH_VIEW), login=Unseen(reason="no")),
        ),
        ProbedTarget(
            target=Target(
                database=BARE_DATABASE,
                configuration=Configuration(
                    group=Seen(value=VALUELESS), authority=Unseen(reason="denied")
                ),
            ),
            observation=Observation.unseen("timed out"),
        ),
    ],
    batch=3,
)
BATCH = Batch(
    run_id="full-0",
    batch=1,
    probe_function="probe",
    targets=tuple(probed.target for probed in RICH_RESULT.witnessed),
)
CHANGE = change(
    kind=ChangeKind.NOT_ASSESSED,
    status=Status.UNKNOWN,
    severity=Severity.LOW,
    because="denied",
)
KNOWN = KnownResource(database=FULL_DATABASE, absences=1, absent_in="full-24")
PROGRESS = DeliveryProgress(told=("0123456789abcdef",), summary_at=NOW, troubles="fedcba9876543210")
RESULT = BatchResult(
    batch=2,
    databases=tuple(database_result(probed) for probed in RICH_RESULT.witnessed),
    imported=1,
    rejected=(Rejection(id="a", code="InvalidInput", message="b"),),
    hub_off="Security Hub is off",
    held_back=(CHANGE,),
)
PROBE_REQUEST = ProbeRequest(run_id="full-0", batch=1, targets=BATCH.targets, kind=RunKind.SAMPLE)
DOCUMENTS = {
    "probe-result": RICH_RESULT,
    "batch": BATCH,
    "batch-without-a-probe": replace(BATCH, probe_function=None, targets=()),
    "result": RESULT,
    "state": SENT_STATE,
    "state-without": replace(
        SENT_STATE,
        fingerprint=(),
        offended_at=None,
        missed_at=None,
        accepted_at=None,
        to_resolve=False,
    ),
    "change": CHANGE,
    "change-with-an-owner": replace(CHANGE, owner="orders team"),
    "known-resource": KNOWN,
    "closed-resource": replace(KNOWN, database=BARE_DATABASE, absent_in=None, closed=True),
    "progress": PROGRESS,
    "progress-of-a-new-topic": DeliveryProgress(),
    "probe-request": PROBE_REQUEST,
    "report-request": ReportRequest(run_id="full-0", kind=RunKind.FULL, databases=4, complete=True),
    "probe-result-of-one-target": replace(RICH_RESULT, part=3),
    "result-of-one-target": replace(RESULT, part=0),
    "probe-request-for-one-target": replace(PROBE_REQUEST, part=24),
    "unprobed": UnprobedBatch(run_id="full-0", batch=1, targets=BATCH.targets, kind=RunKind.FULL),
    "unprobed-after-an-error": UnprobedBatch(
        run_id="full-0", batch=1, targets=(), part=2, error={"Error": "Sandbox.Timedout"}
    ),
}


def through_json(value: object) -> Any:  # noqa: ANN401 - any document
    return json.loads(json.dumps(encode(value)))


@pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS)
def test_decoding_restores_what_was_encoded(document: object) -> None:
    assert decode(through_json(document), type(document), "the document") == document


def test_a_manifest_is_a_list_of_batches() -> None:
    manifest = (BATCH, replace(BATCH, batch=2))

    read = decode([through_json(batch) for batch in manifest], tuple[Batch, ...], "the manifest")

    assert read == manifest


def test_a_batch_of_the_manifest_is_a_request_to_the_probe() -> None:
    request = decode(through_json(BATCH), ProbeRequest, "the event")

    assert request == replace(PROBE_REQUEST, kind=RunKind.NAMED)


def test_a_run_is_stored_as_readable_json() -> None:
    assert through_json(RICH_RESULT.run) == {
        "id": "named-1.0001",
        "kind": "named",
        "observed_at": "2026-03-01T07:00:00.360000+00:00",
    }


@pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS)
def test_fields_of_a_newer_version_are_ignored(document: object) -> None:
    newer = through_json(document) | {"schema_version": 9, "colour": ["red"]}

    assert decode(newer, type(document), "the document") == document


def test_nested_fields_of_a_newer_version_are_ignored() -> None:
    newer = through_json(RICH_RESULT)
    newer["witnessed"][0]["target"]["database"]["colour"] = "red"
    newer["witnessed"][0]["observation"]["plaintext"]["value"]["colour"] = "red"

    assert decode(newer, ProbeResult, "the event") == RICH_RESULT


def rich_result_with(value: object, *path: str | int) -> object:
    document = deepcopy(through_json(RICH_RESULT))
    parent = document
    for step in path[:-1]:
        parent = parent[step]
    parent[path[-1]] = value
    return document


@pytest.mark.parametrize(
    "document",
    [
        pytest.param(None, id="null"),
        pytest.param([], id="list"),
        pytest.param("result", id="text"),
        pytest.param(7, id="number"),
        pytest.param({}, id="empty"),
        pytest.param({"run": {}, "batch": 1, "witnessed": []}, id="empty-run"),
        pytest.param(rich_result_with(None, "run"), id="run-null"),
        pytest.param(rich_result_with("weekly", "run", "kind"), id="kind-not-known"),
        pytest.param(rich_result_with("yesterday", "run", "observed_at"), id="time-not-iso"),
        pytest.param(rich_result_with(7, "run", "observed_at"), id="time-a-number"),
        pytest.param(rich_result_with("two", "batch"), id="batch-not-a-number"),
        pytest.param(rich_result_with(None, "witnessed"), id="witnessed-null"),
        pytest.param(rich_result_with(["text"], "witnessed"), id="witnessed-texts"),
        pytest.param(rich_result_with({}, "witnessed", 0, "target"), id="target-empty"),
        pytest.param(
            rich_result_with("seen", "witnessed", 0, "observation", "plaintext"),
            id="observed-a-text",
        ),
        pytest.param(
            rich_result_with({}, "witnessed", 0, "observation", "plaintext"),
            id="neither-seen-nor-unseen",
        ),
        pytest.param(
            rich_result_with([1], "witnessed", 0, "target", "database", "tags"), id="tags-a-list"
        ),
    ],
)
def test_a_malformed_document_is_refused_with_its_name(document: object) -> None:
    with pytest.raises(MalformedError, match=r"^the event of probe is malformed"):
        decode(document, ProbeResult, "the event of probe")


@pytest.mark.parametrize(
    "document", [None, 7, ["text"], [{"run_id": "full-0"}]], ids=["null", "number", "texts", "part"]
)
def test_a_malformed_manifest_is_refused_with_its_name(document: object) -> None:
    with pytest.raises(MalformedError, match=r"^the manifest k is malformed"):
        decode(document, tuple[Batch, ...], "the manifest k")


@pytest.mark.parametrize("document", [{}, ""], ids=["object", "text"])
def test_a_manifest_must_be_a_list(document: object) -> None:
    with pytest.raises(MalformedError):
        decode(document, tuple[Batch, ...], "the manifest")


def test_a_text_is_not_a_boolean() -> None:
    request = through_json(DOCUMENTS["report-request"])

    with pytest.raises(MalformedError, match="complete"):
        decode(request | {"complete": "false"}, ReportRequest, "the event")


@pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS)
def test_the_size_of_a_document_is_its_size_as_json(document: object) -> None:
    assert json_size(document) == len(json.dumps(encode(document)).encode())


def test_the_error_never_quotes_the_document() -> None:
    secret = rich_result_with("hunter2", "run", "kind")

    with pytest.raises(MalformedError) as caught:
        decode(secret, ProbeResult, "the event")

    assert "hunter2" not in str(caught.value)
