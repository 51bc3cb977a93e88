"""What the probe observes of a database: on the wire, and in a session."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from rds_tls_audit.evidence.observed import Observed, Unseen

RDS_ROLES = frozenset(
    {"rdsadmin", "rdsrepladmin", "rdstopmgr", "rdsproxyadmin", "rdswriteforwarduser"}
)
"""The roles that RDS itself connects as; their sessions are shown, but not evaluated.

They are compared by their exact names: roles of customers, and the audit's own role, begin alike.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferOutcome:
    """Whether the server accepted an offer."""

    accepted: bool
    detail: str
    """The reply that shows it, for people: an SQLSTATE, an alert, or the selected cipher suite."""


class Trust(StrEnum):
    """The outcome of verifying the server certificate against the roots and the host name."""

    VERIFIED = "verified"
    UNKNOWN_CA = "unknown-ca"
    NAME_MISMATCH = "other-name"
    EXPIRED = "expired"
    NOT_YET_VALID = "not-yet-valid"
    OTHER_FAILURE = "refused"
    """Any other reason; `Certificate.detail` contains it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """The certificate that the server sends in its TLS handshake."""

    trust: Trust
    detail: str
    """OpenSSL's message if the certificate did not verify, otherwise empty."""
    host: str
    """The name that the certificate was verified for."""
    subject: str
    issuer: str
    names: tuple[str, ...]
    key: str
    """The kind and size of the key: `RSA 2048`, `EC secp256r1`."""
    not_before: datetime
    not_after: datetime
    authority_not_after: datetime | None
    """The end of the root that the leaf verified against; None if it did not verify."""
    strict_note: str | None = None
    """A defect that only strict verifiers refuse, such as Python 3.13 by default."""
    other_endpoints: tuple[str, ...] = ()
    """Other endpoints of the cluster that clients use and that the certificate does not cover."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NegotiatedTls:
    """The version, cipher suite, and group that a handshake negotiated."""

    version: str
    suite: str
    group: str | None
    """The group of the key exchange; None with static RSA, or if it could not be read."""

    def __str__(self) -> str:
        """Return, for example, `TLSv1.3 with TLS_AES_256_GCM_SHA384 over x25519`."""
        over = f" over {self.group}" if self.group else ""
        return f"{self.version} with {self.suite}{over}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionGroup:
    """Sessions with the same properties. A field is None if the server does not show it."""

    role: str | None
    application: str | None
    network: str | None
    """The address of the client."""
    encrypted: bool
    """Whether the sessions are encrypted, by TLS or by GSS."""
    tls_version: str | None
    cipher: str | None
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionView:
    """The client sessions of an instance, over all its databases.

    Sessions of the audit's own role, of the roles of RDS, through a Unix socket, and of background
    processes are not clients. `groups` may be cut off, the modern ones first; the totals are
    always complete.
    """

    total: int
    """The client sessions in the sample with the most of them."""
    clear: int
    """The client sessions without encryption, in the sample with the most of them."""
    groups: tuple[SessionGroup, ...]
    rds_own: tuple[SessionGroup, ...] = ()
    why_partial: str | None = None
    """Why some sessions were not visible; None if all were."""
    groups_cut: int = 0
    """The number of further groups on the server, of which nothing else is known."""
    modern_left_out: int = 0
    """The sessions with modern TLS whose groups were left out to save space."""
    samples: int = 1
    opened: "SessionsOpened | None" = None
    """The sessions that the server has opened; None before PostgreSQL 14, which counts none."""
    ages: tuple[tuple[int, int], ...] = ()
    """The number of client sessions by age in minutes, up to two hours: `(minutes, count)`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionsOpened:
    """The number of sessions that the server has opened, from `pg_stat_database`.

    It includes those of the audit. The roles of RDS use their own database, `rdsadmin`, which is
    left out.
    """

    count: int
    since: datetime | None
    """The latest reset of the statistics of any database; None if none was ever reset."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A live setting of the server."""

    value: str
    source: str
    """The origin of the value as in `pg_settings`: `default`, `configuration file`, …"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """The audit's own session."""

    role: str
    database: str
    server_version: str
    tls: NegotiatedTls
    bits: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """Everything that the probe observed of one database. Field names are the stored format."""

    plaintext: Observed[OfferOutcome]
    legacy_tls: Observed[OfferOutcome]
    weak_ciphers: Observed[OfferOutcome]
    tls: Observed[NegotiatedTls]
    """What a current client negotiates that verifies no certificate."""
    certificate: Observed[Certificate]
    login: Observed[Login]
    settings: Observed[Mapping[str, Setting]]
    """The live settings by name; `adapters/postgres/queries.py` lists which."""
    sessions: Observed[SessionView]

    @classmethod
    def unseen(cls, reason: str) -> "Observation":
        """Return an observation in which everything is unseen for one reason."""
        unseen = Unseen(reason=reason)
        return cls(
            plaintext=unseen,
            legacy_tls=unseen,
            weak_ciphers=unseen,
            tls=unseen,
            certificate=unseen,
            login=unseen,
            settings=unseen,
            sessions=unseen,
        )
