"""Builders for tests: a case without any evidence, and small realistic pieces to put into it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TypedDict, Unpack

from rds_tls_audit.case import Case
from rds_tls_audit.configuration import (
    FORCE_SSL,
    MIN_PROTOCOL,
    Configuration,
    GroupKey,
    Parameter,
    ParameterGroup,
    Target,
)
from rds_tls_audit.database import Cluster, Database, Endpoint
from rds_tls_audit.evidence import Observed, Seen, Unseen
from rds_tls_audit.observation import (
    Answer,
    Certificate,
    Login,
    Observation,
    SessionGroup,
    SessionView,
    Trust,
)

NOW = datetime(2026, 3, 2, 4, 15, tzinfo=UTC)
REGION = "eu-central-1"
ACCOUNT = "123456789012"
HOST = f"orders-prod.cabcdefghijk.{REGION}.rds.amazonaws.com"
MODERN_SUITE = "ECDHE-RSA-AES256-GCM-SHA384"
NOT_LOOKED_AT = Unseen(reason="not looked at")


class CaseChanges(TypedDict, total=False):
    """Fields of a case."""

    observed_at: datetime
    major_version: int
    apply_status: str | None
    certificate_warning_days: int
    group: Observed[ParameterGroup]
    plaintext: Observed[Answer]
    legacy_tls: Observed[Answer]
    weak_ciphers: Observed[Answer]
    certificate: Observed[Certificate]
    certificate_valid_till: Observed[datetime]
    authority_valid_till: Observed[datetime]
    settings: Observed[Mapping[str, str]]
    sessions: Observed[SessionView]


class CertificateChanges(TypedDict, total=False):
    """Fields of a certificate."""

    trust: Trust
    detail: str
    host: str
    subject: str
    issuer: str
    names: tuple[str, ...]
    not_before: datetime
    not_after: datetime
    authority_not_after: datetime | None
    strict_note: str | None


class SessionGroupChanges(TypedDict, total=False):
    """Fields of a group of sessions."""

    role: str | None
    application: str | None
    network: str | None
    encrypted: bool
    tls_version: str | None
    cipher: str | None
    count: int


class SessionViewChanges(TypedDict, total=False):
    """Fields of a view, but for its groups."""

    total: int
    clear: int
    rds_own: tuple[SessionGroup, ...]
    why_partial: str | None
    groups_cut: int
    modern_left_out: int
    samples: int


class DatabaseChanges(TypedDict, total=False):
    """Fields of a database."""

    id: str
    arn: str
    resource_id: str
    engine: str
    engine_version: str
    status: str
    instance_class: str
    parameter_group: str
    apply_status: str | None
    endpoint: Endpoint | None
    cluster: Cluster | None
    vpc_id: str | None
    publicly_accessible: bool
    iam_authentication: bool
    db_name: str | None
    master_role: str | None
    master_secret: str | None
    ca_id: str | None
    certificate_valid_till: datetime | None
    tags: Mapping[str, str]


class ClusterChanges(TypedDict, total=False):
    """Fields of a cluster."""

    id: str
    arn: str
    resource_id: str | None
    parameter_group: str | None
    min_capacity: float | None
    master_secret: str | None


class ObservationChanges(TypedDict, total=False):
    """Fields of an observation."""

    plaintext: Observed[Answer]
    legacy_tls: Observed[Answer]
    weak_ciphers: Observed[Answer]
    certificate: Observed[Certificate]
    login: Observed[Login]
    settings: Observed[Mapping[str, str]]
    sessions: Observed[SessionView]


def seen[T](value: T) -> Seen[T]:
    """Call it evidence."""
    return Seen(value=value)


def unseen(reason: str) -> Unseen:
    """Say why it is none."""
    return Unseen(reason=reason)


def days(number: float) -> datetime:
    """So many days after `NOW`; before it where negative."""
    return NOW + timedelta(days=number)


def blank_case(**changes: Unpack[CaseChanges]) -> Case:
    """Build a case of which nothing was looked at, but for the changes."""
    blank = Case(
        observed_at=NOW,
        major_version=16,
        apply_status="in-sync",
        certificate_warning_days=30,
        group=NOT_LOOKED_AT,
        plaintext=NOT_LOOKED_AT,
        legacy_tls=NOT_LOOKED_AT,
        weak_ciphers=NOT_LOOKED_AT,
        certificate=NOT_LOOKED_AT,
        certificate_valid_till=NOT_LOOKED_AT,
        authority_valid_till=NOT_LOOKED_AT,
        settings=NOT_LOOKED_AT,
        sessions=NOT_LOOKED_AT,
    )
    return replace(blank, **changes)


ABSENT = "(absent)"
"""A parameter that a group does not list at all."""


def parameter_group(
    force_ssl: str | None = ABSENT,
    min_protocol: str | None = ABSENT,
    *,
    name: str = "orders-pg16",
    of_cluster: bool = False,
) -> ParameterGroup:
    """Build a group that lists these parameters; None is a parameter without a value."""
    values = {FORCE_SSL: force_ssl, MIN_PROTOCOL: min_protocol}
    return ParameterGroup(
        key=GroupKey(name=name, of_cluster=of_cluster),
        parameters={
            parameter: Parameter(value=value, source="engine-default" if value is None else "user")
            for parameter, value in values.items()
            if value != ABSENT
        },
    )


def answer(*, accepted: bool, detail: str = "SCRAM asked") -> Answer:
    """Build what a server did with an offer."""
    return Answer(accepted=accepted, detail=detail)


def certificate(**changes: Unpack[CertificateChanges]) -> Certificate:
    """Build a certificate that verifies and lasts."""
    good = Certificate(
        trust=Trust.VERIFIED,
        detail="",
        host=HOST,
        subject=f"Common Name: {HOST}",
        issuer="Common Name: Amazon RDS eu-central-1 Subordinate CA RSA2048 G1.A.1",
        names=(HOST,),
        not_before=days(-60),
        not_after=days(305),
        authority_not_after=days(9_000),
    )
    return replace(good, **changes)


def tls_session(**changes: Unpack[SessionGroupChanges]) -> SessionGroup:
    """Build a client's session with modern TLS."""
    modern = SessionGroup(
        role="orders_app",
        application="web",
        network="10.0.1.7",
        encrypted=True,
        tls_version="TLSv1.3",
        cipher="TLS_AES_256_GCM_SHA384",
        count=1,
    )
    return replace(modern, **changes)


def clear_session(**changes: Unpack[SessionGroupChanges]) -> SessionGroup:
    """Build a client's session in clear."""
    clear = tls_session(
        role="reports", application="psql", encrypted=False, tls_version=None, cipher=None
    )
    return replace(clear, **changes)


def gss_session(**changes: Unpack[SessionGroupChanges]) -> SessionGroup:
    """Build a client's session that GSS encrypts: no TLS."""
    gss = tls_session(role="kerberos_user", tls_version=None, cipher=None)
    return replace(gss, **changes)


def session_view(*groups: SessionGroup, **changes: Unpack[SessionViewChanges]) -> SessionView:
    """Build a complete view of these groups, counted."""
    view = SessionView(
        total=sum(group.count for group in groups),
        clear=sum(group.count for group in groups if not group.encrypted),
        groups=groups,
    )
    return replace(view, **changes)


def database(**changes: Unpack[DatabaseChanges]) -> Database:
    """Build a plain instance that can be connected to."""
    plain = Database(
        id="orders-prod",
        arn=f"arn:aws:rds:{REGION}:{ACCOUNT}:db:orders-prod",
        resource_id="db-ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        engine="postgres",
        engine_version="16.4",
        status="available",
        instance_class="db.r6g.large",
        parameter_group="orders-pg16",
        apply_status="in-sync",
        endpoint=Endpoint(address=HOST, port=5432),
        vpc_id="vpc-0123456789abcdef0",
        iam_authentication=True,
        ca_id="rds-ca-rsa2048-g1",
        certificate_valid_till=days(305),
    )
    return replace(plain, **changes)


def cluster(**changes: Unpack[ClusterChanges]) -> Cluster:
    """Build a cluster that RDS has listed."""
    listed = Cluster(
        id="orders",
        arn=f"arn:aws:rds:{REGION}:{ACCOUNT}:cluster:orders",
        resource_id="cluster-ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        parameter_group="orders-aurora16",
    )
    return replace(listed, **changes)


def target(
    of: Database | None = None,
    *,
    group: Observed[ParameterGroup] = NOT_LOOKED_AT,
    authority_valid_till: Observed[datetime] = NOT_LOOKED_AT,
    dial: Endpoint | None = None,
) -> Target:
    """Build a database with what RDS says of its configuration."""
    return Target(
        database=of or database(),
        configuration=Configuration(group=group, authority_valid_till=authority_valid_till),
        dial=dial,
    )


def observation(**changes: Unpack[ObservationChanges]) -> Observation:
    """Build what a probe saw that saw nothing, but for the changes."""
    return replace(Observation.unseen("not looked at"), **changes)
