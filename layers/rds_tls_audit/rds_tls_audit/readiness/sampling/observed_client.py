"""A client that was seen connecting to a database, over all samples."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import partial

from rds_tls_audit.evidence.observation import OWN_ROLES, SessionGroup
from rds_tls_audit.protocol.cipher_strength import Strength, strength_of
from rds_tls_audit.readiness.sampling.lookback import WINDOW_DAYS

MAX_CLIENTS = 200
"""Of one database that are remembered; addresses of short-lived containers are many."""

WRITE_EVERY = timedelta(hours=1)
"""How old what was written of a client may grow before the same is written again."""

LONG_AGO = timedelta(days=WINDOW_DAYS + 1)
"""What is older keeps nothing from being called safe."""

_HASH_BYTES = 12
_WEAKEST_FIRST = (Strength.BROKEN, Strength.DATED, Strength.UNKNOWN, Strength.MODERN)


class Encryption(StrEnum):
    """What protects the hop from this client to the server."""

    CLEAR = "clear"
    TLS = "tls"
    GSS = "gss"
    """`pg_stat_gssapi`; it is not TLS."""

    @classmethod
    def of(cls, group: SessionGroup) -> "Encryption":
        """Encrypted without a TLS version is GSS."""
        if not group.encrypted:
            return cls.CLEAR
        return cls.GSS if group.tls_version is None else cls.TLS


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservedClient:
    """One client: the same role, application and network, encrypted in the same way."""

    role: str | None
    application: str | None
    network: str | None
    encryption: Encryption
    tls_version: str | None
    """As last seen; the weakest where several were seen at once."""
    cipher: str | None
    first_seen: datetime
    last_seen: datetime
    samples: int
    """In how many runs it was seen; a lower bound, since not every run is written."""

    @property
    def is_own(self) -> bool:
        """Whether it is RDS itself, which is no client."""
        return self.role in OWN_ROLES


def observed_clients(groups: Iterable[SessionGroup], at: datetime) -> tuple[ObservedClient, ...]:
    """Make the client groups of a view sightings, one a client."""
    clients: dict[str, ObservedClient] = {}
    for group in sorted(groups, key=_weakness):
        one = _sighting(group, at)
        if not one.is_own:
            clients.setdefault(client_key(one), one)
    return tuple(clients.values())


def merge_client(previous: ObservedClient, new: ObservedClient) -> ObservedClient:
    """Fold a later sighting of the same client in; a run that comes again counts once."""
    later = new if new.last_seen > previous.last_seen else previous
    return replace(
        later,
        first_seen=min(previous.first_seen, new.first_seen),
        samples=previous.samples + (new.samples if later is new else 0),
    )


def client_key(sighting: ObservedClient) -> str:
    """Name a client by a short hash that stays, for `client#<hash>`."""
    who = (sighting.role, sighting.application, sighting.network, sighting.encryption)
    return hashlib.blake2b(json.dumps(who).encode(), digest_size=_HASH_BYTES).hexdigest()


def needs_write(previous: ObservedClient | None, new: ObservedClient) -> bool:
    """Whether it tells more than what was written: a new client, other TLS, or an hour passed."""
    if previous is None or new.first_seen < previous.first_seen:
        return True
    if (previous.tls_version, previous.cipher) != (new.tls_version, new.cipher):
        return True
    # The window is counted in days: the first sight of a day is never left out.
    another_day = new.last_seen.astimezone(UTC).date() != previous.last_seen.astimezone(UTC).date()
    return another_day or new.last_seen - previous.last_seen > WRITE_EVERY


def retain_most_relevant(
    sightings: Iterable[ObservedClient],
) -> tuple[tuple[ObservedClient, ...], int]:
    """Keep at most `MAX_CLIENTS` and count the rest: the worst first, then the latest.

    So whoever is left out keeps forcing TLS from being called safe no more than those who are kept.
    """
    ranked = sorted(sightings, key=lambda one: one.last_seen, reverse=True)
    if ranked:
        ranked.sort(key=partial(_harmlessness, newest=ranked[0].last_seen))
    return tuple(ranked[:MAX_CLIENTS]), max(len(ranked) - MAX_CLIENTS, 0)


def _harmlessness(sighting: ObservedClient, newest: datetime) -> int:
    """In clear, then what else keeps forcing TLS from being called safe, then what did long ago."""
    in_clear = sighting.encryption is Encryption.CLEAR
    if newest - sighting.last_seen > LONG_AGO:
        return 2 if in_clear else 3
    if in_clear:
        return 0
    return 1 if sighting.encryption is Encryption.GSS or sighting.role is None else 3


def _sighting(group: SessionGroup, at: datetime) -> ObservedClient:
    return ObservedClient(
        role=group.role,
        application=group.application,
        network=group.network,
        encryption=Encryption.of(group),
        tls_version=group.tls_version,
        cipher=group.cipher,
        first_seen=at,
        last_seen=at,
        samples=1,
    )


def _weakness(group: SessionGroup) -> tuple[int, str, str]:
    # By name too: the order that the server answers in must not make it look changed.
    weak = strength_of(group.tls_version or "", group.cipher)
    return _WEAKEST_FIRST.index(weak), group.tls_version or "", group.cipher or ""
