"""The run bucket is read as it was written, in the adapter and in its fake."""

from collections.abc import Iterable
from typing import Any

import pytest
from moto.s3.models import s3_backends

from emulation.account import RUN_BUCKET
from emulation.rds_resources import ACCOUNT
from rds_tls_audit.adapters.run_bucket import RunBucket
from rds_tls_audit.codec import MalformedError
from rds_tls_audit.pipeline.manifest import divide_into_batches
from rds_tls_audit.pipeline.run import Run, RunKind
from rds_tls_audit.results.batch_result import BatchResult
from tests.support import in_memory_stores
from tests.support.builders import NOW, cluster, database, database_result, good, run, target

type Runs = RunBucket | in_memory_stores.RunStore

FIRST, SECOND_RUN = run(), run(hours=1)
MEMBERS = [database(f"ledger-{number}", cluster=cluster()) for number in (1, 2)]
BATCHES = divide_into_batches(
    [target(database("größe", vpc_id="vpc-2")), *map(target, MEMBERS)],
    run_id=FIRST.id,
    probe_function="probe",
)


def result(batch: int, part: int | None = None, *, imported: int = 0) -> BatchResult:
    return BatchResult(
        batch=batch, part=part, databases=(database_result(good(database())),), imported=imported
    )


def in_order(results: Iterable[BatchResult]) -> list[BatchResult]:
    return sorted(
        results,
        key=lambda result: (result.batch, -1 if result.part is None else result.part),
    )


class TestRuns:
    @pytest.fixture(params=["real", "fake"])
    def runs(self, request: pytest.FixtureRequest) -> Runs:
        if request.param == "fake":
            return in_memory_stores.RunStore()
        request.getfixturevalue("bucket")
        return RunBucket(RUN_BUCKET)

    def test_a_stored_manifest_is_read_unchanged(self, runs: Runs) -> None:
        assert runs.write_manifest(FIRST, BATCHES) == "runs/full-0/batches.json"
        assert len(BATCHES) == 2
        assert runs.read_manifest(FIRST.id) == BATCHES

    def test_a_manifest_without_batches_is_stored_too(self, runs: Runs) -> None:
        runs.write_manifest(FIRST, ())

        assert runs.read_manifest(FIRST.id) == ()

    def test_a_missing_manifest_is_none(self, runs: Runs) -> None:
        assert runs.read_manifest(FIRST.id) is None

    def test_the_latest_full_run_is_none_before_the_first(self, runs: Runs) -> None:
        assert runs.latest_full_run_id() is None

        for full_run in (FIRST, SECOND_RUN):
            runs.set_latest_full_run(full_run)
            assert runs.latest_full_run_id() == full_run.id

    def test_stored_results_are_read_unchanged(self, runs: Runs) -> None:
        written = [result(0), result(1, 0), result(1, 24), result(11)]
        for batch_result in written:
            runs.write_result(FIRST, batch_result)

        assert in_order(runs.read_results(FIRST.id)) == written

    def test_a_repeated_result_replaces_only_the_earlier_one(self, runs: Runs) -> None:
        for batch_result in (result(1), result(1, 0), result(1, imported=3)):
            runs.write_result(FIRST, batch_result)

        assert in_order(runs.read_results(FIRST.id)) == [result(1, imported=3), result(1, 0)]

    def test_the_resources_out_of_scope_are_read_as_a_set(self, runs: Runs) -> None:
        assert runs.read_left_out(FIRST.id) == frozenset()

        runs.write_left_out(FIRST, ["db-A", "db-größe"])

        assert runs.read_left_out(FIRST.id) == {"db-A", "db-größe"}
        assert runs.read_left_out(SECOND_RUN.id) == frozenset()

    @pytest.mark.parametrize("other", ["full-0.5", "full-01", "full"])
    def test_results_of_another_run_are_not_read(self, runs: Runs, other: str) -> None:
        runs.write_manifest(FIRST, BATCHES)
        runs.write_result(Run(id=other, kind=RunKind.FULL, observed_at=NOW), result(0))

        assert list(runs.read_results(FIRST.id)) == []


def test_a_manifest_is_stored_as_json(bucket: Any) -> None:  # noqa: ANN401 - a client of boto3
    key = RunBucket(RUN_BUCKET).write_manifest(FIRST, BATCHES)

    assert bucket.head_object(Bucket=RUN_BUCKET, Key=key)["ContentType"] == "application/json"


def test_an_html_report_is_stored_under_its_run_and_the_latest_one_under_latest(
    bucket: Any,  # noqa: ANN401 - a client of boto3
) -> None:
    runs = RunBucket(RUN_BUCKET)
    for full_run in (FIRST, SECOND_RUN):
        runs.write_report(full_run, f"<!doctype html><title>größe of {full_run.id}</title>")

    read = {
        key: bucket.get_object(Bucket=RUN_BUCKET, Key=key)
        for key in ("runs/full-0/report.html", "runs/full-1/report.html", "latest/report.html")
    }

    assert {stored["ContentType"] for stored in read.values()} == {"text/html; charset=utf-8"}
    texts = [stored["Body"].read().decode() for stored in read.values()]
    assert [text.removesuffix("</title>")[-6:] for text in texts] == ["full-0", "full-1", "full-1"]
    assert all("größe" in text for text in texts)


def test_an_html_report_is_not_read_as_a_result(bucket: Any) -> None:  # noqa: ANN401 - a client of boto3
    runs = RunBucket(RUN_BUCKET)
    runs.write_report(FIRST, "<!doctype html>")
    listed = bucket.list_objects_v2(Bucket=RUN_BUCKET)["Contents"]

    assert {item["Key"] for item in listed} == {"runs/full-0/report.html", "latest/report.html"}
    assert list(runs.read_results(FIRST.id)) == []
    assert runs.latest_full_run_id() is None


def test_a_malformed_manifest_is_an_error(bucket: Any) -> None:  # noqa: ANN401 - a client of boto3
    bucket.put_object(Bucket=RUN_BUCKET, Key="runs/full-0/batches.json", Body=b'{"a": 1}')

    with pytest.raises(MalformedError, match=r"runs/full-0/batches\.json"):
        RunBucket(RUN_BUCKET).read_manifest(FIRST.id)


def test_a_malformed_list_of_resources_out_of_scope_is_an_error(bucket: Any) -> None:  # noqa: ANN401 - a client of boto3
    bucket.put_object(Bucket=RUN_BUCKET, Key="runs/full-0/left_out.json", Body=b'{"a": 1}')

    with pytest.raises(MalformedError, match=r"runs/full-0/left_out\.json"):
        RunBucket(RUN_BUCKET).read_left_out(FIRST.id)


def test_results_are_stored_by_batch_and_part(bucket: Any) -> None:  # noqa: ANN401 - a client of boto3
    runs = RunBucket(RUN_BUCKET)
    for batch_result in (result(0), result(1, 0), result(1, 24), result(11)):
        runs.write_result(FIRST, batch_result)

    listed = bucket.list_objects_v2(Bucket=RUN_BUCKET, Prefix="runs/")["Contents"]
    assert {item["Key"].removeprefix("runs/full-0/results/") for item in listed} == {
        "0.json",
        "1-0.json",
        "1-24.json",
        "11.json",
    }


def test_results_are_read_from_more_than_one_page(bucket: Any) -> None:  # noqa: ANN401 - a client of boto3
    runs = RunBucket(RUN_BUCKET)
    runs.write_result(FIRST, result(0))
    first = bucket.get_object(Bucket=RUN_BUCKET, Key="runs/full-0/results/0.json")["Body"].read()
    # Directly into the emulator, because a thousand requests take seconds.
    for number in range(1, 1002):
        s3_backends[ACCOUNT]["aws"].put_object(
            RUN_BUCKET,
            f"runs/full-0/results/{number}.json",
            first.replace(b'"batch": 0', f'"batch": {number}'.encode()),
        )

    assert sorted(batch_result.batch for batch_result in runs.read_results(FIRST.id)) == list(
        range(1002)
    )
