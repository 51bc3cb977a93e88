"""What the page tells: the posture of an account and Region, as a full run found it."""

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
class Cell:
    """The verdict of one check about one database."""

    check: str
    question: str
    severity: Severity
    """The check's own, whatever the status."""
    status: Status
    because: str
    missing: str | None = None
    """Why evidence is missing; only of UNKNOWN."""
    accepted: bool = False
    """A failure or warning that the database's tag accepts."""
    remedy: str
    """What to do about a failure; the same for all cells of a check."""
    advice: str | None = None
    """What to do for this very database; told in place of `remedy` where it is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One database."""

    id: str
    arn: str
    resource_id: str | None = None
    group: str | None = None
    """The parameter group that decides, as an answer names it."""
    engine: str
    engine_version: str
    cluster: str | None = None
    owner: str | None = None
    endpoint: str | None = None
    """`host:port`."""
    role: str
    """The role that the audit logs in as."""
    logged_in: bool = False
    log_connections: bool | None = None
    """Whether its log tells who connects; None where that was not seen."""
    proxied: bool = False
    """Whether an RDS Proxy targets it."""
    verdicts: tuple[Cell, ...]

    @classmethod
    def of(cls, result: DatabaseResult, checks: Mapping[str, Check], role: str) -> Self:
        """Lay out the verdicts of one database; `role` is told where nobody logged in."""
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
            role=result.role or role,
            logged_in=result.logged_in,
            log_connections=result.log_connections,
            proxied=result.proxied,
            verdicts=tuple(
                Cell(
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
class Posture:
    """Everything that the page tells. Times are aware."""

    run_id: str
    observed_at: datetime
    account: str
    region: str
    version: str
    """Of RDS TLS Audit."""
    complete: bool
    """Whether every listing call succeeded."""
    databases: tuple[Row, ...]
    assessments: tuple[ReadinessAssessment, ...] = ()
    """Whether it is safe to force TLS, for each parameter group that decides."""
    gaps: tuple[Gap, ...] = ()
    """What could not be assessed, by reason."""
    history: tuple[RunTotals, ...] = ()
    """The full runs, oldest first; the last of them is this one, without which there is no page."""
    left_out: int = 0
    """Databases out of scope."""
    lost: tuple[str, ...] = ()
    """Names of databases without a result."""
    problems: tuple[str, ...] = ()
    """Tags that are not understood, a line each."""
    cut_to: int | None = None
    """Characters that its reasons are cut to; None where they are whole."""

    @classmethod
    def of(
        cls, run: Run, place: Arn, results: Iterable[DatabaseResult], *, role: str, complete: bool
    ) -> Self:
        """Lay the verdicts out; answers, gaps and what else there is are added to it."""
        checks = {check.id: check for check in all_checks()}
        return cls(
            run_id=run.id,
            observed_at=run.observed_at,
            account=place.account,
            region=place.region,
            version=VERSION,
            complete=complete,
            databases=tuple(Row.of(result, checks, role) for result in results),
        )
