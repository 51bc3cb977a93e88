"""Small databases, evidence and settings to start a test from; keywords change what matters."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TypedDict, Unpack

from rds_tls_audit.adapters.environment import read_settings
from rds_tls_audit.checks.evaluation import evaluate_database
from rds_tls_audit.checks.verdict import Severity, Status
from rds_tls_audit.evidence.observation import (
    Certificate,
    Login,
    NegotiatedTls,
    Observation,
    OfferOutcome,
    SessionGroup,
    SessionView,
    Setting,
    Trust,
)
from rds_tls_audit.evidence.observed import Seen, Unseen
from rds_tls_audit.findings.change import Change
from rds_tls_audit.findings.state import ChangeKind, FindingState
from rds_tls_audit.fleet.certificate_authority import CertificateAuthority
from rds_tls_audit.fleet.configuration import (
    FORCE_SSL,
    MIN_PROTOCOL,
    Configuration,
    GroupKey,
    Parameter,
    ParameterGroup,
    Target,
)
from rds_tls_audit.fleet.database import Cluster, Database, Endpoint
from rds_tls_audit.pipeline.messages import ProbedTarget, ProbeResult
from rds_tls_audit.pipeline.run import Run, RunKind
from rds_tls_audit.results.batch_result import DatabaseResult
from rds_tls_audit.settings import Settings

NOW = datetime(2026, 3, 1, 6, 0, tzinfo=UTC)
ACCOUNT = "123456789012"
REGION = "eu-central-1"
DOMAIN = f"c9akciq32rgw.{REGION}.rds.amazonaws.com"
HOST = f"orders-prod.{DOMAIN}"
MODERN_SUITE = "ECDHE-RSA-AES256-GCM-SHA384"
ABSENT = "(absent)"
"""A parameter that a group does not list at all."""


class DatabaseChanges(TypedDict, total=False):
    """Fields of a database."""

    arn: str
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

    resource_id: str | None
    parameter_group: str | None
    min_capacity: float | None
    master_secret: str | None


class CertificateChanges(TypedDict, total=False):
    """Fields of a certificate."""

    trust: Trust
    detail: str
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


class ChangeFields(TypedDict, total=False):
    """Fields of a change."""

    kind: ChangeKind
    check: str
    database: str
    status: Status
    severity: Severity
    because: str
    owner: str | None


def seen[T](value: T) -> Seen[T]:
    """Call it evidence."""
    return Seen(value=value)


def unseen(reason: str) -> Unseen:
    """Say why there is no evidence."""
    return Unseen(reason=reason)


def days(number: float) -> datetime:
    """So many days after `NOW`; before it where negative."""
    return NOW + timedelta(days=number)


def database(name: str = "orders-prod", **changes: Unpack[DatabaseChanges]) -> Database:
    """An instance that can be connected to, or with a cluster a member of it."""
    plain = Database(
        id=name,
        arn=f"arn:aws:rds:{REGION}:{ACCOUNT}:db:{name}",
        resource_id=f"db-{name.upper()}",
        engine="aurora-postgresql" if changes.get("cluster") else "postgres",
        engine_version="16.4",
        status="available",
        instance_class="db.t4g.medium",
        parameter_group="pg16",
        apply_status="in-sync",
        endpoint=Endpoint(address=f"{name}.{DOMAIN}", port=5432),
        vpc_id="vpc-1",
        ca_id="rds-ca-rsa2048-g1",
        certificate_valid_till=days(300),
    )
    return replace(plain, **changes)


def cluster(name: str = "ledger", **changes: Unpack[ClusterChanges]) -> Cluster:
    """An Aurora cluster that RDS has listed."""
    listed = Cluster(
        id=name,
        arn=f"arn:aws:rds:{REGION}:{ACCOUNT}:cluster:{name}",
        resource_id=f"cluster-{name.upper()}",
        parameter_group="aurora16",
        min_capacity=0.5,
    )
    return replace(listed, **changes)


def unlisted_cluster(name: str = "ledger") -> Cluster:
    """A cluster of which only its members tell."""
    return cluster(name, resource_id=None, parameter_group=None, min_capacity=None)


def parameter_group(
    force_ssl: str | None = "1",
    min_protocol: str | None = "TLSv1.2",
    *,
    name: str = "pg16",
    of_cluster: bool = False,
) -> ParameterGroup:
    """A group that enforces modern TLS; None is a parameter without a value."""
    values = {FORCE_SSL: force_ssl, MIN_PROTOCOL: min_protocol}
    return ParameterGroup(
        key=GroupKey(name=name, of_cluster=of_cluster),
        parameters={
            parameter: Parameter(value=value, source="engine-default" if value is None else "user")
            for parameter, value in values.items()
            if value != ABSENT
        },
    )


def target(of: Database, *, force_ssl: str = "1") -> Target:
    """A database whose deciding group is good, unless it says otherwise."""
    in_cluster = of.cluster is not None
    name = "aurora16" if in_cluster else of.parameter_group
    return Target(
        database=of,
        configuration=Configuration(
            group=seen(parameter_group(force_ssl, name=name, of_cluster=in_cluster)),
            authority=seen(CertificateAuthority(valid_till=days(9000))),
        ),
    )


def answer(*, accepted: bool, detail: str = "SCRAM asked") -> OfferOutcome:
    """What a server did with an offer."""
    return OfferOutcome(accepted=accepted, detail=detail)


def certificate(**changes: Unpack[CertificateChanges]) -> Certificate:
    """A certificate that verifies and lasts."""
    good = Certificate(
        trust=Trust.VERIFIED,
        detail="",
        host=HOST,
        subject=HOST,
        issuer=f"Amazon RDS {REGION} Subordinate CA RSA2048 G1.A.1",
        names=(HOST,),
        key="RSA 2048",
        not_before=days(-65),
        not_after=days(300),
        authority_not_after=days(9000),
    )
    return replace(good, **changes)


def tls_session(**changes: Unpack[SessionGroupChanges]) -> SessionGroup:
    """A client's session with modern TLS."""
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
    """A client's session in clear."""
    clear = replace(tls_session(), encrypted=False, tls_version=None, cipher=None)
    return replace(clear, **changes)


def gss_session(**changes: Unpack[SessionGroupChanges]) -> SessionGroup:
    """A client's session that GSS encrypts: no TLS."""
    gss = replace(tls_session(), tls_version=None, cipher=None)
    return replace(gss, **changes)


def session_view(*groups: SessionGroup, **changes: Unpack[SessionViewChanges]) -> SessionView:
    """A complete view of these groups, counted."""
    view = SessionView(
        total=sum(group.count for group in groups),
        clear=sum(group.count for group in groups if not group.encrypted),
        groups=groups,
    )
    return replace(view, **changes)


def setting(value: str) -> Setting:
    """A live setting, set in a file."""
    return Setting(value=value, source="configuration file")


TLS = NegotiatedTls(version="TLSv1.3", suite="TLS_AES_256_GCM_SHA384", group="x25519")
GOOD = Observation(
    plaintext=seen(answer(accepted=False, detail="SQLSTATE 28000 in clear")),
    legacy_tls=seen(answer(accepted=False, detail="protocol version refused (alert 70)")),
    weak_ciphers=seen(answer(accepted=False, detail="no suite in common (alert 40)")),
    tls=seen(TLS),
    certificate=seen(certificate()),
    login=seen(
        Login(
            role="rds_tls_audit",
            database="postgres",
            server_version="16.4",
            tls=TLS,
            bits=256,
        )
    ),
    settings=seen({"ssl": setting("on"), MIN_PROTOCOL: setting("TLSv1.2")}),
    sessions=seen(session_view(tls_session(count=4))),
)
OPEN = replace(
    GOOD,
    plaintext=seen(answer(accepted=True, detail="SCRAM asked in clear")),
    sessions=seen(session_view(clear_session(count=4))),
)
"""A server that takes plaintext, with clients that use it."""

TOLD = FindingState(
    status=Status.FAILED,
    fingerprint=("group=größe", "value=0"),
    because="parameter group pg16 does not force TLS",
    created_at=NOW,
    updated_at=NOW + timedelta(milliseconds=1),
    observed_at=NOW + timedelta(microseconds=1),
    offended_at=NOW,
    misses=1,
    missed_at=NOW,
    accepted_at=NOW,
    to_resolve=True,
)
"""What Security Hub took of a finding, with every field."""


def change(**fields: Unpack[ChangeFields]) -> Change:
    """A failure that is new, of a database that nobody owns."""
    new = Change(
        kind=ChangeKind.NEW,
        check="force-ssl",
        database="orders-prod",
        status=Status.FAILED,
        severity=Severity.MEDIUM,
        because="rds.force_ssl is 0",
        owner=None,
        cause="force-ssl in parameter group pg16",
    )
    return replace(new, **fields)


def good(of: Database) -> ProbedTarget:
    """A database without a fault."""
    return ProbedTarget(target=target(of), observation=GOOD)


def bad(of: Database) -> ProbedTarget:
    """A database that neither forces TLS nor refuses plaintext."""
    return ProbedTarget(target=target(of, force_ssl="0"), observation=OPEN)


def run(kind: RunKind = RunKind.FULL, *, hours: float = 0) -> Run:
    """A run some hours after `NOW`."""
    return Run(id=f"{kind}-{hours:g}", kind=kind, observed_at=NOW + timedelta(hours=hours))


def evidence(of: Run, witnessed: Iterable[ProbedTarget], *, batch: int = 0) -> ProbeResult:
    """What the probe hands to publish."""
    return ProbeResult(run=of, batch=batch, witnessed=tuple(witnessed))


def settings(**environment: str) -> Settings:
    """The defaults, and what is set here."""
    return read_settings(environment)


def database_result(of: ProbedTarget) -> DatabaseResult:
    """What a full run makes of it."""
    return DatabaseResult.of(run(), of, evaluate_database(of, run(), settings()))
