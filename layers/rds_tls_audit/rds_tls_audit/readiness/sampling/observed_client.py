"""A client that samples observed on a database."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import partial

from rds_tls_audit.evidence.observation import RDS_ROLES, SessionGroup
from rds_tls_audit.protocol.cipher_strength import Strength, classify_strength
from rds_tls_audit.readiness.sampling.lookback import WINDOW_DAYS

MAX_CLIENTS = 200
"""How many clients of one database are stored: short-lived containers use many addresses."""

REWRITE_AFTER = timedelta(hours=1)
"""How long a stored client stays current before it is written again unchanged."""

MAX_RELEVANT_AGE = timedelta(days=WINDOW_DAYS + 1)
"""An older client does not prevent the status `safe`."""

_HASH_BYTES = 12
_WEAKEST_FIRST = (Strength.BROKEN, Strength.DATED, Strength.UNKNOWN, Strength.MODERN)


class Encryption(StrEnum):
    """What encrypts the connection from this client to the server."""

    CLEAR = "clear"
    TLS = "tls"
    GSS = "gss"
    """Shown by `pg_stat_gssapi`; it is not TLS."""

    @classmethod
    def of(cls, group: SessionGroup) -> "Encryption":
        """Classify a session group: encryption without a TLS version is GSS."""
        if not group.encrypted:
            return cls.CLEAR
        return cls.GSS if group.tls_version is None else cls.TLS


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservedClient:
    """One client: the same role, application, network, and encryption.

    Field names are the stored format.
    """

    role: str | None
    application: str | None
    network: str | None
    encryption: Encryption
    tls_version: str | None
    """The version last seen; the weakest if there were several at once."""
    cipher: str | None
    first_seen: datetime
    last_seen: datetime
    samples: int
    """How many runs observed the client; a lower bound, because not every run is stored."""

    @property
    def is_rds_role(self) -> bool:
        """Whether this is RDS itself, which is not a client."""
        return self.role in RDS_ROLES


def observed_clients(groups: Iterable[SessionGroup], at: datetime) -> tuple[ObservedClient, ...]:
    """Convert session groups to clients; groups of the same client become one."""
    clients: dict[str, ObservedClient] = {}
    for group in sorted(groups, key=_weakness):
        client = _observed_client(group, at)
        if not client.is_rds_role:
            clients.setdefault(client_key(client), client)
    return tuple(clients.values())


def merge_client(previous: ObservedClient, new: ObservedClient) -> ObservedClient:
    """Merge another observation of the same client; a repeated run counts once."""
    later = new if new.last_seen > previous.last_seen else previous
    return replace(
        later,
        first_seen=min(previous.first_seen, new.first_seen),
        samples=previous.samples + (new.samples if later is new else 0),
    )


def client_key(client: ObservedClient) -> str:
    """Return a short hash that never changes, for the key `client#<hash>`."""
    identity = (client.role, client.application, client.network, client.encryption)
    return hashlib.blake2b(json.dumps(identity).encode(), digest_size=_HASH_BYTES).hexdigest()


def needs_write(previous: ObservedClient | None, new: ObservedClient) -> bool:
    """Whether the stored client is outdated: it is new, its TLS changed, or an hour passed."""
    if previous is None or new.first_seen < previous.first_seen:
        return True
    if (previous.tls_version, previous.cipher) != (new.tls_version, new.cipher):
        return True
    # The lookback window counts days, so the first observation of each day is stored.
    another_day = new.last_seen.astimezone(UTC).date() != previous.last_seen.astimezone(UTC).date()
    return another_day or new.last_seen - previous.last_seen > REWRITE_AFTER


def retain_most_relevant(
    clients: Iterable[ObservedClient],
) -> tuple[tuple[ObservedClient, ...], int]:
    """Keep at most `MAX_CLIENTS`, the worst first and then the latest, and count the rest.

    A client that is left out is no worse than those that are kept: it prevents the status `safe`
    only if one of them does.
    """
    ranked = sorted(clients, key=lambda client: client.last_seen, reverse=True)
    if ranked:
        ranked.sort(key=partial(_rank, newest=ranked[0].last_seen))
    return tuple(ranked[:MAX_CLIENTS]), max(len(ranked) - MAX_CLIENTS, 0)


def _rank(client: ObservedClient, newest: datetime) -> int:
    """Rank plaintext first, then other clients that prevent `safe`, then plaintext of long ago."""
    plaintext = client.encryption is Encryption.CLEAR
    if newest - client.last_seen > MAX_RELEVANT_AGE:
        return 2 if plaintext else 3
    if plaintext:
        return 0
    return 1 if client.encryption is Encryption.GSS or client.role is None else 3


def _observed_client(group: SessionGroup, at: datetime) -> ObservedClient:
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
    # Also sorted by name: otherwise the order of the server's rows could look like a change.
    strength = classify_strength(group.tls_version or "", group.cipher)
    return _WEAKEST_FIRST.index(strength), group.tls_version or "", group.cipher or ""
