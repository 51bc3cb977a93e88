"""Histories to start a test from: a good one, whose keywords change what matters."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TypedDict, Unpack

from rds_tls_audit.codec import encode
from rds_tls_audit.evidence.redaction import ClientDetail
from rds_tls_audit.fleet.configuration import GroupKey
from rds_tls_audit.fleet.database import Database
from rds_tls_audit.readiness.assessment import NO_OTHER_USERS, ReadinessAssessment, assess_readiness
from rds_tls_audit.readiness.database_history import DatabaseHistory
from rds_tls_audit.readiness.out_of_scope_users import OutOfScopeUsers
from rds_tls_audit.readiness.sampling.daily_samples import DailySamples
from rds_tls_audit.readiness.sampling.observed_client import Encryption, ObservedClient
from rds_tls_audit.readiness.status import ReadinessStatus
from tests.support.builders import NOW, database, days

SAMPLES_PER_DAY = 96
TODAY = NOW.astimezone(UTC).date()
GROUP = GroupKey(name="pg16", of_cluster=False)
CLUSTER_GROUP = GroupKey(name="aurora16", of_cluster=True)
ALLOW = "each breaks unless its own setting is allow"
DEFAULT_GROUP = GroupKey(name="default.postgres14", of_cluster=False)


class HistoryChanges(TypedDict, total=False):
    """Fields of a history."""

    database: Database
    not_connected: str | None
    days: tuple[DailySamples, ...]
    sightings: tuple[ObservedClient, ...]
    overflow: int
    force_ssl: str | None
    plaintext_refused: bool | None
    log_connections: bool | None
    proxied: bool


class SightingChanges(TypedDict, total=False):
    """Fields of a sighting."""

    role: str | None
    application: str | None
    network: str | None
    encryption: Encryption
    tls_version: str | None
    cipher: str | None
    first_seen: datetime
    last_seen: datetime
    samples: int


class DayChanges(TypedDict, total=False):
    """Fields of a day of sampling."""

    samples: int
    partial: int
    opened: int | None
    seen: int
    resets: int
    proxied: int


def day(ago: int, **changes: Unpack[DayChanges]) -> DailySamples:
    """A day so long ago on which all went as planned."""
    good = DailySamples(
        day=TODAY - timedelta(days=ago), samples=SAMPLES_PER_DAY, partial=0, opened=20, seen=15
    )
    return replace(good, **changes)


def last_days(number: int = 35, **changes: Unpack[DayChanges]) -> tuple[DailySamples, ...]:
    """The last days that are over, the latest first."""
    return tuple(day(ago, **changes) for ago in range(1, number + 1))


def tls_client(ago: float = 1, **changes: Unpack[SightingChanges]) -> ObservedClient:
    """A client with TLS, last seen so many days ago."""
    modern = ObservedClient(
        role="orders_app",
        application="web",
        network="10.0.1.7",
        encryption=Encryption.TLS,
        tls_version="TLSv1.3",
        cipher="TLS_AES_256_GCM_SHA384",
        first_seen=days(-200),
        last_seen=days(-ago),
        samples=40,
    )
    return replace(modern, **changes)


def clear_client(ago: float = 1, **changes: Unpack[SightingChanges]) -> ObservedClient:
    """A client in clear, last seen so many days ago."""
    clear = replace(tls_client(ago), encryption=Encryption.CLEAR, tls_version=None, cipher=None)
    return replace(clear, **changes)


def gss_client(ago: float = 1) -> ObservedClient:
    """A client that GSS encrypts."""
    return replace(tls_client(ago), encryption=Encryption.GSS, tls_version=None, cipher=None)


def history(name: str = "orders-prod", **changes: Unpack[HistoryChanges]) -> DatabaseHistory:
    """A database that was sampled as planned, where nothing speaks against forcing TLS."""
    good = DatabaseHistory(
        database=database(name),
        not_connected=None,
        days=last_days(),
        sightings=(tls_client(),),
        force_ssl="0",
        plaintext_refused=False,
    )
    return replace(good, **changes)


def forced(name: str = "orders-prod", **changes: Unpack[HistoryChanges]) -> DatabaseHistory:
    """A database that forces TLS already, and was never sampled."""
    there = history(name, days=(), sightings=(), force_ssl="1", plaintext_refused=True)
    return replace(there, **changes)


def answer_for(
    *histories: DatabaseHistory,
    group: GroupKey = GROUP,
    detail: ClientDetail = ClientDetail.FULL,
    samples_per_day: int = SAMPLES_PER_DAY,
    outside: OutOfScopeUsers = NO_OTHER_USERS,
) -> ReadinessAssessment:
    """Answer at `NOW`."""
    return assess_readiness(
        group,
        histories,
        now=NOW,
        samples_per_day=samples_per_day,
        detail=detail,
        outside=outside,
    )


def absent(parts: Sequence[str], *texts: str) -> list[str]:
    """Return which parts no text has."""
    return [part for part in parts if part not in "\n".join(texts)]


def wrong_with(
    given: ReadinessAssessment, form: ReadinessStatus, parts: Sequence[str]
) -> list[str]:
    """Return what an answer lacks of this form and these words, or says that no answer may."""
    wrong = absent(parts, given.because) + ([] if parts else ["no words to look for"])
    if given.status is not form:
        wrong.append(f"{given.status}: {given.because}")
    if (ALLOW in given.because) != (form is ReadinessStatus.CHECK_FIRST):
        wrong.append(ALLOW)
    if "would break" in str(encode(given)):
        wrong.append("would break")
    return wrong
