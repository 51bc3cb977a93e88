"""What to tell about a client that was seen in clear, and to whoever runs it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from rds_tls_audit.evidence.observation import SessionGroup, SessionView
from rds_tls_audit.evidence.observed import Seen, Unseen
from rds_tls_audit.evidence.redaction import ClientDetail, redact
from rds_tls_audit.evidence.sessions import label
from rds_tls_audit.readiness.database_readiness import DatabaseReadiness
from rds_tls_audit.readiness.drivers.catalog import UNNAMED_EXPLICIT_PLAINTEXT, recognize_drivers
from rds_tls_audit.readiness.drivers.driver import CA, OWN_NAME, Driver
from rds_tls_audit.readiness.sampling.observed_client import Encryption, ObservedClient
from rds_tls_audit.text import escape

IMPACT = (
    "breaks at its next connect, unless its own setting is allow and its TLS works, which the "
    "server cannot see: look at its configuration"
)
"""Measured: refused in clear, only `allow` comes back with TLS; open sessions go on."""

ANY_DRIVER = f"sslmode=verify-full and sslrootcert={CA}, or what its driver calls them"
MAX_WHO = 250
MAX_PITFALLS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientAdvice:
    """One client in clear; addresses that may not be told make several one."""

    who: str
    database: str
    last_seen: datetime
    samples: int
    """In how many samples at least."""
    blocking: bool
    """Whether it keeps the answer from being safe: seen lately, where TLS is not yet forced."""
    impact: str
    likely_cause: str
    """Why it may be in clear."""
    fixes: tuple[str, ...]
    """What to set on its side, by driver."""
    pitfalls: tuple[str, ...]


def advise_clients(
    standings: Iterable[DatabaseReadiness], detail: ClientDetail
) -> tuple[ClientAdvice, ...]:
    """Advise every client in clear, those that hold back first, then the latest."""
    everyone = (one for standing in standings for one in _of_one(standing, detail))
    latest_first = sorted(everyone, key=lambda one: one.last_seen, reverse=True)
    return tuple(sorted(latest_first, key=lambda one: not one.blocking))


def _of_one(standing: DatabaseReadiness, detail: ClientDetail) -> Iterable[ClientAdvice]:
    clients: dict[SessionGroup, ObservedClient] = {}
    for one in (*standing.earlier_plaintext, *standing.recent_plaintext):
        told = redacted_client(one, detail)
        before = clients.get(told, one)
        clients[told] = replace(
            max(before, one, key=lambda it: it.last_seen),
            samples=max(before.samples, one.samples),
        )
    lately = (
        set()
        if standing.forced
        else {redacted_client(one, detail) for one in standing.recent_plaintext}
    )
    for told, one in clients.items():
        yield _advice(standing, told, one, detail, holds_back=told in lately)


def redacted_client(sighting: ObservedClient, detail: ClientDetail) -> SessionGroup:
    """Leave of a client what may be told, by the one rule that there is for it."""
    group = SessionGroup(
        role=sighting.role,
        application=sighting.application,
        network=sighting.network,
        encrypted=sighting.encryption is not Encryption.CLEAR,
        tls_version=None,
        cipher=None,
        count=1,
    )
    redacted = redact(Seen(value=SessionView(total=1, clear=1, groups=(group,))), detail)
    assert not isinstance(redacted, Unseen)  # noqa: S101 - what is seen stays so
    return redacted.value.groups[0]


def _advice(
    standing: DatabaseReadiness,
    told: SessionGroup,
    sighting: ObservedClient,
    detail: ClientDetail,
    *,
    holds_back: bool,
) -> ClientAdvice:
    # Which driver it may be tells of its name.
    hidden = detail is ClientDetail.NONE
    drivers = () if hidden else recognize_drivers(told.application)
    return ClientAdvice(
        who=escape(label(told), MAX_WHO),
        database=standing.id,
        last_seen=sighting.last_seen,
        samples=sighting.samples,
        blocking=holds_back,
        impact=IMPACT,
        likely_cause="who it is may not be told here" if hidden else _because(told, drivers),
        fixes=tuple(f"{one.name}: {one.verify_full}" for one in drivers) or (ANY_DRIVER,),
        pitfalls=_pitfalls(drivers),
    )


def _because(told: SessionGroup, drivers: tuple[Driver, ...]) -> str:
    if not told.application:
        return (
            "it gives no application name, nor do these, which are in clear unless told otherwise: "
            f"{_causes(drivers)}; others without a name are in clear only where they are told so "
            f"or their TLS failed: {', '.join(one.name for one in UNNAMED_EXPLICIT_PLAINTEXT)}"
        )
    if not drivers:
        return "its application name tells no driver"
    return (
        f"by its application name, which a pooler may have handed on: {_causes(drivers)}"
        f"{''.join(_return(one) for one in drivers)}"
    )


def _causes(drivers: tuple[Driver, ...]) -> str:
    return ", ".join(f"{one.name} ({one.plaintext_when})" for one in drivers)


def _return(driver: Driver) -> str:
    if driver.falls_back_to_tls is None:
        return ""
    if driver.falls_back_to_tls:
        return f"; set to allow, {driver.name} comes back with TLS"
    return f"; {driver.name} has no setting that comes back with TLS"


def _pitfalls(drivers: tuple[Driver, ...]) -> tuple[str, ...]:
    every = [f"{one.name}: {pitfall}" for one in drivers for pitfall in one.pitfalls]
    return (OWN_NAME, *every[: MAX_PITFALLS - 1])
