"""Histories for tests: a good one, whose keywords change what matters."""

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
ALLOW = "unless it uses sslmode=allow"
"""Every explanation of CHECK_FIRST ends with this exception, and no other contains it."""
DEFAULT_GROUP = GroupKey(name="default.postgres14", of_cluster=False)


class HistoryChanges(TypedDict, total=False):
    """Fields of `DatabaseHistory`."""

    database: Database
    not_sampled: str | None
    days: tuple[DailySamples, ...]
    clients: tuple[ObservedClient, ...]
    clients_not_retained: int
    force_ssl: str | None
    plaintext_refused: bool | None
    log_connections: bool | None
    proxied: bool


class ClientChanges(TypedDict, total=False):
    """Fields of `ObservedClient`."""

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
    """Fields of `DailySamples`."""

    samples: int
    partial: int
    opened: int | None
    seen: int
    resets: int
    proxied: int


def day(ago: int, **changes: Unpack[DayChanges]) -> DailySamples:
    """Build the samples of a day on which everything went as planned, `ago` days ago."""
    good = DailySamples(
        day=TODAY - timedelta(days=ago), samples=SAMPLES_PER_DAY, partial=0, opened=20, seen=15
    )
    return replace(good, **changes)


def last_days(number: int = 35, **changes: Unpack[DayChanges]) -> tuple[DailySamples, ...]:
    """Build the last complete days, the latest first."""
    return tuple(day(ago, **changes) for ago in range(1, number + 1))


def tls_client(ago: float = 1, **changes: Unpack[ClientChanges]) -> ObservedClient:
    """Build a client with TLS, last seen `ago` days ago."""
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


def plaintext_client(ago: float = 1, **changes: Unpack[ClientChanges]) -> ObservedClient:
    """Build a client without TLS, last seen `ago` days ago."""
    plaintext = replace(tls_client(ago), encryption=Encryption.CLEAR, tls_version=None, cipher=None)
    return replace(plaintext, **changes)


def gss_client(ago: float = 1) -> ObservedClient:
    """Build a client that GSS encrypts, last seen `ago` days ago."""
    return replace(tls_client(ago), encryption=Encryption.GSS, tls_version=None, cipher=None)


def history(name: str = "orders-prod", **changes: Unpack[HistoryChanges]) -> DatabaseHistory:
    """Build the history of a database that was sampled as planned and is safe to force TLS on."""
    good = DatabaseHistory(
        database=database(name),
        not_sampled=None,
        days=last_days(),
        clients=(tls_client(),),
        force_ssl="0",
        plaintext_refused=False,
    )
    return replace(good, **changes)


def forced(name: str = "orders-prod", **changes: Unpack[HistoryChanges]) -> DatabaseHistory:
    """Build the history of a database that already forces TLS and was never sampled."""
    enforced = history(name, days=(), clients=(), force_ssl="1", plaintext_refused=True)
    return replace(enforced, **changes)


def assess(
    *histories: DatabaseHistory,
    group: GroupKey = GROUP,
    detail: ClientDetail = ClientDetail.FULL,
    samples_per_day: int = SAMPLES_PER_DAY,
    out_of_scope: OutOfScopeUsers = NO_OTHER_USERS,
) -> ReadinessAssessment:
    """Assess the histories at `NOW`."""
    return assess_readiness(
        group,
        histories,
        now=NOW,
        samples_per_day=samples_per_day,
        detail=detail,
        out_of_scope=out_of_scope,
    )


def absent(parts: Sequence[str], *texts: str) -> list[str]:
    """Return the parts that no text contains."""
    return [part for part in parts if part not in "\n".join(texts)]


def problems_with(
    assessment: ReadinessAssessment, status: ReadinessStatus, parts: Sequence[str]
) -> list[str]:
    """Return the expected parts that are absent, and everything that no assessment may say."""
    problems = absent(parts, assessment.because) + ([] if parts else ["no parts are expected"])
    if assessment.status is not status:
        problems.append(f"{assessment.status}: {assessment.because}")
    if (ALLOW in assessment.because) != (status is ReadinessStatus.CHECK_FIRST):
        problems.append(ALLOW)
    if "would break" in str(encode(assessment)):
        problems.append("would break")
    return problems
