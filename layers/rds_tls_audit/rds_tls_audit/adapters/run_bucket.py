"""The run bucket: manifests, and the results of each batch."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import boto3

from rds_tls_audit.codec import MalformedError, decode, encode
from rds_tls_audit.pipeline.manifest import Batch
from rds_tls_audit.pipeline.packing import pack, unpack
from rds_tls_audit.pipeline.run import Run
from rds_tls_audit.results.batch_result import BatchResult

_LAST_FULL = "latest/full.json"
_PAGE = "report.html"

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pointer:
    run_id: str


class RunBucket:
    """Reads and writes JSON under `runs/<run id>/`."""

    def __init__(self, bucket: str) -> None:
        """Work in this bucket."""
        self.bucket = bucket
        self._client: S3Client = boto3.client("s3")

    def write_manifest(self, run: Run, batches: Sequence[Batch]) -> str:
        """Write the manifest, and return its key."""
        key = _manifest(run.id)
        self._write(key, [pack(batch) for batch in batches])
        return key

    def read_manifest(self, run_id: str) -> tuple[Batch, ...] | None:
        """Read the manifest of a run; None where it is gone.

        Raises:
            MalformedError: it is not one.
        """
        key = _manifest(run_id)
        try:
            document = self._read(key)
        except self._client.exceptions.NoSuchKey:
            return None
        if not isinstance(document, list):
            raise MalformedError(f"the manifest {key} is malformed: it is not a list")
        return tuple(unpack(batch, Batch, f"the manifest {key}") for batch in document)

    def write_left_out(self, run: Run, resource_ids: Sequence[str]) -> None:
        """Write which databases the run left out of scope."""
        self._write(_left_out(run.id), list(resource_ids))

    def read_left_out(self, run_id: str) -> frozenset[str]:
        """Read which databases a run left out of scope.

        Raises:
            MalformedError: it is no such list.
        """
        key = _left_out(run_id)
        try:
            document = self._read(key)
        except self._client.exceptions.NoSuchKey:
            return frozenset()
        return frozenset(decode(document, tuple[str, ...], f"the list {key}"))

    def write_page(self, run: Run, html: str) -> None:
        """Write the page of a run, and make it the latest."""
        for key in (f"runs/{run.id}/{_PAGE}", f"latest/{_PAGE}"):
            self._client.put_object(
                Bucket=self.bucket,
                Key=key,
                Body=html.encode(),
                ContentType="text/html; charset=utf-8",
            )

    def set_latest_full_run(self, run: Run) -> None:
        """Make this the last full run, for sample runs to go by."""
        self._write(_LAST_FULL, {"run_id": run.id})

    def latest_full_run_id(self) -> str | None:
        """Id of the last full run; None before the first."""
        try:
            pointer = self._read(_LAST_FULL)
        except self._client.exceptions.NoSuchKey:
            return None
        return decode(pointer, _Pointer, f"the pointer {_LAST_FULL}").run_id

    def write_result(self, run: Run, result: BatchResult) -> None:
        """Write what became of a batch; a repetition overwrites it."""
        name = str(result.batch) if result.part is None else f"{result.batch}-{result.part}"
        self._write(f"runs/{run.id}/results/{name}.json", encode(result))

    def read_results(self, run_id: str) -> Iterator[BatchResult]:
        """Read what became of every batch that came through.

        Raises:
            MalformedError: one of them is not a result.
        """
        pages = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=self.bucket, Prefix=f"runs/{run_id}/results/"
        )
        for page in pages:
            for item in page.get("Contents", ()):
                key = item["Key"]
                yield decode(self._read(key), BatchResult, f"the result {key}")

    def _write(self, key: str, document: object) -> None:
        self._client.put_object(
            Bucket=self.bucket,
            Key=key,
            Body=json.dumps(document).encode(),
            ContentType="application/json",
        )

    def _read(self, key: str) -> object:
        body: object = json.loads(
            self._client.get_object(Bucket=self.bucket, Key=key)["Body"].read()
        )
        return body


def _left_out(run_id: str) -> str:
    return f"runs/{run_id}/left_out.json"


def _manifest(run_id: str) -> str:
    return f"runs/{run_id}/batches.json"
