"""The result of a batch: the verdicts, and which findings Security Hub imported."""

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
    """A verdict with the id of its check. Field names are the stored format."""

    check: str
    status: Status
    severity: Severity
    """The severity of the check, whatever the status."""
    because: str
    missing: str | None = None
    """Why evidence is missing, for UNKNOWN only."""
    accepted: bool = False
    """Whether a tag of the database accepts the failure or warning."""
    advice: str | None = None
    """The remedy specific to this database, for a failure or warning that no other explains."""

    @classmethod
    def of(cls, evaluation: Evaluation) -> Self:
        """Keep what is stored of an evaluation."""
        check, verdict = evaluation.check, evaluation.verdict
        is_cause = verdict.status.is_fault and evaluation.cause.id == check.id
        is_specific = is_cause and evaluation.remedy != check.remedy
        return cls(
            check=check.id,
            status=verdict.status,
            severity=check.severity,
            because=verdict.because,
            missing=verdict.missing,
            accepted=evaluation.accepted is not None,
            advice=evaluation.remedy if is_specific else None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseResult:
    """The verdicts of one database, in table order. Field names are the stored format."""

    id: str
    arn: str
    engine: str
    engine_version: str
    cluster: str | None
    logged_in: bool
    role: str | None = None
    """The role that the probe logged in as."""
    owner: str | None = None
    """The value of the owner tag."""
    endpoint: str | None = None
    """The endpoint as `host:port`."""
    resource_id: str | None = None
    group: str | None = None
    """The deciding parameter group."""
    not_sampled: str | None = None
    """Why its sessions were not sampled."""
    log_connections: bool | None = None
    """Whether its log records clients and their TLS; None if the setting is not known."""
    proxied: bool = False
    """Whether an RDS Proxy connects to it."""
    problem: str | None = None
    """Why a tag of the database is ignored."""
    verdicts: tuple[NamedVerdict, ...]

    @classmethod
    def of(
        cls,
        run: Run,
        probed: ProbedTarget,
        evaluations: Sequence[Evaluation],
        *,
        owner: str | None = None,
    ) -> Self:
        """Combine the evaluations of a database with what is stored of it."""
        database, observation = probed.target.database, probed.observation
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
_LOGS_TLS = frozenset({"on", "true", "yes", "1", "all", "authorization"})
"""Values of `log_connections` with which the server logs the TLS of each connection.

In PostgreSQL 18 and later, the setting is a list of aspects, shown as it was written. The aspect
`authorization` logs the TLS of a connection; the Boolean values of earlier versions include it.
https://www.postgresql.org/docs/18/runtime-config-logging.html#GUC-LOG-CONNECTIONS"""


def _log_connections(observation: Observation) -> bool | None:
    if not isinstance(observation.settings, Seen):
        return None
    setting = observation.settings.value.get("log_connections")
    return None if setting is None else bool(_LOGS_TLS & {*_WORD.findall(setting.value.lower())})


def _why_not_sampled(observation: Observation) -> str | None:
    return None if isinstance(observation.sessions, Seen) else observation.sessions.reason


def _proxied(observation: Observation) -> bool:
    return isinstance(observation.sessions, Seen) and is_proxied(observation.sessions.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchResult:
    """The result of one batch. Field names are the stored format."""

    batch: int
    part: int | None = None
    """The position of the database in the batch, if each is retried individually."""
    databases: tuple[DatabaseResult, ...]
    imported: int = 0
    """The number of findings that Security Hub imported."""
    rejected: tuple[Rejection, ...] = ()
    hub_off: str | None = None
    """Why no finding could be sent at all."""
    held_back: tuple[Change, ...] = ()
    """The changes that would have been sent if Security Hub were enabled."""
    not_remembered: str | None = None
    """Why some or all of the observed clients were not recorded."""
