"""How one database stands: its history, looked at through the window."""

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
    """One database, as far as the answer needs it."""

    history: DatabaseHistory
    coverage: SamplingCoverage
    recent_plaintext: tuple[ObservedClient, ...]
    """Clients seen in clear within the window or since."""
    earlier_plaintext: tuple[ObservedClient, ...]
    """Clients seen in clear before it: told, but they hold nothing back."""
    limitations: tuple[Limitation, ...]

    @classmethod
    def of(cls, history: DatabaseHistory, window: LookbackWindow) -> "DatabaseReadiness":
        """Look at a history; RDS's own roles are no clients."""
        clients = [one for one in history.sightings if not one.is_own]
        recent = [one for one in clients if window.holds(one.last_seen)]
        earlier = [one for one in clients if not window.holds(one.last_seen)]
        coverage = window.coverage(history.days)
        return cls(
            history=history,
            coverage=coverage,
            recent_plaintext=_in_clear(recent),
            earlier_plaintext=_in_clear(earlier),
            limitations=find_limitations(history, coverage, recent),
        )

    @property
    def forced(self) -> bool:
        """Whether TLS is forced already, by its group and on the wire."""
        return self.configured and self.history.plaintext_refused is True

    @property
    def id(self) -> str:
        """What people call it."""
        return escape_id(self.history.database.id)

    @property
    def configured(self) -> bool:
        """Whether its group forces TLS."""
        return self.history.force_ssl == "1"

    @property
    def blocking(self) -> tuple[Limitation, ...]:
        """What keeps it from being called safe."""
        return tuple(lack for lack in self.limitations if lack.blocking)

    @property
    def status(self) -> ReadinessStatus:
        """The answer for this database alone."""
        if self.forced:
            return ReadinessStatus.ALREADY_FORCED
        if self.recent_plaintext:
            return ReadinessStatus.CHECK_FIRST
        if self.blocking:
            return ReadinessStatus.NOT_KNOWN
        return ReadinessStatus.SAFE


def _in_clear(clients: Sequence[ObservedClient]) -> tuple[ObservedClient, ...]:
    return tuple(one for one in clients if one.encryption is Encryption.CLEAR)


def not_yet_enforced(standings: Sequence[DatabaseReadiness]) -> Sequence[DatabaseReadiness]:
    """Those where TLS is not forced yet: nothing changes for the others, unless there are none."""
    return [one for one in standings if not one.forced] or standings
