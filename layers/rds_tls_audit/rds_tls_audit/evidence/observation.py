"""What the probe saw of a database: on the wire, and from inside a session."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from rds_tls_audit.evidence.observed import Observed, Unseen

OWN_ROLES = frozenset(
    {"rdsadmin", "rdsrepladmin", "rdstopmgr", "rdsproxyadmin", "rdswriteforwarduser"}
)
"""Roles that RDS itself connects as: shown, never judged. By exact name: customers' roles start
alike, and so does ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferOutcome:
    """What a server did with an offer."""

    accepted: bool
    detail: str
    """In what words or with which suite, for people."""


class Trust(StrEnum):
    """The outcome of verifying the served certificate against the roots and the host name."""

    VERIFIED = "verified"
    UNKNOWN_CA = "unknown-ca"
    NAME_MISMATCH = "other-name"
    EXPIRED = "expired"
    NOT_YET_VALID = "not-yet-valid"
    OTHER_FAILURE = "refused"
    """For another reason; `Certificate.detail` says which."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """The certificate that the server sends in its TLS handshake."""

    trust: Trust
    detail: str
    """OpenSSL's own words where it did not verify, else empty."""
    host: str
    """The name it was verified for."""
    subject: str
    issuer: str
    names: tuple[str, ...]
    key: str
    """Kind and size: `RSA 2048`, `EC secp256r1`."""
    not_before: datetime
    not_after: datetime
    authority_not_after: datetime | None
    """End of the root it verified against; None where it did not verify."""
    strict_note: str | None = None
    """What only a strict verifier (Python 3.13's default) would complain about."""
    other_endpoints: tuple[str, ...] = ()
    """Further endpoints of the cluster that clients connect by and that it is not for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NegotiatedTls:
    """What a handshake came to."""

    version: str
    suite: str
    group: str | None
    """Of the key exchange; None with static RSA, or where it could not be read."""

    def __str__(self) -> str:
        """`TLSv1.3 with TLS_AES_256_GCM_SHA384 over x25519`."""
        over = f" over {self.group}" if self.group else ""
        return f"{self.version} with {self.suite}{over}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionGroup:
    """Sessions that look alike. Fields are None where the server does not say."""

    role: str | None
    application: str | None
    network: str | None
    """The client's address."""
    encrypted: bool
    """By TLS or by GSS."""
    tls_version: str | None
    cipher: str | None
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionView:
    """The client sessions of an instance, over all its databases.

    Sessions of our own role, of RDS's roles, through a unix socket and of background processes
    are not clients. `groups` may be cut, from its modern end; the totals never are.
    """

    total: int
    """Client sessions seen in the fullest sample."""
    clear: int
    """Of these in clear, in the worst sample."""
    groups: tuple[SessionGroup, ...]
    rds_own: tuple[SessionGroup, ...] = ()
    why_partial: str | None = None
    """None: every session there is was visible."""
    groups_cut: int = 0
    """How many more groups the server has, of which nothing else is known."""
    modern_left_out: int = 0
    """Sessions of modern TLS whose groups were left out to save room."""
    samples: int = 1
    opened: "SessionsOpened | None" = None
    """None where the server does not count them: before PostgreSQL 14."""
    ages: tuple[tuple[int, int], ...] = ()
    """How many client sessions began so many minutes ago, up to two hours: `(minutes, count)`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionsOpened:
    """How many sessions the server has opened, by `pg_stat_database`, ours among them.

    RDS's own roles keep to a database of their own, `rdsadmin`, which is left out.
    """

    count: int
    since: datetime | None
    """The last reset of the statistics of any database; None where none was ever reset."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A live setting of the server."""

    value: str
    source: str
    """Where it comes from, as `pg_settings` says: `default`, `configuration file`, …"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """How our own session came about."""

    role: str
    database: str
    server_version: str
    tls: NegotiatedTls
    bits: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """Everything the probe saw of one database."""

    plaintext: Observed[OfferOutcome]
    legacy_tls: Observed[OfferOutcome]
    weak_ciphers: Observed[OfferOutcome]
    tls: Observed[NegotiatedTls]
    """What a modern client gets that verifies nothing."""
    certificate: Observed[Certificate]
    login: Observed[Login]
    settings: Observed[Mapping[str, Setting]]
    """By name: those about TLS, and a few more that help to explain; see `ports/queries.py`."""
    sessions: Observed[SessionView]

    @classmethod
    def unseen(cls, reason: str) -> "Observation":
        """Nothing was seen, all for one reason."""
        nothing = Unseen(reason=reason)
        return cls(
            plaintext=nothing,
            legacy_tls=nothing,
            weak_ciphers=nothing,
            tls=nothing,
            certificate=nothing,
            login=nothing,
            settings=nothing,
            sessions=nothing,
        )
