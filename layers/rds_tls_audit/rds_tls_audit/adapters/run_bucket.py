"""The run bucket in S3: manifests, results, and HTML reports."""

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

_LATEST_FULL_RUN = "latest/full.json"
_REPORT = "report.html"

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pointer:
    run_id: str


class RunBucket:
    """Objects under `runs/<run id>/` and `latest/`."""

    def __init__(self, bucket: str) -> None:
        """Use this bucket."""
        self.bucket = bucket
        self._client: S3Client = boto3.client("s3")

    def write_manifest(self, run: Run, batches: Sequence[Batch]) -> str:
        """Write the manifest as `batches.json`."""
        key = _manifest_key(run.id)
        self._write(key, [pack(batch) for batch in batches])
        return key

    def read_manifest(self, run_id: str) -> tuple[Batch, ...] | None:
        """Read the manifest of a run.

        Raises:
            MalformedError: The object is malformed.
        """
        key = _manifest_key(run_id)
        try:
            document = self._read(key)
        except self._client.exceptions.NoSuchKey:
            return None
        if not isinstance(document, list):
            raise MalformedError(f"the manifest {key} is malformed: not a list")
        return tuple(unpack(batch, Batch, f"the manifest {key}") for batch in document)

    def write_left_out(self, run: Run, resource_ids: Sequence[str]) -> None:
        """Write the resource ids as `left_out.json`."""
        self._write(_left_out_key(run.id), list(resource_ids))

    def read_left_out(self, run_id: str) -> frozenset[str]:
        """Read the resource ids that are out of scope.

        Raises:
            MalformedError: The object is malformed.
        """
        key = _left_out_key(run_id)
        try:
            document = self._read(key)
        except self._client.exceptions.NoSuchKey:
            return frozenset()
        return frozenset(decode(document, tuple[str, ...], f"the list {key}"))

    def write_report(self, run: Run, html: str) -> None:
        """Write the HTML report under the run and under `latest/`."""
        for key in (f"runs/{run.id}/{_REPORT}", f"latest/{_REPORT}"):
            self._client.put_object(
                Bucket=self.bucket,
                Key=key,
                Body=html.encode(),
                ContentType="text/html; charset=utf-8",
            )

    def set_latest_full_run(self, run: Run) -> None:
        """Write the pointer to the latest full run."""
        self._write(_LATEST_FULL_RUN, {"run_id": run.id})

    def latest_full_run_id(self) -> str | None:
        """Read the pointer to the latest full run."""
        try:
            pointer = self._read(_LATEST_FULL_RUN)
        except self._client.exceptions.NoSuchKey:
            return None
        return decode(pointer, _Pointer, f"the pointer {_LATEST_FULL_RUN}").run_id

    def write_result(self, run: Run, result: BatchResult) -> None:
        """Write the result of a batch under its number and part."""
        name = str(result.batch) if result.part is None else f"{result.batch}-{result.part}"
        self._write(f"runs/{run.id}/results/{name}.json", encode(result))

    def read_results(self, run_id: str) -> Iterator[BatchResult]:
        """Read the results of the batches that have one.

        Raises:
            MalformedError: An object is malformed.
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


def _left_out_key(run_id: str) -> str:
    return f"runs/{run_id}/left_out.json"


def _manifest_key(run_id: str) -> str:
    return f"runs/{run_id}/batches.json"
