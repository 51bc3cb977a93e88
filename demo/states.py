"""The databases of the demo: each in a state that a real account has, good or bad."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto

FORCING = ("hostssl all all all scram-sha-256",)
"""pg_hba.conf as `rds.force_ssl` 1 makes it: no line for connections without TLS."""
OPEN = ("host all all all scram-sha-256",)
"""pg_hba.conf as `rds.force_ssl` 0 makes it."""
FORCING_WITH_IAM = ("hostssl all rds_tls_audit all trust", *FORCING)
"""The same, where the role logs in with an IAM token: RDS checks it, these servers cannot."""


class Served(Enum):
    """Which certificate a server shows."""

    GOOD = auto()
    EXPIRED = auto()
    OTHER_CA = auto()


class ClientTls(Enum):
    """How a client connects."""

    NONE = auto()
    MODERN = auto()
    LEGACY = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """An application that holds a session."""

    role: str
    application: str
    tls: ClientTls


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """One database: what its parameter group says, and what its server does."""

    id: str
    story: str
    force_ssl: str
    """In the parameter group that decides."""
    hba: tuple[str, ...] | None
    """What the server does; None: nobody listens there."""
    apply_status: str = "in-sync"
    served: Served = Served.GOOD
    settings: Mapping[str, str] = field(default_factory=dict)
    sees_sessions: bool = True
    """Whether our role has pg_monitor."""
    cluster: str | None = None
    iam: bool = False
    """Log in with an IAM token in place of a secret."""
    clients: tuple[Client, ...] = ()
    owner: str = "payments"


def _client(role: str, application: str, tls: ClientTls = ClientTls.MODERN) -> Client:
    return Client(role=role, application=application, tls=tls)


CLEAN = State(
    id="orders-prod",
    story="forces TLS, and its client uses it",
    force_ssl="1",
    hba=FORCING,
    clients=(_client("orders", "orders-api"),),
)
PLAINTEXT = State(
    id="billing-prod",
    story="open, with a client connected in clear",
    force_ssl="0",
    hba=OPEN,
    clients=(
        _client("billing", "billing-web"),
        _client("billing", "nightly-export", ClientTls.NONE),
    ),
)
STATES = (
    CLEAN,
    PLAINTEXT,
    State(
        id="inventory-prod",
        story="set to force TLS, but pending a reboot",
        force_ssl="1",
        hba=OPEN,
        apply_status="pending-reboot",
        clients=(_client("inventory", "stock-sync"),),
        owner="logistics",
    ),
    State(
        id="reporting-prod",
        story="drifted: refuses plaintext, though its group says 0",
        force_ssl="0",
        hba=FORCING,
        clients=(_client("bi", "dashboards"),),
        owner="data",
    ),
    State(
        id="crm-prod",
        story="serves an expired certificate",
        force_ssl="1",
        hba=FORCING,
        served=Served.EXPIRED,
        owner="sales",
    ),
    State(
        id="partner-prod",
        story="serves a certificate of a CA that is not RDS's",
        force_ssl="1",
        hba=FORCING,
        served=Served.OTHER_CA,
        owner="sales",
    ),
    State(
        id="analytics-prod",
        story="our role may not see the sessions of others",
        force_ssl="1",
        hba=FORCING,
        sees_sessions=False,
        clients=(_client("analyst", "notebooks"),),
        owner="data",
    ),
    State(
        id="archive-prod",
        story="nobody answers there",
        force_ssl="1",
        hba=None,
        owner="platform",
    ),
    State(
        id="legacy-prod",
        story="forces TLS, but any: TLS 1.1 and anonymous suites too",
        force_ssl="1",
        hba=FORCING,
        settings={
            "ssl_min_protocol_version": "TLSv1",
            "ssl_ciphers": "ALL:COMPLEMENTOFALL:@SECLEVEL=0",
        },
        clients=(_client("erp", "erp-connector", ClientTls.LEGACY),),
        owner="platform",
    ),
    State(
        id="ledger-1",
        story="writer of an Aurora cluster, in good order",
        force_ssl="1",
        hba=FORCING_WITH_IAM,
        cluster="ledger",
        iam=True,
        clients=(_client("ledger", "ledger-api"),),
    ),
    State(
        id="ledger-2",
        story="its reader, without clients",
        force_ssl="1",
        hba=FORCING_WITH_IAM,
        cluster="ledger",
        iam=True,
    ),
)
