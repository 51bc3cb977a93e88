"""Probe one database: its replies on the wire, its certificate, its settings and sessions."""

from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass

from rds_tls_audit.evidence.certificate import UnreadableCertificateError, read_certificate
from rds_tls_audit.evidence.enforcement import classify_enforcement
from rds_tls_audit.evidence.handshake import Handshake, TlsStartup
from rds_tls_audit.evidence.observation import (
    Certificate,
    Login,
    NegotiatedTls,
    Observation,
    OfferOutcome,
    SessionView,
    Setting,
    Trust,
)
from rds_tls_audit.evidence.observed import Observed, Seen, Unseen
from rds_tls_audit.evidence.session_merge import merge_views
from rds_tls_audit.fleet.configuration import Target
from rds_tls_audit.fleet.database import TAG_WIRE, Database
from rds_tls_audit.ports.database_server import CredentialSource, Server, Session
from rds_tls_audit.protocol.client_hello import LEGACY, WEAK_SUITES, Offer, OfferAccepted
from rds_tls_audit.protocol.startup import build_startup_message
from rds_tls_audit.settings import Settings

PROBE_ROLE = "rds_tls_audit_probe"
"""The role in the startup messages without a login.

The role does not exist: the server matches pg_hba.conf before it looks the role up, and the probe
never sends a password for it.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbePorts:
    """The ports of the probe: the database servers, the credentials, and the time."""

    server: Callable[[Target], Server]
    credentials: CredentialSource
    time_left: Callable[[], float]
    """The seconds until the invocation must return its result."""


def probe_database(target: Target, settings: Settings, ports: ProbePorts) -> Observation:
    """Probe one database with at most six connections, within its deadline."""
    database = target.database
    if why := database.reason_not_connectable(wake_paused=settings.wake_paused_databases):
        return Observation.unseen(why)
    with closing(ports.server(target)) as server:
        wire_off = _explain_wire_off(database, settings)
        wire = _WireEvidence.off(wire_off) if wire_off else _probe_wire(server, database)
        if isinstance(wire.plaintext, Unseen) and not (wire_off or server.reached):
            return Observation.unseen(wire.plaintext.reason)
        handshake = server.verify_handshake()
        if isinstance(handshake, Unseen) and not server.reached:
            return Observation.unseen(handshake.reason)
        control = wire.control
        if wire_off and isinstance(handshake, Seen) and handshake.value.certificate is None:
            control = server.send_startup_over_tls(None)
        certificate = _read_certificate(database, server.host, handshake, control)
        session = _inspect_session(server, handshake, database, settings, ports)
    return Observation(
        plaintext=wire.plaintext,
        legacy_tls=wire.legacy_tls,
        weak_ciphers=wire.weak_ciphers,
        tls=_negotiated_tls(handshake, control),
        certificate=certificate,
        login=session.login,
        settings=session.settings,
        sessions=session.sessions,
    )


def _explain_wire_off(database: Database, settings: Settings) -> str | None:
    if not settings.wire_probe:
        return "the wire probe is turned off by the setting WIRE_PROBE"
    return f"the wire probe is turned off by the tag {TAG_WIRE}" if database.wire_off else None


@dataclass(frozen=True, slots=True, kw_only=True)
class _WireEvidence:
    """What the server reveals without a login."""

    plaintext: Observed[OfferOutcome]
    legacy_tls: Observed[OfferOutcome]
    weak_ciphers: Observed[OfferOutcome]
    control: Observed[TlsStartup]
    """The handshake without verification, for comparison."""

    @classmethod
    def off(cls, reason: str) -> "_WireEvidence":
        unseen = Unseen(reason=reason)
        return cls(plaintext=unseen, legacy_tls=unseen, weak_ciphers=unseen, control=unseen)


def _probe_wire(server: Server, database: Database) -> _WireEvidence:
    message = build_startup_message(PROBE_ROLE, (*database.database_names, "postgres")[0])
    plaintext = server.send_startup_plaintext(message)
    if isinstance(plaintext, Unseen) and not server.reached:
        return _WireEvidence.off(plaintext.reason)
    over_tls = server.send_startup_over_tls(message)
    return _WireEvidence(
        plaintext=classify_enforcement(
            plaintext, over_tls.value.reply if isinstance(over_tls, Seen) else over_tls
        ),
        legacy_tls=_probe_offer(server, LEGACY),
        weak_ciphers=_probe_offer(server, WEAK_SUITES),
        control=over_tls,
    )


def _probe_offer(server: Server, offer: Offer) -> Observed[OfferOutcome]:
    reply = server.offer_hello(offer)
    if isinstance(reply, Unseen):
        return reply
    if isinstance(reply.value, OfferAccepted):
        detail = f"{reply.value.version} with {reply.value.suite}"
        return Seen(value=OfferOutcome(accepted=True, detail=detail))
    return Seen(value=OfferOutcome(accepted=False, detail=reply.value.reason))


def _negotiated_tls(
    handshake: Observed[Handshake], control: Observed[TlsStartup]
) -> Observed[NegotiatedTls]:
    if isinstance(control, Seen):
        return Seen(value=control.value.tls)
    if isinstance(handshake, Seen) and handshake.value.tls is not None:
        return Seen(value=handshake.value.tls)
    return control


def _read_certificate(
    database: Database,
    host: str,
    handshake: Observed[Handshake],
    control: Observed[TlsStartup],
) -> Observed[Certificate]:
    if isinstance(handshake, Unseen):
        return handshake
    outcome = handshake.value
    der = outcome.certificate or (control.value.certificate if isinstance(control, Seen) else None)
    if der is None:
        return Unseen(reason=f"the server certificate could not be retrieved: {outcome.detail}")
    try:
        return Seen(
            value=read_certificate(
                der,
                trust=outcome.trust,
                detail="" if outcome.trust is Trust.VERIFIED else outcome.detail,
                hosts=(host, *(database.cluster.endpoints if database.cluster else ())),
                root=outcome.root,
            )
        )
    except UnreadableCertificateError as error:
        return Unseen(reason=str(error))


@dataclass(frozen=True, slots=True, kw_only=True)
class _SessionEvidence:
    """What a session reveals."""

    login: Observed[Login]
    settings: Observed[Mapping[str, Setting]]
    sessions: Observed[SessionView]

    @classmethod
    def unseen(cls, reason: str) -> "_SessionEvidence":
        unseen = Unseen(reason=reason)
        return cls(login=unseen, settings=unseen, sessions=unseen)


def _inspect_session(
    server: Server,
    handshake: Observed[Handshake],
    database: Database,
    settings: Settings,
    ports: ProbePorts,
) -> _SessionEvidence:
    if isinstance(handshake, Unseen):
        return _SessionEvidence.unseen(f"the probe did not log in: {handshake.reason}")
    if not handshake.value.may_log_in:
        return _SessionEvidence.unseen(
            "the probe did not log in, because it sends credentials only over verified TLS 1.2 or "
            "later: "
            f"{handshake.value.detail}"
        )
    credentials = ports.credentials.find(database)
    if isinstance(credentials, Unseen):
        return _SessionEvidence.unseen(credentials.reason)
    session = server.log_in(credentials.value, database.database_names)
    if isinstance(session, Unseen):
        return _SessionEvidence.unseen(session.reason)
    with closing(session.value) as open_session:
        return _SessionEvidence(
            login=open_session.login(),
            settings=open_session.settings(),
            sessions=_sample(open_session, settings),
        )


def _sample(session: Session, settings: Settings) -> Observed[SessionView]:
    first = session.sample(settings.database_user)
    if isinstance(first, Unseen):
        return first
    views = [first.value]
    for _ in range(settings.samples - 1):
        try:
            session.pause(settings.sample_interval_seconds)
        except TimeoutError:
            break
        view = session.sample(settings.database_user)
        if isinstance(view, Unseen):
            break
        views.append(view.value)
    return Seen(value=merge_views(views))
