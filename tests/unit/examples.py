"""Small databases, evidence and settings to start a test from."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

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
from rds_tls_audit.evidence import Seen
from rds_tls_audit.messages import Evidence, Witnessed
from rds_tls_audit.observation import (
    Answer,
    Certificate,
    Login,
    Observation,
    SessionGroup,
    SessionView,
    Trust,
)
from rds_tls_audit.run import Run, RunKind
from rds_tls_audit.settings import Settings, read_settings

NOW = datetime(2026, 3, 1, 6, 0, tzinfo=UTC)
ACCOUNT = "123456789012"
REGION = "eu-central-1"


def database(
    name: str = "orders-prod",
    *,
    cluster: Cluster | None = None,
    vpc_id: str | None = "vpc-1",
    tags: Mapping[str, str] | None = None,
) -> Database:
    """An instance, or with a cluster a member of it."""
    return Database(
        id=name,
        arn=f"arn:aws:rds:{REGION}:{ACCOUNT}:db:{name}",
        resource_id=f"db-{name.upper()}",
        engine="postgres" if cluster is None else "aurora-postgresql",
        engine_version="16.4",
        status="available",
        instance_class="db.t4g.medium",
        parameter_group="pg16",
        apply_status="in-sync",
        endpoint=Endpoint(address=f"{name}.c9akciq32rgw.{REGION}.rds.amazonaws.com", port=5432),
        cluster=cluster,
        vpc_id=vpc_id,
        ca_id="rds-ca-rsa2048-g1",
        certificate_valid_till=NOW + timedelta(days=300),
        tags=tags or {},
    )


def cluster(name: str = "ledger") -> Cluster:
    """An Aurora cluster."""
    return Cluster(
        id=name,
        arn=f"arn:aws:rds:{REGION}:{ACCOUNT}:cluster:{name}",
        resource_id=f"cluster-{name.upper()}",
        parameter_group="aurora16",
        min_capacity=0.5,
    )


def group(name: str = "pg16", *, force_ssl: str = "1", of_cluster: bool = False) -> ParameterGroup:
    """A parameter group that keeps TLS below 1.2 away."""
    return ParameterGroup(
        key=GroupKey(name=name, of_cluster=of_cluster),
        parameters={
            FORCE_SSL: Parameter(value=force_ssl, source="user"),
            MIN_PROTOCOL: Parameter(value="TLSv1.2", source="system"),
        },
    )


def target(of: Database, *, force_ssl: str = "1") -> Target:
    """A database whose deciding group is good, unless it says otherwise."""
    in_cluster = of.cluster is not None
    name = "aurora16" if in_cluster else of.parameter_group
    return Target(
        database=of,
        configuration=Configuration(
            group=Seen(value=group(name, force_ssl=force_ssl, of_cluster=in_cluster)),
            authority_valid_till=Seen(value=NOW + timedelta(days=9000)),
        ),
    )


CLIENT = SessionGroup(
    role="orders_app",
    application="web",
    network="10.0.1.7",
    encrypted=True,
    tls_version="TLSv1.3",
    cipher="TLS_AES_256_GCM_SHA384",
    count=4,
)
CLIENT_IN_CLEAR = replace(CLIENT, encrypted=False, tls_version=None, cipher=None)

GOOD = Observation(
    plaintext=Seen(value=Answer(accepted=False, detail="SQLSTATE 28000 in clear")),
    legacy_tls=Seen(value=Answer(accepted=False, detail="protocol version refused (alert 70)")),
    weak_ciphers=Seen(value=Answer(accepted=False, detail="no suite in common (alert 40)")),
    certificate=Seen(
        value=Certificate(
            trust=Trust.VERIFIED,
            detail="",
            host="orders-prod.c9akciq32rgw.eu-central-1.rds.amazonaws.com",
            subject="Common Name: orders-prod",
            issuer="Common Name: Amazon RDS",
            names=("orders-prod.c9akciq32rgw.eu-central-1.rds.amazonaws.com",),
            not_before=NOW - timedelta(days=65),
            not_after=NOW + timedelta(days=300),
            authority_not_after=NOW + timedelta(days=9000),
        )
    ),
    login=Seen(
        value=Login(
            role="rds_tls_audit",
            database="postgres",
            server_version="16.4",
            tls_version="TLSv1.3",
            cipher="TLS_AES_256_GCM_SHA384",
            bits=256,
        )
    ),
    settings=Seen(value={"ssl": "on", MIN_PROTOCOL: "TLSv1.2"}),
    sessions=Seen(value=SessionView(total=4, clear=0, groups=(CLIENT,))),
)
OPEN = replace(
    GOOD,
    plaintext=Seen(value=Answer(accepted=True, detail="SCRAM asked in clear")),
    sessions=Seen(value=SessionView(total=4, clear=4, groups=(CLIENT_IN_CLEAR,))),
)
"""A server that takes plaintext, with clients that use it."""


def good(of: Database) -> Witnessed:
    """A database without a fault."""
    return Witnessed(target=target(of), observation=GOOD)


def bad(of: Database) -> Witnessed:
    """A database that neither forces TLS nor refuses plaintext."""
    return Witnessed(target=target(of, force_ssl="0"), observation=OPEN)


def run(kind: RunKind = RunKind.FULL, *, hours: float = 0) -> Run:
    """A run some hours after `NOW`."""
    return Run(id=f"{kind}-{hours:g}", kind=kind, observed_at=NOW + timedelta(hours=hours))


def evidence(of: Run, witnessed: Iterable[Witnessed], *, batch: int = 0) -> Evidence:
    """What the probe hands to publish."""
    return Evidence(run=of, batch=batch, witnessed=tuple(witnessed))


def settings(**environment: str) -> Settings:
    """The defaults, and what is set here."""
    return read_settings(environment)
