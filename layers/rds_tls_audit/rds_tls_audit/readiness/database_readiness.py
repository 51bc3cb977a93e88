"""How one database stands: its history, looked at through the window."""

from collections.abc import Sequence
from dataclasses import dataclass

from rds_tls_audit.readiness.database_history import DatabaseHistory
from rds_tls_audit.readiness.limitations import Lack, lacks
from rds_tls_audit.readiness.sampling.lookback import Coverage, Window
from rds_tls_audit.readiness.sampling.observed_client import Encryption, Sighting
from rds_tls_audit.readiness.status import Form
from rds_tls_audit.text import printable_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One database, as far as the answer needs it."""

    history: DatabaseHistory
    coverage: Coverage
    recent: tuple[Sighting, ...]
    """Clients seen in clear within the window or since."""
    earlier: tuple[Sighting, ...]
    """Clients seen in clear before it: told, but they hold nothing back."""
    lacks: tuple[Lack, ...]

    @classmethod
    def of(cls, history: DatabaseHistory, window: Window) -> "Standing":
        """Look at a history; RDS's own roles are no clients."""
        clients = [one for one in history.sightings if not one.is_own]
        recent = [one for one in clients if window.holds(one.last_seen)]
        earlier = [one for one in clients if not window.holds(one.last_seen)]
        coverage = window.coverage(history.days)
        return cls(
            history=history,
            coverage=coverage,
            recent=_in_clear(recent),
            earlier=_in_clear(earlier),
            lacks=lacks(history, coverage, recent),
        )

    @property
    def forced(self) -> bool:
        """Whether TLS is forced already, by its group and on the wire."""
        return self.configured and self.history.plaintext_refused is True

    @property
    def id(self) -> str:
        """What people call it."""
        return printable_id(self.history.database.id)

    @property
    def configured(self) -> bool:
        """Whether its group forces TLS."""
        return self.history.force_ssl == "1"

    @property
    def blocking(self) -> tuple[Lack, ...]:
        """What keeps it from being called safe."""
        return tuple(lack for lack in self.lacks if lack.blocks)

    @property
    def form(self) -> Form:
        """The answer for this database alone."""
        if self.forced:
            return Form.ALREADY_FORCED
        if self.recent:
            return Form.CHECK_FIRST
        if self.blocking:
            return Form.NOT_KNOWN
        return Form.SAFE


def _in_clear(clients: Sequence[Sighting]) -> tuple[Sighting, ...]:
    return tuple(one for one in clients if one.encryption is Encryption.CLEAR)


def undecided(standings: Sequence[Standing]) -> Sequence[Standing]:
    """Those where TLS is not forced yet: nothing changes for the others, unless there are none."""
    return [one for one in standings if not one.forced] or standings
