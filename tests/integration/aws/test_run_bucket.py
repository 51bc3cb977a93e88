"""The run bucket: what was written comes back under its run; the fake is held to the same."""

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

type Runs = RunBucket | in_memory_stores.Runs

FIRST, SECOND_RUN = run(), run(hours=1)
MEMBERS = [database(f"ledger-{number}", cluster=cluster()) for number in (1, 2)]
DIVIDED = divide_into_batches(
    [target(database("größe", vpc_id="vpc-2")), *(target(it) for it in MEMBERS)],
    run_id=FIRST.id,
    probe_function="probe",
)


def result(batch: int, part: int | None = None, *, imported: int = 0) -> BatchResult:
    return BatchResult(
        batch=batch, part=part, databases=(database_result(good(database())),), imported=imported
    )


def by_place(results: Iterable[BatchResult]) -> list[BatchResult]:
    return sorted(results, key=lambda it: (it.batch, -1 if it.part is None else it.part))


class TestRuns:
    @pytest.fixture(params=["real", "fake"])
    def runs(self, request: pytest.FixtureRequest) -> Runs:
        if request.param == "fake":
            return in_memory_stores.Runs()
        request.getfixturevalue("bucket")
        return RunBucket(RUN_BUCKET)

    def test_a_manifest_comes_back_the_same(self, runs: Runs) -> None:
        assert runs.write_manifest(FIRST, DIVIDED) == "runs/full-0/batches.json"
        assert len(DIVIDED) == 2
        assert runs.read_manifest(FIRST.id) == DIVIDED

    def test_a_manifest_of_nothing_is_there_and_empty(self, runs: Runs) -> None:
        runs.write_manifest(FIRST, ())

        assert runs.read_manifest(FIRST.id) == ()

    def test_a_manifest_that_is_gone_is_none(self, runs: Runs) -> None:
        assert runs.read_manifest(FIRST.id) is None

    def test_the_last_full_run_is_none_before_the_first_and_then_the_last(self, runs: Runs) -> None:
        assert runs.latest_full_run_id() is None

        for each in (FIRST, SECOND_RUN):
            runs.set_latest_full_run(each)
            assert runs.latest_full_run_id() == each.id

    def test_results_come_back_the_same(self, runs: Runs) -> None:
        written = [result(0), result(1, 0), result(1, 24), result(11)]
        for each in written:
            runs.write_result(FIRST, each)

        assert by_place(runs.read_results(FIRST.id)) == written

    def test_a_repeated_result_replaces_the_first_and_no_other(self, runs: Runs) -> None:
        for each in (result(1), result(1, 0), result(1, imported=3)):
            runs.write_result(FIRST, each)

        assert by_place(runs.read_results(FIRST.id)) == [result(1, imported=3), result(1, 0)]

    def test_what_a_run_left_out_comes_back_as_a_set(self, runs: Runs) -> None:
        assert runs.read_left_out(FIRST.id) == frozenset()

        runs.write_left_out(FIRST, ["db-A", "db-größe"])

        assert runs.read_left_out(FIRST.id) == {"db-A", "db-größe"}
        assert runs.read_left_out(SECOND_RUN.id) == frozenset()

    @pytest.mark.parametrize("other", ["full-0.5", "full-01", "full"])
    def test_results_of_another_run_are_not_read(self, runs: Runs, other: str) -> None:
        runs.write_manifest(FIRST, DIVIDED)
        runs.write_result(Run(id=other, kind=RunKind.FULL, observed_at=NOW), result(0))

        assert list(runs.read_results(FIRST.id)) == []


def test_a_manifest_lies_under_its_run_as_json(bucket: Any) -> None:  # noqa: ANN401 - a client of boto3
    key = RunBucket(RUN_BUCKET).write_manifest(FIRST, DIVIDED)

    assert bucket.head_object(Bucket=RUN_BUCKET, Key=key)["ContentType"] == "application/json"


def test_a_page_lies_under_its_run_and_the_last_one_under_latest(bucket: Any) -> None:  # noqa: ANN401 - a client of boto3
    runs = RunBucket(RUN_BUCKET)
    for each in (FIRST, SECOND_RUN):
        runs.write_page(each, f"<!doctype html><title>größe of {each.id}</title>")

    read = {
        key: bucket.get_object(Bucket=RUN_BUCKET, Key=key)
        for key in ("runs/full-0/report.html", "runs/full-1/report.html", "latest/report.html")
    }

    assert {it["ContentType"] for it in read.values()} == {"text/html; charset=utf-8"}
    texts = [it["Body"].read().decode() for it in read.values()]
    assert [text.removesuffix("</title>")[-6:] for text in texts] == ["full-0", "full-1", "full-1"]
    assert all("größe" in text for text in texts)


def test_a_page_is_no_result_of_its_run(bucket: Any) -> None:  # noqa: ANN401 - a client of boto3
    runs = RunBucket(RUN_BUCKET)
    runs.write_page(FIRST, "<!doctype html>")
    listed = bucket.list_objects_v2(Bucket=RUN_BUCKET)["Contents"]

    assert {it["Key"] for it in listed} == {"runs/full-0/report.html", "latest/report.html"}
    assert list(runs.read_results(FIRST.id)) == []
    assert runs.latest_full_run_id() is None


def test_a_manifest_that_is_none_of_ours_is_an_error(bucket: Any) -> None:  # noqa: ANN401 - a client of boto3
    bucket.put_object(Bucket=RUN_BUCKET, Key="runs/full-0/batches.json", Body=b'{"a": 1}')

    with pytest.raises(MalformedError, match=r"runs/full-0/batches\.json"):
        RunBucket(RUN_BUCKET).read_manifest(FIRST.id)


def test_a_list_of_who_is_left_out_that_is_none_is_an_error(bucket: Any) -> None:  # noqa: ANN401 - a client of boto3
    bucket.put_object(Bucket=RUN_BUCKET, Key="runs/full-0/left_out.json", Body=b'{"a": 1}')

    with pytest.raises(MalformedError, match=r"runs/full-0/left_out\.json"):
        RunBucket(RUN_BUCKET).read_left_out(FIRST.id)


def test_results_lie_under_their_batch_and_part(bucket: Any) -> None:  # noqa: ANN401 - a client of boto3
    runs = RunBucket(RUN_BUCKET)
    for each in (result(0), result(1, 0), result(1, 24), result(11)):
        runs.write_result(FIRST, each)

    listed = bucket.list_objects_v2(Bucket=RUN_BUCKET, Prefix="runs/")["Contents"]
    assert {it["Key"].removeprefix("runs/full-0/results/") for it in listed} == {
        "0.json",
        "1-0.json",
        "1-24.json",
        "11.json",
    }


def test_more_results_than_one_page_are_all_read(bucket: Any) -> None:  # noqa: ANN401 - a client of boto3
    runs = RunBucket(RUN_BUCKET)
    runs.write_result(FIRST, result(0))
    first = bucket.get_object(Bucket=RUN_BUCKET, Key="runs/full-0/results/0.json")["Body"].read()
    # Straight into the emulator: a thousand requests are a matter of seconds.
    for number in range(1, 1002):
        s3_backends[ACCOUNT]["aws"].put_object(
            RUN_BUCKET,
            f"runs/full-0/results/{number}.json",
            first.replace(b'"batch": 0', f'"batch": {number}'.encode()),
        )

    assert sorted(it.batch for it in runs.read_results(FIRST.id)) == list(range(1002))
