"""One database server on the wire: what it answers before anybody logs in."""

import os
import socket
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager

from rds_tls_audit.adapters.postgres.limits import Limits
from rds_tls_audit.adapters.postgres.session import Session, SessionError
from rds_tls_audit.adapters.postgres.sockets import (
    Address,
    BoundedTlsSocket,
    connect,
    receive,
    resolve,
    send,
)
from rds_tls_audit.adapters.postgres.tls import TlsContexts, trust_of
from rds_tls_audit.evidence.credentials import Credentials
from rds_tls_audit.evidence.handshake import Handshake, TlsStartup
from rds_tls_audit.evidence.observation import Trust
from rds_tls_audit.evidence.observed import Observed, Seen, Unseen
from rds_tls_audit.fleet.database import Endpoint
from rds_tls_audit.protocol import client_hello, startup
from rds_tls_audit.protocol.client_hello import NotTlsError, Offer, OfferAnswer
from rds_tls_audit.protocol.startup import NotPostgresError, Reply
from rds_tls_audit.text import escape


class TlsNotOfferedError(OSError):
    """The server answers the request for TLS with anything but yes."""


class Server:
    """A server to speak to, within bounds; opens a connection for each question."""

    def __init__(self, *, dial: Endpoint, host: str, contexts: TlsContexts, bounds: Limits) -> None:
        """Connect to `dial`, verify for `host`; nothing is sent yet."""
        self.host = host
        self.bounds = bounds
        self.connections = 0
        """How many were opened, or tried."""
        self.reached = False
        """Whether any of them came about."""
        self._dial = dial
        self._contexts = contexts
        self._addresses: tuple[Address, ...] = ()
        self._verified: BoundedTlsSocket | None = None

    def send_startup_plaintext(self, message: bytes) -> Observed[Reply]:
        """Send a startup message without TLS."""
        return _observed(lambda: self._send_startup_plaintext(message))

    def send_startup_over_tls(self, message: bytes | None) -> Observed[TlsStartup]:
        """Shake hands with whatever is served; send a startup message where one is given."""
        return _observed(lambda: self._send_startup_over_tls(message))

    def offer_hello(self, offer: Offer) -> Observed[OfferAnswer]:
        """Send a hello that offers this and nothing else."""
        return _observed(lambda: self._offer_hello(offer))

    def verify_handshake(self) -> Observed[Handshake]:
        """Shake hands and verify the certificate; a connection that may log in stays open."""
        return _observed(self._verify_handshake)

    def log_in(self, credentials: Credentials, databases: Sequence[str]) -> Observed[Session]:
        """Log in over verified TLS, to the first of these databases that lets us in."""
        reason = "no database to log in to: templates are never used"
        for database in databases:
            try:
                tls = self._verified or self._handshake(self._contexts.verified)
                self._verified = None
                return Seen(value=Session(tls, credentials, database))
            except OSError as error:
                return Unseen(reason=_describe(error))
            except SessionError as error:
                reason = str(error)
                if not error.another_database_may_do:
                    break
        return Unseen(reason=reason)

    def close(self) -> None:
        """Close what `verify` left open."""
        if self._verified is not None:
            self._verified.close()
            self._verified = None

    def _send_startup_plaintext(self, message: bytes) -> Reply:
        with self._connected() as plain:
            send(plain, message, self.bounds)
            return _first_reply(lambda size: receive(plain, size, self.bounds))

    def _send_startup_over_tls(self, message: bytes | None) -> TlsStartup:
        with closing(self._handshake(self._contexts.unverified)) as tls:
            certificate = tls.getpeercert(binary_form=True)
            if message is None:
                reply: Observed[Reply] = Unseen(reason="not asked")
                return TlsStartup(reply=reply, certificate=certificate, tls=tls.negotiated())

            def ask() -> Reply:
                tls.sendall(message)
                return _first_reply(tls.receive)

            return TlsStartup(reply=_observed(ask), certificate=certificate, tls=tls.negotiated())

    def _offer_hello(self, offer: Offer) -> OfferAnswer:
        hello = client_hello.build_client_hello(offer, self.host, os.urandom(32))
        with self._connected() as plain:
            self._request_tls(plain)
            send(plain, hello, self.bounds)
            header = receive(plain, client_hello.RECORD_HEADER_BYTES, self.bounds)
            record = receive(plain, client_hello.record_length(header), self.bounds)
            return client_hello.parse_answer(offer, header, record)

    def _verify_handshake(self) -> Handshake:
        try:
            self._verified = self._handshake(self._contexts.verified)
        except ssl.SSLCertVerificationError as error:
            return Handshake(trust=trust_of(error), detail=error.verify_message)
        except ssl.SSLError as error:
            return self._verify_any_protocol(_describe(error))
        return _verified(self._verified, may_log_in=True)

    def _verify_any_protocol(self, why_not_log_in: str) -> Handshake:
        try:
            with closing(self._handshake(self._contexts.verified_any_protocol)) as tls:
                return _verified(tls, detail=why_not_log_in)
        except ssl.SSLCertVerificationError as error:
            return Handshake(trust=trust_of(error), detail=error.verify_message)

    def _handshake(self, context: ssl.SSLContext) -> BoundedTlsSocket:
        plain = self._connect()
        try:
            self._request_tls(plain)
            tls = context.wrap_socket(
                plain, server_hostname=self.host, do_handshake_on_connect=False
            )
        except BaseException:
            plain.close()
            raise
        # Only an SSLSocket may ever carry a password.
        if not isinstance(tls, BoundedTlsSocket):
            tls.close()
            raise TypeError("the TLS context makes sockets of another class")
        try:
            tls.handshake(self.bounds)
        except BaseException:
            tls.close()
            raise
        return tls

    def _request_tls(self, plain: socket.socket) -> None:
        send(plain, startup.SSL_REQUEST, self.bounds)
        # One byte alone: what follows before the handshake would be unprotected.
        answer = receive(plain, 1, self.bounds)
        if answer == startup.TLS_NOT_OFFERED:
            raise TlsNotOfferedError("TLS is off on the server")
        if answer != startup.TLS_OFFERED:
            raise TlsNotOfferedError("the server does not answer the request for TLS")

    def _connect(self) -> socket.socket:
        if not self._addresses:
            self._addresses = resolve(self._dial, self.bounds)
        self.connections += 1
        plain = connect(self._dial, self._addresses, self.bounds)
        self.reached = True
        return plain

    @contextmanager
    def _connected(self) -> Iterator[socket.socket]:
        with closing(self._connect()) as plain:
            yield plain


def _verified(tls: BoundedTlsSocket, *, detail: str = "", may_log_in: bool = False) -> Handshake:
    return Handshake(
        trust=Trust.VERIFIED,
        detail=detail,
        certificate=tls.getpeercert(binary_form=True),
        root=tls.get_verified_chain()[-1],
        tls=tls.negotiated(),
        may_log_in=may_log_in,
    )


def _first_reply(read: Callable[[int], bytes]) -> Reply:
    header = read(startup.HEADER_BYTES)
    if not header:
        raise ConnectionResetError("the server closes the connection without an answer")
    length = startup.body_length(header)
    body = read(length)
    if len(body) < length:
        raise ConnectionResetError("the server closes the connection within its answer")
    return startup.parse_reply(header, body)


def _observed[T](look: Callable[[], T]) -> Observed[T]:
    try:
        return Seen(value=look())
    except (OSError, NotPostgresError, NotTlsError) as error:
        return Unseen(reason=_describe(error))


def _describe(error: Exception) -> str:
    if isinstance(error, ssl.SSLError):
        return escape(f"TLS fails: {error.reason or error}")
    if isinstance(error, TimeoutError):
        return "no answer within the deadline"
    if isinstance(error, ConnectionError):
        return escape(f"the connection breaks off: {error.strerror or error}")
    return escape(str(error))
