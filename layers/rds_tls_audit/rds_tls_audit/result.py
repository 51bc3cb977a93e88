"""What became of a batch: the verdicts, the changes, and what Security Hub took."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from rds_tls_audit.acceptance import acceptance_problem
from rds_tls_audit.change import Change
from rds_tls_audit.evidence import Seen
from rds_tls_audit.judgement import Judgement
from rds_tls_audit.messages import Witnessed
from rds_tls_audit.run import Run
from rds_tls_audit.verdict import Severity, Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejection:
    """A finding that Security Hub did not take."""

    id: str
    code: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedVerdict:
    """A verdict with the name of its check, as it is stored and answered."""

    check: str
    status: Status
    severity: Severity
    """The check's own, whatever the status."""
    because: str
    missing: str | None = None
    """Why evidence is missing; only of UNKNOWN."""
    accepted: bool = False
    """A failure or warning that the database's tag accepts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseResult:
    """The verdicts of one database, in the order of the table."""

    id: str
    arn: str
    engine: str
    engine_version: str
    cluster: str | None
    logged_in: bool
    problem: str | None = None
    """What is wrong with a tag of the database."""
    verdicts: tuple[NamedVerdict, ...]

    @classmethod
    def of(cls, run: Run, witnessed: Witnessed, judgements: Sequence[Judgement]) -> Self:
        """Name the database and the checks."""
        database = witnessed.target.database
        return cls(
            id=database.id,
            arn=database.arn,
            engine=database.engine,
            engine_version=database.engine_version,
            cluster=database.cluster.id if database.cluster else None,
            logged_in=isinstance(witnessed.observation.login, Seen),
            problem=acceptance_problem(database, run.observed_at),
            verdicts=tuple(
                NamedVerdict(
                    check=judgement.check.id,
                    status=judgement.verdict.status,
                    severity=judgement.check.severity,
                    because=judgement.verdict.because,
                    missing=judgement.verdict.missing,
                    accepted=judgement.accepted is not None,
                )
                for judgement in judgements
            ),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchResult:
    """What became of one batch."""

    batch: int
    part: int | None = None
    """Which database of the batch, where each was tried alone."""
    databases: tuple[DatabaseResult, ...]
    imported: int = 0
    rejected: tuple[Rejection, ...] = ()
    hub_off: str | None = None
    """Why no finding could be sent at all."""
    held_back: tuple[Change, ...] = ()
    """What would have been told, had Security Hub been on."""
