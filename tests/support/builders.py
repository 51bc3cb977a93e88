"""Builders of valid values to start a test from; keyword arguments change single fields."""

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
"""The value of a parameter that a group does not list at all."""


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
    """Fields of a view, except its groups."""

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
    """Wrap an observed value."""
    return Seen(value=value)


def unseen(reason: str) -> Unseen:
    """Return missing evidence with its reason."""
    return Unseen(reason=reason)


def days(number: float) -> datetime:
    """Return the time this many days after `NOW`."""
    return NOW + timedelta(days=number)


def database(name: str = "orders-prod", **changes: Unpack[DatabaseChanges]) -> Database:
    """Return a DB instance that accepts connections; a member if a cluster is given."""
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
    """Return an Aurora cluster that RDS lists."""
    listed = Cluster(
        id=name,
        arn=f"arn:aws:rds:{REGION}:{ACCOUNT}:cluster:{name}",
        resource_id=f"cluster-{name.upper()}",
        parameter_group="aurora16",
        min_capacity=0.5,
    )
    return replace(listed, **changes)


def unlisted_cluster(name: str = "ledger") -> Cluster:
    """Return a cluster that only its members mention."""
    return cluster(name, resource_id=None, parameter_group=None, min_capacity=None)


def parameter_group(
    force_ssl: str | None = "1",
    min_protocol: str | None = "TLSv1.2",
    *,
    name: str = "pg16",
    of_cluster: bool = False,
) -> ParameterGroup:
    """Return a group that enforces modern TLS; None is a parameter without a value."""
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
    """Return a database whose deciding group enforces modern TLS, unless `force_ssl` is given."""
    in_cluster = of.cluster is not None
    name = "aurora16" if in_cluster else of.parameter_group
    return Target(
        database=of,
        configuration=Configuration(
            group=seen(parameter_group(force_ssl, name=name, of_cluster=in_cluster)),
            authority=seen(CertificateAuthority(valid_till=days(9000))),
        ),
    )


def offer_outcome(
    *, accepted: bool, detail: str = "it asked for SCRAM authentication"
) -> OfferOutcome:
    """Return the outcome of an offer."""
    return OfferOutcome(accepted=accepted, detail=detail)


def certificate(**changes: Unpack[CertificateChanges]) -> Certificate:
    """Return a trusted certificate that does not expire soon."""
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
    """Return a client session with modern TLS."""
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


def plaintext_session(**changes: Unpack[SessionGroupChanges]) -> SessionGroup:
    """Return a client session without TLS."""
    plaintext = replace(tls_session(), encrypted=False, tls_version=None, cipher=None)
    return replace(plaintext, **changes)


def gss_session(**changes: Unpack[SessionGroupChanges]) -> SessionGroup:
    """Return a client session that is encrypted by GSS, not by TLS."""
    gss = replace(tls_session(), tls_version=None, cipher=None)
    return replace(gss, **changes)


def session_view(*groups: SessionGroup, **changes: Unpack[SessionViewChanges]) -> SessionView:
    """Return a complete view of these groups, with their totals."""
    view = SessionView(
        total=sum(group.count for group in groups),
        clear=sum(group.count for group in groups if not group.encrypted),
        groups=groups,
    )
    return replace(view, **changes)


def setting(value: str) -> Setting:
    """Return a live setting from the configuration file."""
    return Setting(value=value, source="configuration file")


TLS = NegotiatedTls(version="TLSv1.3", suite="TLS_AES_256_GCM_SHA384", group="x25519")
GOOD = Observation(
    plaintext=seen(offer_outcome(accepted=False, detail="SQLSTATE 28000")),
    legacy_tls=seen(
        offer_outcome(accepted=False, detail="TLS alert 70: protocol version not supported")
    ),
    weak_ciphers=seen(
        offer_outcome(accepted=False, detail="TLS alert 40: no cipher suite in common")
    ),
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
    plaintext=seen(
        offer_outcome(accepted=True, detail="it asked for SCRAM authentication in plaintext")
    ),
    sessions=seen(session_view(plaintext_session(count=4))),
)
"""A server that accepts plaintext, with clients that use it."""

SENT_STATE = FindingState(
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
"""The state of a finding that was sent to Security Hub, with a value in every field."""


def change(**fields: Unpack[ChangeFields]) -> Change:
    """Return a new failure of a database without an owner."""
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
    """Return a database without a failure."""
    return ProbedTarget(target=target(of), observation=GOOD)


def bad(of: Database) -> ProbedTarget:
    """Return a database that neither forces TLS nor refuses plaintext."""
    return ProbedTarget(target=target(of, force_ssl="0"), observation=OPEN)


def run(kind: RunKind = RunKind.FULL, *, hours: float = 0) -> Run:
    """Return a run some hours after `NOW`."""
    return Run(id=f"{kind}-{hours:g}", kind=kind, observed_at=NOW + timedelta(hours=hours))


def probe_result(of: Run, probed_targets: Iterable[ProbedTarget], *, batch: int = 0) -> ProbeResult:
    """Return the result of a batch, as the probe passes it to publish."""
    return ProbeResult(run=of, batch=batch, witnessed=tuple(probed_targets))


def settings(**environment: str) -> Settings:
    """Return the default settings, changed by these variables."""
    return read_settings(environment)


def database_result(of: ProbedTarget) -> DatabaseResult:
    """Return the result of a full run for a probed database."""
    return DatabaseResult.of(run(), of, evaluate_database(of, run(), settings()))
