"""Where runs are stored: manifests, results and HTML reports."""

from collections.abc import Iterable, Sequence
from typing import Protocol

from rds_tls_audit.pipeline.manifest import Batch
from rds_tls_audit.pipeline.run import Run
from rds_tls_audit.results.batch_result import BatchResult


class ManifestReader(Protocol):
    """Reads the manifests of earlier runs."""

    def latest_full_run_id(self) -> str | None:
        """Return the id of the latest full run; None before the first."""

    def read_manifest(self, run_id: str) -> Sequence[Batch] | None:
        """Return the batches of a run; None if its manifest no longer exists."""


class ManifestStore(ManifestReader, Protocol):
    """Writes the manifest of a run, and reads what earlier runs found."""

    def write_manifest(self, run: Run, batches: Sequence[Batch]) -> str:
        """Write the manifest and return its key."""

    def write_left_out(self, run: Run, resource_ids: Sequence[str]) -> None:
        """Write the resource ids of the instances and clusters that are out of scope."""

    def read_results(self, run_id: str) -> Iterable[BatchResult]:
        """Read the results of the batches of a run."""


class ResultWriter(Protocol):
    """Writes the results of batches."""

    def write_result(self, run: Run, result: BatchResult) -> None:
        """Write the result of a batch; replaces an earlier result of the same batch and part."""


class RunReader(Protocol):
    """Reads everything that a run has stored, and marks the latest full run."""

    def read_manifest(self, run_id: str) -> Sequence[Batch] | None:
        """Return the batches of a run; None if its manifest no longer exists."""

    def read_left_out(self, run_id: str) -> frozenset[str]:
        """Return the resource ids that are out of scope; empty if the run stored none."""

    def read_results(self, run_id: str) -> Iterable[BatchResult]:
        """Read the results of the batches that have one."""

    def set_latest_full_run(self, run: Run) -> None:
        """Make this the latest full run; sample runs take their databases from it."""


class ReportStore(Protocol):
    """Stores HTML reports."""

    def write_report(self, run: Run, html: str) -> None:
        """Write the HTML report of a run, and make it the latest one."""
