"""The content of the HTML report: the posture of an account and Region after a full run."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from rds_tls_audit import VERSION
from rds_tls_audit.checks.check import Check
from rds_tls_audit.checks.registry import all_checks
from rds_tls_audit.checks.verdict import Severity, Status
from rds_tls_audit.fleet.arn import Arn
from rds_tls_audit.pipeline.run import Run
from rds_tls_audit.readiness.assessment import ReadinessAssessment
from rds_tls_audit.results.batch_result import DatabaseResult
from rds_tls_audit.results.gaps import Gap
from rds_tls_audit.results.run_totals import RunTotals


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictCell:
    """The verdict of one check for one database."""

    check: str
    question: str
    severity: Severity
    """The severity of the check, whatever the status."""
    status: Status
    because: str
    missing: str | None = None
    """Why evidence is missing; only for UNKNOWN."""
    accepted: bool = False
    """Whether the database's tag accepts this failure or warning."""
    remedy: str
    """The check's general next step; the same for all databases."""
    advice: str | None = None
    """The next step for this database; shown instead of `remedy` if it is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """How the audit reached a database."""

    role: str
    """The role that the audit logs in as."""
    logged_in: bool = False
    log_connections: bool | None = None
    """Whether the server logs connections; None if the audit could not tell."""
    proxied: bool = False
    """Whether an RDS Proxy targets the database."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseRow:
    """One database with its verdicts."""

    id: str
    arn: str
    resource_id: str | None = None
    group: str | None = None
    """The deciding parameter group, as its assessment names it."""
    engine: str
    engine_version: str
    cluster: str | None = None
    owner: str | None = None
    endpoint: str | None = None
    """`host:port`."""
    access: Access
    verdicts: tuple[VerdictCell, ...]

    @classmethod
    def of(cls, result: DatabaseResult, checks: Mapping[str, Check], role: str) -> Self:
        """Build the row of a result; `role` is used if the audit did not log in."""
        return cls(
            id=result.id,
            arn=result.arn,
            resource_id=result.resource_id,
            group=result.group,
            engine=result.engine,
            engine_version=result.engine_version,
            cluster=result.cluster,
            owner=result.owner,
            endpoint=result.endpoint,
            access=Access(
                role=result.role or role,
                logged_in=result.logged_in,
                log_connections=result.log_connections,
                proxied=result.proxied,
            ),
            verdicts=tuple(
                VerdictCell(
                    check=verdict.check,
                    question=checks[verdict.check].question,
                    severity=verdict.severity,
                    status=verdict.status,
                    because=verdict.because,
                    missing=verdict.missing,
                    accepted=verdict.accepted,
                    advice=verdict.advice,
                    remedy=checks[verdict.check].remedy,
                )
                for verdict in result.verdicts
                if verdict.check in checks
            ),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RunDetails:
    """The full run that the report is about."""

    run_id: str
    observed_at: datetime
    """An aware time."""
    account: str
    region: str
    version: str
    """The version of RDS TLS Audit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Posture:
    """Everything that the report shows."""

    run: RunDetails
    complete: bool
    """Whether every listing call succeeded."""
    databases: tuple[DatabaseRow, ...]
    assessments: tuple[ReadinessAssessment, ...] = ()
    """Whether it is safe to force TLS, for each deciding parameter group."""
    gaps: tuple[Gap, ...] = ()
    """What could not be assessed, by reason."""
    history: tuple[RunTotals, ...] = ()
    """The full runs, oldest first; the report requires at least its own run, which is the last."""
    left_out: int = 0
    """How many databases are out of scope."""
    without_result: tuple[str, ...] = ()
    """The names of databases without a result."""
    tag_problems: tuple[str, ...] = ()
    """The tags that are ignored, one line each."""
    reasons_cut_to: int | None = None
    """The length in characters that reasons are cut to; None if they are complete."""

    @classmethod
    def of(
        cls,
        run: Run,
        location: Arn,
        results: Iterable[DatabaseResult],
        *,
        role: str,
        complete: bool,
    ) -> Self:
        """Build the rows; assessments, gaps, and everything else are added afterwards."""
        checks = {check.id: check for check in all_checks()}
        return cls(
            run=RunDetails(
                run_id=run.id,
                observed_at=run.observed_at,
                account=location.account,
                region=location.region,
                version=VERSION,
            ),
            complete=complete,
            databases=tuple(DatabaseRow.of(result, checks, role) for result in results),
        )
