"""What happens to a client that connected without TLS, and what its owner must change."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from rds_tls_audit.evidence.observation import SessionGroup, SessionView
from rds_tls_audit.evidence.observed import Seen, Unseen
from rds_tls_audit.evidence.redaction import ClientDetail, redact
from rds_tls_audit.evidence.sessions import describe_client
from rds_tls_audit.readiness.database_readiness import DatabaseReadiness
from rds_tls_audit.readiness.drivers.catalog import UNNAMED_EXPLICIT_PLAINTEXT, recognize_drivers
from rds_tls_audit.readiness.drivers.driver import CA, ENDPOINT_NAME, Driver
from rds_tls_audit.readiness.sampling.observed_client import Encryption, ObservedClient
from rds_tls_audit.text import escape

IMPACT = (
    "After TLS is forced, open sessions continue, but the client's next connection fails unless "
    "it uses sslmode=allow and its TLS works. The server can't see that setting, so check the "
    "client's configuration."
)
"""Measured: when the server refuses plaintext, only `allow` retries with TLS."""

HIDDEN_CAUSE = (
    "CLIENT_DETAIL is none, which hides the client's application name. The driver can't be guessed "
    "without it."
)
ANY_DRIVER = f"sslmode=verify-full and sslrootcert={CA}, or the driver's equivalents"
MAX_NAME = 250
MAX_PITFALLS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientAdvice:
    """Advice for one plaintext client; clients that differ only in redacted fields are one."""

    name: str
    database: str
    last_seen: datetime
    samples: int
    """How many samples showed the client; a lower bound."""
    blocking: bool
    """Whether the client prevents the status `safe`: its database does not force TLS yet, and the
    client connected without TLS within the lookback window."""
    impact: str
    likely_cause: str
    """Why the client may connect without TLS."""
    fixes: tuple[str, ...]
    """The setting to use, by driver."""
    pitfalls: tuple[str, ...]


def advise_clients(
    databases: Iterable[DatabaseReadiness], detail: ClientDetail
) -> tuple[ClientAdvice, ...]:
    """Advise every plaintext client: those that block first, then the most recent."""
    found = (client for database in databases for client in _advise_database(database, detail))
    latest_first = sorted(found, key=lambda client: client.last_seen, reverse=True)
    return tuple(sorted(latest_first, key=lambda client: not client.blocking))


def _advise_database(database: DatabaseReadiness, detail: ClientDetail) -> Iterable[ClientAdvice]:
    clients: dict[SessionGroup, ObservedClient] = {}
    for client in (*database.earlier_plaintext, *database.recent_plaintext):
        redacted = redacted_client(client, detail)
        clients[redacted] = _merge(clients.get(redacted, client), client)
    blocking = (
        set()
        if database.enforced
        else {redacted_client(client, detail) for client in database.recent_plaintext}
    )
    for redacted, client in clients.items():
        yield _advise(database, redacted, client, detail, blocking=redacted in blocking)


def _merge(known: ObservedClient, client: ObservedClient) -> ObservedClient:
    latest = max(known, client, key=lambda observed: observed.last_seen)
    return replace(latest, samples=max(known.samples, client.samples))


def redacted_client(client: ObservedClient, detail: ClientDetail) -> SessionGroup:
    """Keep only what `detail` allows, by the same rule as for session groups."""
    group = SessionGroup(
        role=client.role,
        application=client.application,
        network=client.network,
        encrypted=client.encryption is not Encryption.CLEAR,
        tls_version=None,
        cipher=None,
        count=1,
    )
    redacted = redact(Seen(value=SessionView(total=1, clear=1, groups=(group,))), detail)
    assert not isinstance(redacted, Unseen)  # noqa: S101 - redaction keeps Seen as Seen
    return redacted.value.groups[0]


def _advise(
    database: DatabaseReadiness,
    redacted: SessionGroup,
    client: ObservedClient,
    detail: ClientDetail,
    *,
    blocking: bool,
) -> ClientAdvice:
    # The likely driver would reveal the application name.
    hidden = detail is ClientDetail.NONE
    drivers = () if hidden else recognize_drivers(redacted.application)
    return ClientAdvice(
        name=escape(describe_client(redacted), MAX_NAME),
        database=database.id,
        last_seen=client.last_seen,
        samples=client.samples,
        blocking=blocking,
        impact=IMPACT,
        likely_cause=HIDDEN_CAUSE if hidden else _likely_cause(redacted.application, drivers),
        fixes=tuple(f"{driver.name}: {driver.verify_full}" for driver in drivers) or (ANY_DRIVER,),
        pitfalls=_pitfalls(drivers),
    )


def _likely_cause(application: str | None, drivers: tuple[Driver, ...]) -> str:
    if not application:
        configured = ", ".join(driver.name for driver in UNNAMED_EXPLICIT_PLAINTEXT)
        return (
            "The client sets no application name. These drivers don't set one either, and connect "
            f"without TLS by default: {_plaintext_causes(drivers)}. Other drivers without an "
            "application name connect without TLS only if they are configured to, or if their TLS "
            f"attempt failed: {configured}."
        )
    if not drivers:
        return "The application name doesn't identify a driver."
    return (
        "The application name, which a connection pooler may have passed on, points to "
        f"{_plaintext_causes(drivers)}.{''.join(map(_fallback, drivers))}"
    )


def _plaintext_causes(drivers: tuple[Driver, ...]) -> str:
    return ", ".join(f"{driver.name} ({driver.plaintext_when})" for driver in drivers)


def _fallback(driver: Driver) -> str:
    if driver.falls_back_to_tls is None:
        return ""
    if driver.falls_back_to_tls:
        return f" With allow, refused connections of {driver.name} are retried with TLS."
    return f" No setting makes {driver.name} retry with TLS."


def _pitfalls(drivers: tuple[Driver, ...]) -> tuple[str, ...]:
    found = [f"{driver.name}: {pitfall}" for driver in drivers for pitfall in driver.pitfalls]
    return (ENDPOINT_NAME, *found[: MAX_PITFALLS - 1])
