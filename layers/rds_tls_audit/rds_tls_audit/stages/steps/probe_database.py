"""Look at one database: what it does on the wire, what it serves, who is connected to it."""

from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass

from rds_tls_audit.evidence.certificate import UnreadableCertificateError, read_certificate
from rds_tls_audit.evidence.enforcement import enforcement
from rds_tls_audit.evidence.handshake import Handshake, InsideTls
from rds_tls_audit.evidence.observation import (
    Answer,
    Certificate,
    Login,
    NegotiatedTls,
    Observation,
    SessionView,
    Setting,
    Trust,
)
from rds_tls_audit.evidence.observed import Observed, Seen, Unseen
from rds_tls_audit.evidence.session_merge import merged
from rds_tls_audit.fleet.configuration import Target
from rds_tls_audit.fleet.database import TAG_WIRE, Database
from rds_tls_audit.ports.database_server import CredentialSource, Server, Session
from rds_tls_audit.protocol.client_hello import LEGACY, WEAK_SUITES, Offer, Taken
from rds_tls_audit.protocol.startup import startup_message
from rds_tls_audit.settings import Settings

PROBE_ROLE = "rds_tls_audit_probe"
"""The role that the paired probe asks for. It does not exist: pg_hba.conf is matched before the
role is looked up, and no password is ever sent for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbePorts:
    """What the probe reaches: the databases, and the secret that a tag names."""

    server: Callable[[Target], Server]
    credentials: CredentialSource
    time_left: Callable[[], float]
    """Seconds until the invocation has to hand on what there is."""


def look_at(target: Target, settings: Settings, ports: ProbePorts) -> Observation:
    """Look at one database, with at most six connections, within its deadline."""
    database = target.database
    if why := database.why_not_connected(wake_paused=settings.wake_paused_databases):
        return Observation.unseen(why)
    with closing(ports.server(target)) as server:
        wire_off = _why_wire_off(database, settings)
        wire = _Wire.off(wire_off) if wire_off else _ask_wire(server, database)
        if isinstance(wire.plaintext, Unseen) and not (wire_off or server.reached):
            return Observation.unseen(wire.plaintext.reason)
        handshake = server.verify()
        if isinstance(handshake, Unseen) and not server.reached:
            return Observation.unseen(handshake.reason)
        control = wire.control
        if wire_off and isinstance(handshake, Seen) and handshake.value.certificate is None:
            control = server.inside_tls(None)
        certificate = _certificate(database, server.host, handshake, control)
        inside = _look_inside(server, handshake, database, settings, ports)
    return Observation(
        plaintext=wire.plaintext,
        legacy_tls=wire.legacy_tls,
        weak_ciphers=wire.weak_ciphers,
        tls=_negotiated(handshake, control),
        certificate=certificate,
        login=inside.login,
        settings=inside.settings,
        sessions=inside.sessions,
    )


def _why_wire_off(database: Database, settings: Settings) -> str | None:
    if not settings.wire_probe:
        return "turned off by WIRE_PROBE"
    return f"turned off by the tag {TAG_WIRE}" if database.wire_off else None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wire:
    """The answers to everything that is asked without logging in."""

    plaintext: Observed[Answer]
    legacy_tls: Observed[Answer]
    weak_ciphers: Observed[Answer]
    control: Observed[InsideTls]
    """The handshake that verifies nothing."""

    @classmethod
    def off(cls, reason: str) -> "_Wire":
        nothing = Unseen(reason=reason)
        return cls(plaintext=nothing, legacy_tls=nothing, weak_ciphers=nothing, control=nothing)


def _ask_wire(server: Server, database: Database) -> _Wire:
    message = startup_message(PROBE_ROLE, (*database.database_names, "postgres")[0])
    clear = server.in_clear(message)
    if isinstance(clear, Unseen) and not server.reached:
        return _Wire.off(clear.reason)
    inside = server.inside_tls(message)
    return _Wire(
        plaintext=enforcement(clear, inside.value.reply if isinstance(inside, Seen) else inside),
        legacy_tls=_ask_offer(server, LEGACY),
        weak_ciphers=_ask_offer(server, WEAK_SUITES),
        control=inside,
    )


def _ask_offer(server: Server, offer: Offer) -> Observed[Answer]:
    answer = server.offer(offer)
    if isinstance(answer, Unseen):
        return answer
    if isinstance(answer.value, Taken):
        detail = f"{answer.value.version} with {answer.value.suite}"
        return Seen(value=Answer(accepted=True, detail=detail))
    return Seen(value=Answer(accepted=False, detail=answer.value.why))


def _negotiated(
    handshake: Observed[Handshake], control: Observed[InsideTls]
) -> Observed[NegotiatedTls]:
    if isinstance(control, Seen):
        return Seen(value=control.value.tls)
    if isinstance(handshake, Seen) and handshake.value.tls is not None:
        return Seen(value=handshake.value.tls)
    return control


def _certificate(
    database: Database,
    host: str,
    handshake: Observed[Handshake],
    control: Observed[InsideTls],
) -> Observed[Certificate]:
    if isinstance(handshake, Unseen):
        return handshake
    outcome = handshake.value
    der = outcome.certificate or (control.value.certificate if isinstance(control, Seen) else None)
    if der is None:
        return Unseen(reason=f"the certificate could not be fetched; {outcome.detail}")
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
class _Inside:
    """What a session shows."""

    login: Observed[Login]
    settings: Observed[Mapping[str, Setting]]
    sessions: Observed[SessionView]

    @classmethod
    def unseen(cls, reason: str) -> "_Inside":
        nothing = Unseen(reason=reason)
        return cls(login=nothing, settings=nothing, sessions=nothing)


def _look_inside(
    server: Server,
    handshake: Observed[Handshake],
    database: Database,
    settings: Settings,
    ports: ProbePorts,
) -> _Inside:
    if isinstance(handshake, Unseen):
        return _Inside.unseen(f"not logged in: {handshake.reason}")
    if not handshake.value.may_log_in:
        return _Inside.unseen(
            "not logged in, since credentials go over verified TLS 1.2 or later alone: "
            f"{handshake.value.detail}"
        )
    credentials = ports.credentials.find(database)
    if isinstance(credentials, Unseen):
        return _Inside.unseen(credentials.reason)
    session = server.log_in(credentials.value, database.database_names)
    if isinstance(session, Unseen):
        return _Inside.unseen(session.reason)
    with closing(session.value) as open_session:
        return _Inside(
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
    return Seen(value=merged(views))
