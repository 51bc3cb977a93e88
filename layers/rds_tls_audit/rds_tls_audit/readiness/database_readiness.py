"""The readiness of one database: its history within the lookback window."""

from collections.abc import Sequence
from dataclasses import dataclass

from rds_tls_audit.readiness.database_history import DatabaseHistory
from rds_tls_audit.readiness.limitations import Limitation, find_limitations
from rds_tls_audit.readiness.sampling.lookback import LookbackWindow, SamplingCoverage
from rds_tls_audit.readiness.sampling.observed_client import Encryption, ObservedClient
from rds_tls_audit.readiness.status import ReadinessStatus
from rds_tls_audit.text import escape_id


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseReadiness:
    """What the assessment of a parameter group needs of one of its databases."""

    history: DatabaseHistory
    coverage: SamplingCoverage
    recent_plaintext: tuple[ObservedClient, ...]
    """Clients that connected without TLS within the lookback window or since."""
    earlier_plaintext: tuple[ObservedClient, ...]
    """Clients that connected without TLS before the window: listed, but not blocking."""
    limitations: tuple[Limitation, ...]

    @classmethod
    def of(cls, history: DatabaseHistory, window: LookbackWindow) -> "DatabaseReadiness":
        """Evaluate a history; the roles of RDS itself are not clients."""
        clients = [client for client in history.clients if not client.is_rds_role]
        recent = [client for client in clients if window.contains(client.last_seen)]
        earlier = [client for client in clients if not window.contains(client.last_seen)]
        coverage = window.coverage(history.days)
        return cls(
            history=history,
            coverage=coverage,
            recent_plaintext=_without_tls(recent),
            earlier_plaintext=_without_tls(earlier),
            limitations=find_limitations(history, coverage, recent),
        )

    @property
    def id(self) -> str:
        """The identifier, safe to print."""
        return escape_id(self.history.database.id)

    @property
    def enforcement_configured(self) -> bool:
        """Whether the parameter group forces TLS."""
        return self.history.force_ssl == "1"

    @property
    def enforced(self) -> bool:
        """Whether TLS is already forced, in the parameter group and on the wire."""
        return self.enforcement_configured and self.history.plaintext_refused is True

    @property
    def blocking_limitations(self) -> tuple[Limitation, ...]:
        """The limitations that prevent the status `safe`."""
        return tuple(limitation for limitation in self.limitations if limitation.blocking)

    @property
    def status(self) -> ReadinessStatus:
        """The status of this database alone."""
        if self.enforced:
            return ReadinessStatus.ALREADY_FORCED
        if self.recent_plaintext:
            return ReadinessStatus.CHECK_FIRST
        if self.blocking_limitations:
            return ReadinessStatus.NOT_KNOWN
        return ReadinessStatus.SAFE


def _without_tls(clients: Sequence[ObservedClient]) -> tuple[ObservedClient, ...]:
    return tuple(client for client in clients if client.encryption is Encryption.CLEAR)


def not_yet_enforced(databases: Sequence[DatabaseReadiness]) -> Sequence[DatabaseReadiness]:
    """Select the databases that forcing TLS would change; all of them if it changes none."""
    return [database for database in databases if not database.enforced] or databases


def share_seen(databases: Sequence[DatabaseReadiness]) -> float | None:
    """Return the lowest share of opened sessions that was observed; None if one is unknown."""
    shares = [database.coverage.share_seen for database in databases]
    known = [share for share in shares if share is not None]
    return min(known) if known and len(known) == len(shares) else None
