"""Report: close the run: what was lost, and one digest of what changed."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from rds_tls_audit.batches import Batch
from rds_tls_audit.check import all_checks
from rds_tls_audit.database import Database
from rds_tls_audit.digest import Digest, Gap, Summary, digest
from rds_tls_audit.result import BatchResult
from rds_tls_audit.run import Run, RunKind

LOST = "its batch was lost"


class Runs(Protocol):
    """Where manifests and results are kept."""

    def read_manifest(self, run_id: str) -> tuple[Batch, ...]:
        """Read a manifest."""

    def read_results(self, run_id: str) -> Iterable[BatchResult]:
        """Read the results that there are."""

    def remember_full(self, run: Run) -> None:
        """Make this the last full run, for sample runs to go by."""


class Topic(Protocol):
    """Where digests go."""

    def publish(self, digest: Digest) -> None:
        """Send a digest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportPorts:
    """What report reaches."""

    runs: Runs
    topic: Topic


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """How the run ended."""

    databases: int
    lost: tuple[str, ...]
    """Names of the databases without a result."""
    changes: int
    digest_sent: bool


def run(this_run: Run, ports: ReportPorts, *, complete: bool) -> Reported:
    """Compare the results with the manifest; send a digest where anything changed or is lost."""
    manifest = ports.runs.read_manifest(this_run.id)
    wanted = [target.database for batch in manifest for target in batch.targets]
    results = list(ports.runs.read_results(this_run.id))
    judged = {database.arn for result in results for database in result.databases}
    lost = tuple(database for database in wanted if database.arn not in judged)
    # Members of a cluster that were probed alone each tell the change of their cluster.
    changes = list(dict.fromkeys(change for result in results for change in result.changes))
    rejected = sum(len(result.rejected) for result in results)
    if this_run.kind is RunKind.FULL:
        ports.runs.remember_full(this_run)
    worth_telling = bool(changes or lost or rejected)
    if worth_telling:
        ports.topic.publish(
            digest(
                Summary(
                    run=this_run,
                    place=_place(wanted),
                    databases=len(wanted),
                    changes=changes,
                    gaps=_gaps(results, lost),
                    rejected=rejected,
                    complete=complete,
                )
            )
        )
    return Reported(
        databases=len(wanted),
        lost=tuple(database.id for database in lost),
        changes=len(changes),
        digest_sent=worth_telling,
    )


def _place(databases: Sequence[Database]) -> str:
    if not databases:
        return "an account without databases"
    place = databases[0].place
    return f"account {place.account}, {place.region}"


def _gaps(results: Iterable[BatchResult], lost: Iterable[Database]) -> tuple[Gap, ...]:
    counts = Counter(
        (database.id, verdict.missing)
        for result in results
        for database in result.databases
        for verdict in database.verdicts
        if verdict.missing is not None
    )
    counts.update({(database.id, LOST): len(all_checks()) for database in lost})
    return tuple(
        Gap(database=database, reason=reason, checks=number)
        for (database, reason), number in sorted(counts.items())
    )
