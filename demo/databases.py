"""Defines the databases of the demo, each in a good or bad state that real accounts have."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto

TLS_ONLY_HBA = ("hostssl all all all scram-sha-256",)
"""The lines of pg_hba.conf with `rds.force_ssl` set to 1: connections without TLS match none."""
OPEN_HBA = ("host all all all scram-sha-256",)
"""The lines of pg_hba.conf with `rds.force_ssl` set to 0."""
TLS_ONLY_HBA_WITH_IAM = ("hostssl all rds_tls_audit all trust", *TLS_ONLY_HBA)
"""The same, but the audit's role can log in with any IAM token: only RDS can verify them."""


class ServedCertificate(Enum):
    """Which certificate a server presents."""

    GOOD = auto()
    EXPIRED = auto()
    OTHER_CA = auto()


class ClientTls(Enum):
    """Whether a client connects with TLS, and with a modern or an outdated version."""

    NONE = auto()
    MODERN = auto()
    LEGACY = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """An application that holds a session with its database."""

    role: str
    application: str
    tls: ClientTls


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoDatabase:
    """A database with its configuration in RDS and the behavior of its server."""

    id: str
    description: str
    force_ssl: str
    """The value of `rds.force_ssl` in the deciding parameter group."""
    hba: tuple[str, ...] | None
    """The lines of the server's pg_hba.conf; None if no server listens."""
    apply_status: str = "in-sync"
    served_certificate: ServedCertificate = ServedCertificate.GOOD
    settings: Mapping[str, str] = field(default_factory=dict)
    has_pg_monitor: bool = True
    """Whether the audit's database role is a member of pg_monitor."""
    cluster: str | None = None
    iam: bool = False
    """Whether the audit logs in with an IAM token instead of a secret."""
    clients: tuple[Client, ...] = ()
    owner: str = "payments"


def _client(role: str, application: str, tls: ClientTls = ClientTls.MODERN) -> Client:
    return Client(role=role, application=application, tls=tls)


CLEAN = DemoDatabase(
    id="orders-prod",
    description="Forces TLS, and its client uses TLS.",
    force_ssl="1",
    hba=TLS_ONLY_HBA,
    clients=(_client("orders", "orders-api"),),
)
PLAINTEXT = DemoDatabase(
    id="billing-prod",
    description="Accepts connections without TLS, and one client uses none.",
    force_ssl="0",
    hba=OPEN_HBA,
    clients=(
        _client("billing", "billing-web"),
        _client("billing", "nightly-export", ClientTls.NONE),
    ),
)
DEMO_DATABASES = (
    CLEAN,
    PLAINTEXT,
    DemoDatabase(
        id="inventory-prod",
        description="Is configured to force TLS, but has not been rebooted yet.",
        force_ssl="1",
        hba=OPEN_HBA,
        apply_status="pending-reboot",
        clients=(_client("inventory", "stock-sync"),),
        owner="logistics",
    ),
    DemoDatabase(
        id="reporting-prod",
        description="Refuses plaintext although its parameter group sets rds.force_ssl to 0.",
        force_ssl="0",
        hba=TLS_ONLY_HBA,
        clients=(_client("bi", "dashboards"),),
        owner="data",
    ),
    DemoDatabase(
        id="crm-prod",
        description="Presents an expired certificate.",
        force_ssl="1",
        hba=TLS_ONLY_HBA,
        served_certificate=ServedCertificate.EXPIRED,
        owner="sales",
    ),
    DemoDatabase(
        id="partner-prod",
        description="Presents a certificate that was not issued by an Amazon RDS CA.",
        force_ssl="1",
        hba=TLS_ONLY_HBA,
        served_certificate=ServedCertificate.OTHER_CA,
        owner="sales",
    ),
    DemoDatabase(
        id="analytics-prod",
        description="Does not allow the audit's role to see the sessions of other roles.",
        force_ssl="1",
        hba=TLS_ONLY_HBA,
        has_pg_monitor=False,
        clients=(_client("analyst", "notebooks"),),
        owner="data",
    ),
    DemoDatabase(
        id="archive-prod",
        description="Cannot be reached.",
        force_ssl="1",
        hba=None,
        owner="platform",
    ),
    DemoDatabase(
        id="legacy-prod",
        description="Forces TLS, but also accepts TLS 1.1 and anonymous cipher suites.",
        force_ssl="1",
        hba=TLS_ONLY_HBA,
        settings={
            "ssl_min_protocol_version": "TLSv1",
            "ssl_ciphers": "ALL:COMPLEMENTOFALL:@SECLEVEL=0",
        },
        clients=(_client("erp", "erp-connector", ClientTls.LEGACY),),
        owner="platform",
    ),
    DemoDatabase(
        id="ledger-1",
        description="Is the writer of an Aurora cluster and is configured correctly.",
        force_ssl="1",
        hba=TLS_ONLY_HBA_WITH_IAM,
        cluster="ledger",
        iam=True,
        clients=(_client("ledger", "ledger-api"),),
    ),
    DemoDatabase(
        id="ledger-2",
        description="Is the reader of the same cluster and has no clients.",
        force_ssl="1",
        hba=TLS_ONLY_HBA_WITH_IAM,
        cluster="ledger",
        iam=True,
    ),
)
