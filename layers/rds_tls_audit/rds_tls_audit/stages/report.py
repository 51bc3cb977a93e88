"""Report: close the run: what was lost, and one digest of what changed."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from rds_tls_audit.batches import Batch
from rds_tls_audit.database import Database
from rds_tls_audit.digest import Digest, Gap, Summary, digest
from rds_tls_audit.judgement import checks_of
from rds_tls_audit.messages import ReportOrder
from rds_tls_audit.result import BatchResult, DatabaseResult
from rds_tls_audit.run import Run, RunKind
from rds_tls_audit.stages.discover import Lock
from rds_tls_audit.text import counted

LOST = "its batch was lost"
MAX_NAMED = 50


class Runs(Protocol):
    """Where manifests and results are kept."""

    def read_manifest(self, run_id: str) -> Sequence[Batch] | None:
        """Read the manifest of a run; None where it is gone."""

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
    lock: Lock


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """How the run ended."""

    databases: int
    lost: int
    """How many databases are without a result; the execution then fails, so that an alarm rings."""
    lost_databases: tuple[str, ...]
    """Names of the first of them."""
    changes: int
    digest_sent: bool


def run(this_run: Run, order: ReportOrder, ports: ReportPorts) -> Reported:
    """Compare the results with the manifest; send a digest where anything changed or is lost.

    The lock is given back however it ends: the next full run then tells what this one could not.
    """
    try:
        return _close(this_run, order, ports)
    finally:
        ports.lock.release(this_run.id)


def _close(this_run: Run, order: ReportOrder, ports: ReportPorts) -> Reported:
    manifest = ports.runs.read_manifest(this_run.id)
    wanted = [target.database for batch in manifest or () for target in batch.targets]
    results = list(ports.runs.read_results(this_run.id))
    judged = {database.arn for result in results for database in result.databases}
    lost = [database.id for database in wanted if database.arn not in judged]
    if manifest is None and order.databases:
        lost = [f"all {counted(order.databases, 'database')}"]
    # Members of a cluster that were probed alone each tell the change of their cluster.
    changes = list(dict.fromkeys(change for result in results for change in result.changes))
    rejected = sum(len(result.rejected) for result in results)
    if this_run.kind is RunKind.FULL and manifest is not None:
        ports.runs.remember_full(this_run)
    worth_telling = bool(changes or lost or rejected)
    if worth_telling:
        ports.topic.publish(
            digest(
                Summary(
                    run=this_run,
                    place=_place(wanted),
                    databases=order.databases,
                    changes=changes,
                    gaps=_gaps(this_run, results, lost),
                    rejected=rejected,
                    left_out=order.left_out,
                    accepted=_accepted(results),
                    problems=[
                        f"{database.id}: {database.problem}"
                        for database in _databases(results)
                        if database.problem
                    ],
                    complete=order.complete,
                )
            )
        )
    return Reported(
        databases=order.databases,
        lost=order.databases if manifest is None else len(lost),
        lost_databases=tuple(lost[:MAX_NAMED]),
        changes=len(changes),
        digest_sent=worth_telling,
    )


def _place(databases: Sequence[Database]) -> str:
    if not databases:
        return "an account whose databases are not known"
    place = databases[0].place
    return f"account {place.account}, {place.region}"


def _databases(results: Iterable[BatchResult]) -> list[DatabaseResult]:
    databases = (database for result in results for database in result.databases)
    return sorted(databases, key=lambda database: database.arn)


def _accepted(results: Iterable[BatchResult]) -> list[str]:
    return [
        f"{database.id}: {verdict.check} {verdict.status}: {verdict.because}"
        for database in _databases(results)
        for verdict in database.verdicts
        if verdict.accepted
    ]


def _gaps(this_run: Run, results: Iterable[BatchResult], lost: Iterable[str]) -> tuple[Gap, ...]:
    counts = Counter(
        (database.id, verdict.missing)
        for result in results
        for database in result.databases
        for verdict in database.verdicts
        if verdict.missing is not None
    )
    counts.update({(database, LOST): len(checks_of(this_run.kind)) for database in lost})
    return tuple(
        Gap(database=database, reason=reason, checks=number)
        for (database, reason), number in sorted(counts.items())
    )
