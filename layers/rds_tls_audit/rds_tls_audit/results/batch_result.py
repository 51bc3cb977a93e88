"""What became of a batch: the verdicts, the changes, and what Security Hub took."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from rds_tls_audit.checks.acceptance import acceptance_problem
from rds_tls_audit.checks.evaluation import Evaluation
from rds_tls_audit.checks.verdict import Severity, Status
from rds_tls_audit.evidence.observation import Observation
from rds_tls_audit.evidence.observed import Seen
from rds_tls_audit.findings.change import Change
from rds_tls_audit.findings.import_result import Rejection
from rds_tls_audit.fleet.configuration import deciding_group
from rds_tls_audit.pipeline.messages import ProbedTarget
from rds_tls_audit.pipeline.run import Run
from rds_tls_audit.readiness.sampling.daily_samples import is_proxied


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
    advice: str | None = None
    """What to do, for this very database; only of a failure or warning that is its own cause."""

    @classmethod
    def of(cls, evaluation: Evaluation) -> Self:
        """Name the check."""
        check, verdict = evaluation.check, evaluation.verdict
        is_cause = verdict.status.is_fault and evaluation.cause.id == check.id
        is_own = is_cause and evaluation.remedy != check.remedy
        return cls(
            check=check.id,
            status=verdict.status,
            severity=check.severity,
            because=verdict.because,
            missing=verdict.missing,
            accepted=evaluation.accepted is not None,
            advice=evaluation.remedy if is_own else None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseResult:
    """The verdicts of one database, in the order of the table."""

    id: str
    arn: str
    engine: str
    engine_version: str
    cluster: str | None
    logged_in: bool
    role: str | None = None
    """It is logged in to as."""
    owner: str | None = None
    endpoint: str | None = None
    """`host:port`."""
    resource_id: str | None = None
    group: str | None = None
    """The parameter group that decides."""
    not_sampled: str | None = None
    """Why its sessions were not seen."""
    log_connections: bool | None = None
    """Whether its log tells who connects; None where that was not seen."""
    proxied: bool = False
    """Whether an RDS Proxy targets it."""
    problem: str | None = None
    """What is wrong with a tag of the database."""
    verdicts: tuple[NamedVerdict, ...]

    @classmethod
    def of(
        cls,
        run: Run,
        witnessed: ProbedTarget,
        evaluations: Sequence[Evaluation],
        *,
        owner: str | None = None,
    ) -> Self:
        """Name the database and the checks."""
        database, observation = witnessed.target.database, witnessed.observation
        return cls(
            id=database.id,
            arn=database.arn,
            engine=database.engine,
            engine_version=database.engine_version,
            cluster=database.cluster.id if database.cluster else None,
            logged_in=isinstance(observation.login, Seen),
            role=observation.login.value.role if isinstance(observation.login, Seen) else None,
            owner=owner,
            endpoint=str(database.endpoint) if database.endpoint else None,
            resource_id=database.resource_id,
            group=str(deciding_group(database) or "") or None,
            not_sampled=_why_not_sampled(observation),
            log_connections=_log_connections(observation),
            proxied=_proxied(observation),
            problem=acceptance_problem(database, run.observed_at),
            verdicts=tuple(map(NamedVerdict.of, evaluations)),
        )


_WORD = re.compile(r"\w+")
_TELLS_WHO = frozenset({"on", "true", "yes", "1", "all", "authorization"})
"""From PostgreSQL 18 `log_connections` is a list, as it was written: of its aspects it is
authorization that tells of TLS, and the words of old stand for three of them.
https://www.postgresql.org/docs/18/runtime-config-logging.html#GUC-LOG-CONNECTIONS"""


def _log_connections(observation: Observation) -> bool | None:
    if not isinstance(observation.settings, Seen):
        return None
    setting = observation.settings.value.get("log_connections")
    return None if setting is None else bool(_TELLS_WHO & {*_WORD.findall(setting.value.lower())})


def _why_not_sampled(observation: Observation) -> str | None:
    return None if isinstance(observation.sessions, Seen) else observation.sessions.reason


def _proxied(observation: Observation) -> bool:
    return isinstance(observation.sessions, Seen) and is_proxied(observation.sessions.value)


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
    not_remembered: str | None = None
    """Why the clients that were seen are not, or not all, remembered."""
